/**
 * The hidden layer of the shipped model: a radial basis function network over the linear part.
 *
 * A unit m answers h_m(x) = exp(beta (z . c_m - 1)), z the direction of the profile in the linear
 * part and c_m one of the typical tastes. The output weights a (units x items) that give a profile
 * back from a part of it are a kernel ridge regression on landmarks (Rudi et al. 2015, equation 8):
 *
 *     a = (H^T H + lambda K)^-1 H^T X,    K_mn = exp(beta (c_m . c_n - 1))
 *
 * with H the answers to the users' profiles, a share of each hidden. They are cut down to the leading
 * principal components V of the predictions H a, and leave as mixing = a V and rows = V.
 */
import { UsherError } from "../../release/error.ts";
import { multiplyInto, transposed, upload } from "../backend.ts";
import { choleskyInPlace, choleskySolve } from "../cholesky.ts";
import type { Csr } from "../csr.ts";
import { leadingEigen } from "../eigen.ts";
import { seededRandom } from "../random.ts";
import { sphericalCentres } from "./centres.ts";
import type { LinearFactors } from "./linear-factors.ts";

export interface HiddenSettings {
  /** Hidden units, at most; 0 for a linear model. */
  units: number;
  /** beta: how fast a unit falls off around its centre. */
  sharpness: number;
  /** lambda. */
  ridge: number;
  /** Share of a profile hidden from the input. */
  dropout: number;
  /** Principal components kept, at most. */
  outputs: number;
}

export interface HiddenLayer {
  units: number;
  outputs: number;
  /** c: units x rank of the linear part, unit rows. */
  centres: Float32Array;
  /** units x outputs. */
  mixing: Float32Array;
  /** V: items x outputs. */
  rows: Float32Array;
}

/** Users answered for at once. */
const BLOCK = 1_000;
/** Times that every profile is seen, each time with another part of it hidden. */
const COPIES = 2;
/**
 * Added to the diagonal, to keep the smallest eigenvalues of the system above the rounding of float32
 * sums: many units in few dimensions answer nearly alike and need more of it.
 */
const JITTERS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/** Fits the layer to `train` (users x items, values are weights). The same seed gives the same. */
export function hiddenLayer(
  train: Csr,
  linear: LinearFactors,
  settings: HiddenSettings,
  seed: number,
): HiddenLayer {
  const random = seededRandom(seed);
  const kept = new Uint8Array(train.indices.length).fill(1);
  const whole = directions(train, linear, kept);
  const centres = sphericalCentres(whole, linear.rank, settings.units, random);
  const layer = { rank: linear.rank, centres, sharpness: settings.sharpness };
  const moments = new Moments(centres.length / linear.rank, train.cols);
  for (let copy = 0; copy < COPIES; copy++) {
    for (let at = 0; at < kept.length; at++) kept[at] = random() < settings.dropout ? 0 : 1;
    const seen = directions(train, linear, kept);
    for (let start = 0; start < train.rows; start += BLOCK) {
      const size = Math.min(BLOCK, train.rows - start);
      const block = seen.subarray(start * linear.rank, (start + size) * linear.rank);
      moments.add(train, start, answers(layer, block));
    }
  }
  return { ...moments.solve(answers(layer, centres), settings, random), centres };
}

/** Where each profile points in the linear part, what is not `kept` left out: users x rank. */
function directions(train: Csr, { rank, rows }: LinearFactors, kept: Uint8Array): Float32Array {
  const out = new Float32Array(train.rows * rank);
  for (let user = 0; user < train.rows; user++) {
    const sum = out.subarray(user * rank, (user + 1) * rank);
    for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
      if (kept[at] === 0) continue;
      const base = train.indices[at]! * rank;
      for (let k = 0; k < rank; k++) sum[k]! += train.values[at]! * rows[base + k]!;
    }
    let square = 0;
    for (let k = 0; k < rank; k++) square += sum[k]! ** 2;
    const length = Math.sqrt(square);
    if (length > 0) for (let k = 0; k < rank; k++) sum[k]! /= length;
  }
  return out;
}

/** h of each of the given unit vectors: vectors x units. */
function answers(
  layer: { rank: number; centres: Float32Array; sharpness: number },
  vectors: Float32Array,
): Float32Array {
  const { rank, centres, sharpness } = layer;
  const units = centres.length / rank;
  const upright = upload(centres, units, rank);
  const across = transposed(upright);
  const left = upload(vectors, vectors.length / rank, rank);
  const out = new Float32Array((vectors.length / rank) * units);
  multiplyInto(left, across, out);
  for (const matrix of [upright, across, left]) matrix.dispose();
  for (let at = 0; at < out.length; at++) out[at] = Math.exp(sharpness * (out[at]! - 1));
  return out;
}

