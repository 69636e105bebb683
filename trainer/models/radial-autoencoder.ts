/**
 * The model that Usher ships: a linear autoencoder (`linear-factors.ts`) and, over its code of a
 * profile, a radial basis function layer (`hidden-layer.ts`), summed. Both are fitted to give a
 * profile back from a part of it, both have linear outputs, so that a score is one product of an
 * encoded profile (`encode.ts`) and an item's row. The equations and how this came to be the choice:
 * docs/models.md.
 */

import { UsherError } from "../../release/error.ts";
import { snapRows } from "../../release/model.ts";
import { type Matrix, multiplyInto, openBackend, transposed, upload } from "../backend.ts";
import type { Csr } from "../csr.ts";
import { encodeProfiles } from "./encode.ts";
import { type HiddenLayer, type HiddenSettings, hiddenLayer } from "./hidden-layer.ts";
import { type LinearFactors, type LinearSettings, linearFactors } from "./linear-factors.ts";
import type { FitContext, FitReport, Recommender, ServedModel } from "./model.ts";

export interface RadialSettings extends LinearSettings, HiddenSettings {
  /** Share of the linear part in the sum, 0..1. */
  linearShare: number;
}

/** Settings by the data's size; found on MovieLens small, 100K and 1M. */
function defaultSettings(train: Csr): RadialSettings {
  const large = train.indices.length >= 500_000;
  return {
    rank: large ? 192 : 64,
    lambda: large ? 200 : 50,
    emphasis: 0.5,
    activityDamping: large ? 0.75 : 0.5,
    units: large ? 1024 : 256,
    sharpness: large ? 2.5 : 2,
    ridge: large ? 0.7 : 1.5,
    dropout: 0.3,
    outputs: large ? 256 : 64,
    linearShare: 0.55,
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
    const settings = { ...defaultSettings(train), ...this.#given };
    this.#settings = settings;
    const linear = linearFactors(train, settings, context.seed);
    context.signal?.throwIfAborted();
    const hidden = settings.units > 0 ? hiddenLayer(train, linear, settings, context.seed) : NONE;
    this.#served = joined(linear, hidden, settings);
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

/** Both parts side by side, each dimension in its own unit, the rows on the grid of 8 bits. */
function joined(
  linear: LinearFactors,
  hidden: HiddenLayer,
  { sharpness, linearShare }: RadialSettings,
): ServedModel {
  const items = linear.outputs.length;
  const { rank } = linear;
  const dimensions = rank + hidden.outputs;
  const rows = new Float32Array(items * dimensions);
  const inputs = new Float32Array(items);
  for (let item = 0; item < items; item++) {
    const output = linear.outputs[item]!;
    inputs[item] = 1 / output;
    for (let k = 0; k < rank; k++) {
      rows[item * dimensions + k] = linear.rows[item * rank + k]! * output;
    }
    const own = hidden.rows.subarray(item * hidden.outputs, (item + 1) * hidden.outputs);
    rows.set(own, item * dimensions + rank);
  }
  const stretch = takeUnits(rows, dimensions);
  snapRows(rows, items);
  const share = (1 - linearShare) / linearShare;
  return {
    items,
    dimensions,
    linear: rank,
    hidden: hidden.units,
    rows,
    inputs,
    stretch,
    centres: hidden.centres,
    sharpness,
    mixing: hidden.mixing.map((value) => value * share),
  };
}

/** Divides each column by its root mean square, in place, and gives these. */
function takeUnits(rows: Float32Array, dimensions: number): Float32Array {
  const units = new Float32Array(dimensions);
  rows.forEach((value, at) => {
    units[at % dimensions]! += value * value;
  });
  const count = rows.length / dimensions;
  for (let d = 0; d < dimensions; d++) units[d] = Math.sqrt(units[d]! / count) || 1;
  for (let at = 0; at < rows.length; at++) rows[at]! /= units[at % dimensions]!;
  return units;
}

function transposeOf({ rows, items, dimensions }: ServedModel): Matrix {
  const matrix = upload(rows, items, dimensions);
  const result = transposed(matrix);
  matrix.dispose();
  return result;
}
