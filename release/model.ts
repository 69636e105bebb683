/** The model that the edge folds profiles into, quantised. FORMAT.md, "Model". */
import { Sections, type ValueBytes, writeContainer } from "./container.ts";
import { UsherError } from "./error.ts";

const KIND = { magic: "USHM", version: 1, name: "model" };
/** Kinds of model by their number in the value. */
const LINEAR = 1;

/**
 * Writes a linear autoencoder: unit rows A, items x dimensions, so that a profile x scores
 * x(AAᵀ − I) (Vančura et al. 2022, ELSA, eq. 4).
 *
 * Each row is quantised to 8 bits with a scale of its own: an element is `byte * scale`.
 */
export function buildLinearModel(rows: Float32Array, items: number, dimensions: number) {
  const bytes = new Int8Array(items * dimensions);
  const scales = new Float32Array(items);
  for (let item = 0; item < items; item++) {
    const row = rows.subarray(item * dimensions, (item + 1) * dimensions);
    scales[item] = quantiseRow(row, bytes.subarray(item * dimensions));
  }
  const info = Uint32Array.of(LINEAR, items, dimensions);
  return writeContainer(KIND, { INFO: info, ROWS: bytes, SCAL: scales });
}

function quantiseRow(row: Float32Array, out: Int8Array): number {
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  if (!Number.isFinite(largest)) {
    throw new UsherError("MODEL_NOT_FINITE", "The model has weights that are not numbers.");
  }
  const scale = largest / 127;
  for (let at = 0; at < row.length; at++) out[at] = scale > 0 ? Math.round(row[at]! / scale) : 0;
  return scale;
}

/** A quantised linear model, read in place. */
export class ModelView {
  readonly kind = "linear";
  readonly items: number;
  readonly dimensions: number;
  /** items x dimensions, row-major; element = byte * scale of its row. */
  readonly rows: Int8Array;
  /** One scale an item. */
  readonly scales: Float32Array;

  private constructor(sections: Sections) {
    const [kind, items = 0, dimensions = 0] = sections.get("INFO", "u32", 3);
    if (kind !== LINEAR) {
      throw new UsherError(
        "MODEL_KIND",
        `This model is of kind ${kind}, which this code does not know. Deploy the code that made the release.`,
      );
    }
    this.items = items;
    this.dimensions = dimensions;
    this.rows = sections.get("ROWS", "i8", items * dimensions);
    this.scales = sections.get("SCAL", "f32", items);
  }

  /** @throws UsherError `VALUE_DAMAGED`, `VALUE_VERSION`, `MODEL_KIND`. */
  static from(value: ValueBytes, { verify = true } = {}): ModelView {
    return new ModelView(new Sections(value, KIND, verify));
  }
}
