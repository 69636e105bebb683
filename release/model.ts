/**
 * The model that the edge folds profiles into, quantised. FORMAT.md, "Model".
 *
 * A score is one product, score(i) = u(x) . v_i, where v_i is the row of item i and u(x) the encoded
 * profile (`encode.ts` has its equations). Both have a linear part and, beside it, one that comes
 * from a hidden layer:
 *
 * | dimensions | of an item's row | of the user vector |
 * |---|---|---|
 * | the first `linear` | what goes with it, in closed form | sum of the rows of the profile's items |
 * | the next `outputs` | output weights | hidden layer over the first part |
 */
import { Sections, type ValueBytes, writeContainer } from "./container.ts";
import { UsherError } from "./error.ts";

/** The format version that this code writes and reads. */
export const MODEL_VERSION = 2;
const KIND = { magic: "USHM", version: MODEL_VERSION, name: "model" };

/** A model in float32: what the trainer fits and the builder quantises. Matrices are row-major. */
export interface ModelWeights {
  readonly items: number;
  /** Length of a row and of a user vector: linear + outputs. */
  readonly dimensions: number;
  /** Dimensions of the linear part. */
  readonly linear: number;
  /** Units of the hidden layer; 0 in a linear model. */
  readonly hidden: number;
  /** v: items x dimensions. */
  readonly rows: Float32Array;
  /** Factor with which an item's row enters the user vector: items. */
  readonly inputs: Float32Array;
  /** Unit of each dimension, so that the rows fit 8 bits: dimensions. */
  readonly stretch: Float32Array;
  /** Centres of the hidden units, of length one: hidden x linear. */
  readonly centres: Float32Array;
  /** How fast a hidden unit falls off around its centre. */
  readonly sharpness: number;
  /** What each hidden unit adds to the user vector: hidden x (dimensions - linear). */
  readonly mixing: Float32Array;
}

/** A linear model as weights: items that point where their rows do, and no hidden layer (x A A^T). */
export function linearWeights(rows: Float32Array, dimensions: number): ModelWeights {
  const items = rows.length / dimensions;
  return {
    items,
    dimensions,
    linear: dimensions,
    hidden: 0,
    rows,
    inputs: new Float32Array(items).fill(1),
    stretch: new Float32Array(dimensions).fill(1),
    centres: new Float32Array(0),
    sharpness: 1,
    mixing: new Float32Array(0),
  };
}

/**
 * Writes a model: a container of
 *
 * | section | elements | |
 * |---|---|---|
 * | `INFO` | 4 u32 | items, dimensions, linear, hidden |
 * | `ROWS` | items x dimensions i8 | v, an element is `byte * SCAL[item]` |
 * | `SCAL` | items f32 | scale of each row |
 * | `INPT` | items f32 | factor of the bytes of a row in the user vector (its scale included) |
 * | `STRC` | dimensions f32 | unit of each dimension |
 * | `CENT` | hidden x linear f32 | centres of the hidden units |
 * | `SHRP` | 1 f32 | sharpness |
 * | `MIXG` | hidden x (dimensions - linear) f32 | what each hidden unit adds to the user vector |
 *
 * @throws UsherError `MODEL_NOT_FINITE`.
 */
export function buildModel(weights: ModelWeights): ArrayBuffer {
  const { items, dimensions, linear, hidden, inputs, stretch, centres, mixing } = weights;
  const { bytes, scales } = quantise(weights.rows, items);
  const sharpness = Float32Array.of(weights.sharpness);
  for (const exact of [inputs, stretch, centres, sharpness, mixing]) requireFinite(exact);
  return writeContainer(KIND, {
    INFO: Uint32Array.of(items, dimensions, linear, hidden),
    ROWS: bytes,
    SCAL: scales,
    INPT: inputs.map((factor, item) => factor * scales[item]!),
    STRC: stretch,
    CENT: centres,
    SHRP: sharpness,
    MIXG: mixing,
  });
}

/**
 * Moves every row to the nearest one that 8 bits and a scale can hold, in place. A trainer that does
 * so before it scores lists gives what the edge gives.
 *
 * @throws UsherError `MODEL_NOT_FINITE`.
 */
export function snapRows(values: Float32Array, rows: number): void {
  const { bytes, scales } = quantise(values, rows);
  const width = values.length / rows;
  for (let at = 0; at < values.length; at++) {
    values[at] = bytes[at]! * scales[Math.floor(at / width)]!;
  }
}

/** Each row to 8 bits with a scale of its own: an element is `byte * scale`. */
function quantise(values: Float32Array, rows: number): { bytes: Int8Array; scales: Float32Array } {
  requireFinite(values);
  const width = values.length / rows;
  const bytes = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let largest = 0;
    for (let at = start; at < start + width; at++)
      largest = Math.max(largest, Math.abs(values[at]!));
    if (largest === 0) continue;
    scales[row] = largest / 127;
    for (let at = start; at < start + width; at++) {
      bytes[at] = Math.round((values[at]! / largest) * 127);
    }
  }
  return { bytes, scales };
}

function requireFinite(values: Float32Array): void {
  if (values.every(Number.isFinite)) return;
  throw new UsherError(
    "MODEL_NOT_FINITE",
    "The model has weights that are not numbers: its training broke. Look for values out of range in the dataset, or train again with another seed.",
  );
}

/** A quantised model, read in place; the fields are those of `ModelWeights`. */
export class ModelView {
  readonly items: number;
  readonly dimensions: number;
  readonly linear: number;
  readonly hidden: number;
  /** items x dimensions, row-major; element = byte * scale of its row. */
  readonly rows: Int8Array;
  /** One scale an item. */
  readonly scales: Float32Array;
  /** Factor of a row's bytes in the user vector, one an item. */
  readonly inputs: Float32Array;
  readonly stretch: Float32Array;
  readonly centres: Float32Array;
  readonly sharpness: number;
  readonly mixing: Float32Array;

  private constructor(sections: Sections) {
    const [items = 0, dimensions = 0, linear = 0, hidden = 0] = sections.get("INFO", "u32", 4);
    if (linear > dimensions) {
      throw sections.damaged(`${linear} of its ${dimensions} dimensions are said to be linear`);
    }
    this.items = items;
    this.dimensions = dimensions;
    this.linear = linear;
    this.hidden = hidden;
    this.rows = sections.get("ROWS", "i8", items * dimensions);
    this.scales = sections.get("SCAL", "f32", items);
    this.inputs = sections.get("INPT", "f32", items);
    this.stretch = sections.get("STRC", "f32", dimensions);
    this.centres = sections.get("CENT", "f32", hidden * linear);
    this.sharpness = sections.get("SHRP", "f32", 1)[0]!;
    this.mixing = sections.get("MIXG", "f32", hidden * (dimensions - linear));
  }

  /** @throws UsherError `VALUE_DAMAGED`, `VALUE_VERSION`. */
  static from(value: ValueBytes, { verify = true } = {}): ModelView {
    return new ModelView(new Sections(value, KIND, verify));
  }
}
