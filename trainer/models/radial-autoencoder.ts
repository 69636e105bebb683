/**
 * The model that Usher ships: a linear autoencoder (`linear-factors.ts`) and, over its code of a
 * profile, a radial basis function layer (`hidden-layer.ts`), summed. Both are fitted to give a
 * profile back from a part of it, both have linear outputs, so that a score is one product of an
 * encoded profile (`encode.ts`) and an item's row. The equations and how this came to be the choice:
 * docs/models.md.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { UsherError } from "../../release/error.ts";
import { snapRows } from "../../release/model.ts";
import { type Matrix, multiplyInto, openBackend, transposed, upload } from "../backend.ts";
import { type Csr, selectRows } from "../csr.ts";
import { encodeProfiles } from "./encode.ts";
import { type HiddenLayer, type HiddenSettings, hiddenLayer } from "./hidden-layer.ts";
import { type LinearFactors, type LinearSettings, linearFactors } from "./linear-factors.ts";
import type { FitContext, FitReport, Recommender, ServedModel } from "./model.ts";

export interface RadialSettings extends LinearSettings, HiddenSettings {
  /** Share of the linear part in the sum, 0..1. */
  linearShare: number;
}

/** Settings by the data's size; found on the validation users of MovieLens small, 100K and 1M. */
function defaultSettings(train: Csr): RadialSettings {
  const always = { fade: 0.5, emphasis: 0.5, activityDamping: 0.5, dropout: 0.3 };
  if (train.indices.length >= 500_000) {
    return {
      ...always,
      rank: 192,
      lambda: 200,
      units: 1024,
      sharpness: 2.5,
      ridge: 0.7,
      outputs: 256,
      linearShare: 0.6,
    };
  }
  if (train.cols > 4 * train.rows) return { ...always, ...wideSettings(train.cols) };
  return {
    ...always,
    rank: 96,
    lambda: 50,
    units: 256,
    sharpness: 2,
    ridge: 1.5,
    outputs: 64,
    linearShare: 0.55,
  };
}

/**
 * Many more items than users: little is known of most, and more of it lies in the last eigenpairs,
 * which fade out instead of being cut. Rows are shorter where there are so many that each fold-in
 * would feel it.
 */
function wideSettings(items: number) {
  const many = items > 20_000;
  return {
    emphasis: 0.33,
    fade: 1,
    rank: many ? 200 : 400,
    lambda: 100,
    units: 512,
    sharpness: 1,
    ridge: 0.2,
    outputs: many ? 128 : 256,
    linearShare: 0.7,
  };
}

export class RadialAutoencoder implements Recommender {
  readonly name = "radial-autoencoder";
  readonly kind = "neural";
  readonly #given: Partial<RadialSettings>;
  #settings: RadialSettings | undefined;
  #served: ServedModel | undefined;
  /** The rows' transpose on the backend, made when first scored. */
  #rowsT: Matrix | undefined;

  /** @param settings what to set by hand; the rest follows the data's size */
  constructor(settings: Partial<RadialSettings> = {}) {
    this.#given = settings;
  }

  async fit(train: Csr, context: FitContext): Promise<FitReport> {
    const started = performance.now();
    await openBackend();
    this.dispose();
    const settings = { ...defaultSettings(context.sizedBy ?? train), ...this.#given };
    this.#settings = settings;
    const linear = linearFactors(train, settings, context.seed);
    await nextTurn();
    context.signal?.throwIfAborted();
    const hidden =
      settings.units > 0 && linear.rank > 0
        ? hiddenLayer(train, linear, settings, context.seed)
        : NONE;
    this.#served = quantised(joined(linear, hidden, settings), train);
    return { seconds: (performance.now() - started) / 1000, epochs: 0, curve: [] };
  }

  score(profiles: Csr, out: Float32Array): void {
    const served = this.#served;
    if (served === undefined) {
      throw new UsherError("MODEL_NOT_FITTED", "radial-autoencoder: fit it before scoring.");
    }
    if (profiles.rows === 0) return;
    this.#rowsT ??= transposeOf(served);
    const users = new Float32Array(profiles.rows * served.dimensions);
    encodeProfiles(served, profiles, users);
    const left = upload(users, profiles.rows, served.dimensions);
    multiplyInto(left, this.#rowsT, out);
    left.dispose();
  }

  settings(): Record<string, unknown> {
    return { ...this.#settings };
  }

  served(): ServedModel | undefined {
    return this.#served;
  }

  dispose(): void {
    this.#rowsT?.dispose();
    this.#rowsT = undefined;
  }
}

/** The hidden layer of a model that has none. */
const NONE: HiddenLayer = {
  units: 0,
  outputs: 0,
  centres: new Float32Array(0),
  mixing: new Float32Array(0),
  rows: new Float32Array(0),
};

/** Both parts side by side. */
function joined(
  linear: LinearFactors,
  hidden: HiddenLayer,
  { sharpness, linearShare }: RadialSettings,
): ServedModel {
  const items = linear.outputs.length;
  const { rank } = linear;
  const dimensions = rank + hidden.outputs;
  const rows = new Float32Array(items * dimensions);
  for (let item = 0; item < items; item++) {
    for (let k = 0; k < rank; k++) {
      rows[item * dimensions + k] = linear.rows[item * rank + k]! * linear.outputs[item]!;
    }
    const own = hidden.rows.subarray(item * hidden.outputs, (item + 1) * hidden.outputs);
    rows.set(own, item * dimensions + rank);
  }
  const share = (1 - linearShare) / linearShare;
  return {
    items,
    dimensions,
    linear: rank,
    hidden: hidden.units,
    rows,
    inputs: linear.outputs.map((output) => 1 / output),
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

function transposeOf({ rows, items, dimensions }: ServedModel): Matrix {
  const matrix = upload(rows, items, dimensions);
  const result = transposed(matrix);
  matrix.dispose();
  return result;
}
