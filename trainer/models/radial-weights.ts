/** The two parts of the shipped model, put together into weights that the edge can hold. */
import { snapRows } from "../../release/model.ts";
import { type Csr, columnCounts, selectRows } from "../csr.ts";
import { encodeProfiles } from "./encode.ts";
import type { HiddenLayer } from "./hidden-layer.ts";
import type { LinearFactors } from "./linear-factors.ts";
import type { ServedModel } from "./model.ts";
import type { RadialSettings } from "./radial-settings.ts";

/** The hidden layer of a model that has none. */
export const NO_HIDDEN_LAYER: HiddenLayer = {
  units: 0,
  outputs: 0,
  centres: new Float32Array(0),
  mixing: new Float32Array(0),
  rows: new Float32Array(0),
};

/** The model of both parts, its rows on the grid of 8 bits; `train` tells how popular items are. */
export function radialWeights(
  linear: LinearFactors,
  hidden: HiddenLayer,
  settings: RadialSettings,
  train: Csr,
): ServedModel {
  const factors = popularityFactors(train, settings.popularityDamping);
  return quantised(joined(linear, hidden, factors, settings), train);
}

/** What each item's scores are multiplied by: 1 for one of mean popularity. */
function popularityFactors(train: Csr, damping: number): Float32Array {
  const mean = Math.max(1, train.indices.length / Math.max(1, train.cols));
  const factor = (count: number) => (Math.max(1, count) / mean) ** -damping;
  return Float32Array.from(columnCounts(train), factor);
}

/** Both parts side by side, each item's row times its factor. */
function joined(
  linear: LinearFactors,
  hidden: HiddenLayer,
  factors: Float32Array,
  { sharpness, linearShare }: RadialSettings,
): ServedModel {
  const items = linear.outputs.length;
  const { rank } = linear;
  const dimensions = rank + hidden.outputs;
  const rows = new Float32Array(items * dimensions);
  const outputs = linear.outputs.map((output, item) => output * factors[item]!);
  for (let item = 0; item < items; item++) {
    const row = rows.subarray(item * dimensions, (item + 1) * dimensions);
    for (let k = 0; k < rank; k++) row[k] = linear.rows[item * rank + k]! * outputs[item]!;
    for (let k = 0; k < hidden.outputs; k++) {
      row[rank + k] = hidden.rows[item * hidden.outputs + k]! * factors[item]!;
    }
  }
  const share = (1 - linearShare) / linearShare;
  return {
    items,
    dimensions,
    linear: rank,
    hidden: hidden.units,
    rows,
    inputs: outputs.map((output) => 1 / output),
    stretch: new Float32Array(dimensions).fill(1),
    centres: hidden.centres,
    sharpness,
    mixing: hidden.mixing.map((value) => value * share),
  };
}

/** Users whose vectors tell how large each dimension gets. */
const SAMPLE = 2_000;

/**
 * The same model with rows on the grid of 8 bits. Each dimension first gets the unit in which rows
 * and user vectors are equally large: rounding then costs the scores the least.
 */
function quantised(model: ServedModel, train: Csr): ServedModel {
  const { items, dimensions } = model;
  const step = Math.max(1, Math.ceil(train.rows / SAMPLE));
  const some = Uint32Array.from({ length: Math.ceil(train.rows / step) }, (_, at) => at * step);
  const users = new Float32Array(some.length * dimensions);
  encodeProfiles(model, selectRows(train, some), users);
  const large = columnLengths(users, dimensions);
  const stretch = columnLengths(model.rows, dimensions).map((length, d) => {
    const ratio = length / Math.sqrt(items) / (large[d]! / Math.sqrt(some.length));
    return ratio > 0 && Number.isFinite(ratio) ? Math.sqrt(ratio) : 1;
  });
  const rows = model.rows.map((value, at) => value / stretch[at % dimensions]!);
  snapRows(rows, items);
  return { ...model, rows, stretch };
}

function columnLengths(values: Float32Array, columns: number): Float32Array {
  const squares = new Float32Array(columns);
  values.forEach((value, at) => {
    squares[at % columns]! += value * value;
  });
  return squares.map(Math.sqrt);
}