/** The sums H^T H and H^T X over all users and copies, and what follows from them. */
class Moments {
  readonly #units: number;
  readonly #items: number;
  readonly #gram: Float64Array; // H^T H: units x units
  readonly #targets: Float32Array; // X^T H: items x units

  constructor(units: number, items: number) {
    this.#units = units;
    this.#items = items;
    this.#gram = new Float64Array(units * units);
    this.#targets = new Float32Array(items * units);
  }

  /** Adds one block of users, from row `first` of `train` on, by their answers. */
  add(train: Csr, first: number, block: Float32Array): void {
    const units = this.#units;
    const size = block.length / units;
    const left = upload(block, size, units);
    const leftT = transposed(left);
    const gram = new Float32Array(units * units);
    multiplyInto(leftT, left, gram);
    left.dispose();
    leftT.dispose();
    for (let at = 0; at < gram.length; at++) this.#gram[at]! += gram[at]! / COPIES;
    for (let row = 0; row < size; row++) {
      const own = row * units;
      for (let at = train.offsets[first + row]!; at < train.offsets[first + row + 1]!; at++) {
        const base = train.indices[at]! * units;
        const weight = train.values[at]! / COPIES;
        for (let m = 0; m < units; m++) this.#targets[base + m]! += weight * block[own + m]!;
      }
    }
  }

  /** @param kernel K: units x units */
  solve(kernel: Float32Array, settings: HiddenSettings, random: () => number) {
    const units = this.#units;
    const system = this.#factor(kernel, settings.ridge);
    // a V and its images, for any V: items x width.
    const weigh = (basis: Float32Array, width: number) => {
      const out = Float64Array.from(this.#across(basis, width));
      choleskySolve(system, units, out, width);
      return out;
    };
    const outputs = Math.min(settings.outputs, units, this.#items);
    const { vectors } = leadingEigen({
      size: this.#items,
      count: outputs,
      random,
      iterations: 4,
      // (H a)^T (H a) V = T S^-1 G S^-1 T^T V, with T the targets, S the system and G the gram.
      multiply: (basis, width) => {
        const half = times(this.#gram, units, weigh(basis, width), width);
        choleskySolve(system, units, half, width);
        return this.#back(half, width);
      },
    });
    const rows = Float32Array.from(vectors);
    return { units, outputs, rows, mixing: Float32Array.from(weigh(rows, outputs)) };
  }

  /** The Cholesky factor of H^T H + lambda K, with as little added to its diagonal as it takes. */
  #factor(kernel: Float32Array, ridge: number): Float64Array {
    const units = this.#units;
    for (const jitter of JITTERS) {
      const system = this.#gram.map((value, at) => value + ridge * kernel[at]!);
      for (let m = 0; m < units; m++) system[m * units + m]! *= 1 + jitter;
      if (choleskyInPlace(system, units) === 0) return system;
    }
    throw new UsherError(
      "TRAINING_DIVERGED",
      `The hidden layer's ${units} units cannot be told apart. Train with fewer ("usher tune" tries some).`,
    );
  }

  /** T^T V: units x width. */
  #across(basis: Float32Array, width: number): Float32Array {
    const targets = upload(this.#targets, this.#items, this.#units);
    const across = transposed(targets);
    const right = upload(basis, this.#items, width);
    const out = new Float32Array(this.#units * width);
    multiplyInto(across, right, out);
    for (const matrix of [targets, across, right]) matrix.dispose();
    return out;
  }

  /** T W: items x width. */
  #back(values: Float64Array, width: number): Float32Array {
    const targets = upload(this.#targets, this.#items, this.#units);
    const right = upload(Float32Array.from(values), this.#units, width);
    const out = new Float32Array(this.#items * width);
    multiplyInto(targets, right, out);
    targets.dispose();
    right.dispose();
    return out;
  }
}

/** A product in float64: size x size times size x width. */
function times(
  matrix: Float64Array,
  size: number,
  values: Float64Array,
  width: number,
): Float64Array {
  const out = new Float64Array(size * width);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = matrix[i * size + k]!;
      for (let c = 0; c < width; c++) out[i * width + c]! += factor * values[k * width + c]!;
    }
  }
  return out;
}
