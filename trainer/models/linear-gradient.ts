/**
 * Loss and gradient of the linear autoencoder ELSA (Vancura et al., RecSys 2022, "Scalable Linear
 * Shallow Autoencoder for Collaborative Filtering", equation 5) without a users x items matrix.
 *
 * With item vectors A (items x d, unit rows), an input x' (the profile after dropout) and its target
 * x, the model answers y = x'(A A^T - I), and a user's loss is the squared distance between x and y,
 * each scaled to length one: 2 - 2 p / (sqrt(q) |x|) with p = x.y and q = y.y. Both inner products
 * need only h = x'A, g = xA and the small matrix K = A^T A:
 *
 *     p = h.g - x'.x          q = h K h^T - 2 h.h + x'.x'
 *
 * so that a step costs 4 items d^2 + O(interactions d) whatever the batch, where the textbook way
 * costs 6 batch items d and a batch x items matrix. The test keeps the textbook as the oracle.
 */
import { multiplyInto, transposed, upload } from "../backend.ts";
import type { Csr } from "../csr.ts";

/** Users of `train` that make up one step, and which of their interactions the input keeps. */
export interface Batch {
  /** Row numbers in `train`. */
  users: Uint32Array;
  /** 1 where the input keeps an interaction, 0 where dropout hides it; one entry per stored value. */
  kept: Uint8Array;
}

/** Scratch arrays of one fit, so that a step allocates nothing in JavaScript. */
export class LinearGradient {
  readonly #dimensions: number;
  readonly #inputs: Float32Array; // h: batch x d
  readonly #targets: Float32Array; // g: batch x d
  readonly #projected: Float32Array; // hK: batch x d
  readonly #scaled: Float32Array; // h times 2 dL/dq: batch x d
  readonly #overlap: Float32Array; // x'.x' = x'.x, for weights of 1: one per user
  readonly #squares: Float32Array; // x.x: one per user
  readonly #gram: Float32Array; // K: d x d
  readonly #spread: Float32Array; // sum of 2 dL/dq h^T h: d x d

  constructor(dimensions: number, batchSize: number) {
    this.#dimensions = dimensions;
    this.#inputs = new Float32Array(batchSize * dimensions);
    this.#targets = new Float32Array(batchSize * dimensions);
    this.#projected = new Float32Array(batchSize * dimensions);
    this.#scaled = new Float32Array(batchSize * dimensions);
    this.#overlap = new Float32Array(batchSize);
    this.#squares = new Float32Array(batchSize);
    this.#gram = new Float32Array(dimensions * dimensions);
    this.#spread = new Float32Array(dimensions * dimensions);
  }

  /**
   * Mean loss of the batch; `gradient` (items x d) is overwritten with dL/dA.
   *
   * @param rows A: items x d, unit rows
   */
  compute(train: Csr, batch: Batch, rows: Float32Array, gradient: Float32Array): number {
    const d = this.#dimensions;
    const size = batch.users.length;
    this.#gather(train, batch, rows);
    const items = upload(rows, train.cols, d);
    const itemsT = transposed(items);
    multiplyInto(itemsT, items, this.#gram);
    itemsT.dispose();
    const inputs = upload(this.#inputs.subarray(0, size * d), size, d);
    const gram = upload(this.#gram, d, d);
    multiplyInto(inputs, gram, this.#projected);
    gram.dispose();

    const loss = this.#differentiate(size);

    const scaled = upload(this.#scaled.subarray(0, size * d), size, d);
    const scaledT = transposed(scaled);
    multiplyInto(scaledT, inputs, this.#spread);
    const spread = upload(this.#spread, d, d);
    multiplyInto(items, spread, gradient);
    for (const matrix of [items, inputs, scaled, scaledT, spread]) matrix.dispose();
    this.#scatter(train, batch, gradient);
    return loss;
  }

  /** h, g and the inner products of the inputs and targets themselves. */
  #gather(train: Csr, { users, kept }: Batch, rows: Float32Array): void {
    const d = this.#dimensions;
    this.#inputs.fill(0);
    this.#targets.fill(0);
    for (let u = 0; u < users.length; u++) {
      const input = this.#inputs.subarray(u * d, u * d + d);
      const target = this.#targets.subarray(u * d, u * d + d);
      let overlap = 0;
      let squares = 0;
      for (let at = train.offsets[users[u]!]!; at < train.offsets[users[u]! + 1]!; at++) {
        const weight = train.values[at]!;
        // Hidden interactions go to the target alone; the kept ones are added to it once, below.
        addScaled(kept[at] === 1 ? input : target, rows, train.indices[at]! * d, weight);
        squares += weight * weight;
        if (kept[at] === 1) overlap += weight * weight;
      }
      for (let k = 0; k < d; k++) target[k]! += input[k]!;
      this.#overlap[u] = overlap;
      this.#squares[u] = squares;
    }
  }

  /** Mean loss; turns #projected into dL/dh, #targets into dL/dg, fills #scaled. */
  #differentiate(size: number): number {
    const d = this.#dimensions;
    let loss = 0;
    for (let u = 0; u < size; u++) {
      const h = this.#inputs.subarray(u * d, u * d + d);
      const g = this.#targets.subarray(u * d, u * d + d);
      const hK = this.#projected.subarray(u * d, u * d + d);
      const scaled = this.#scaled.subarray(u * d, u * d + d);
      let hg = 0;
      let hh = 0;
      let hKh = 0;
      for (let k = 0; k < d; k++) {
        hg += h[k]! * g[k]!;
        hh += h[k]! * h[k]!;
        hKh += h[k]! * hK[k]!;
      }
      const overlap = this.#overlap[u]!;
      const p = hg - overlap;
      // An answer this short is lost in float32 noise: its length is held, so that it cannot divide
      // by almost nothing, and an input that dropout has emptied (p = 0) moves nothing.
      const shortest = 1e-4 * overlap;
      const exact = hKh - 2 * hh + overlap;
      const q = Math.max(exact, shortest, Number.MIN_VALUE);
      const answered = overlap > 0 ? 1 / (Math.sqrt(q) * Math.sqrt(this.#squares[u]!)) : 0;
      loss += 2 - 2 * p * answered;
      const dp = (-2 / size) * answered;
      const dq = exact > shortest ? (p * answered) / (size * q) : 0;
      for (let k = 0; k < d; k++) {
        const target = g[k]!;
        g[k] = dp * h[k]!;
        hK[k] = dp * target + dq * (2 * hK[k]! - 4 * h[k]!);
        scaled[k] = 2 * dq * h[k]!;
      }
    }
    return loss / size;
  }

  /** dL/dA += x'^T dL/dh + x^T dL/dg. */
  #scatter(train: Csr, { users, kept }: Batch, gradient: Float32Array): void {
    const d = this.#dimensions;
    for (let u = 0; u < users.length; u++) {
      const ofTarget = this.#targets.subarray(u * d, u * d + d);
      const ofInput = this.#projected.subarray(u * d, u * d + d);
      for (let k = 0; k < d; k++) ofInput[k]! += ofTarget[k]!;
      for (let at = train.offsets[users[u]!]!; at < train.offsets[users[u]! + 1]!; at++) {
        const source = kept[at] === 1 ? ofInput : ofTarget;
        const weight = train.values[at]!;
        const base = train.indices[at]! * d;
        for (let k = 0; k < d; k++) gradient[base + k]! += weight * source[k]!;
      }
    }
  }
}

function addScaled(sum: Float32Array, rows: Float32Array, base: number, weight: number): void {
  for (let k = 0; k < sum.length; k++) sum[k]! += weight * rows[base + k]!;
}

/** Scales each row of `raw` (items x d) to length one into `unit`, lengths into `lengths`. */
export function normaliseRows(raw: Float32Array, unit: Float32Array, lengths: Float32Array): void {
  const d = raw.length / lengths.length;
  for (let row = 0; row < lengths.length; row++) {
    const base = row * d;
    let square = 0;
    for (let k = 0; k < d; k++) square += raw[base + k]! * raw[base + k]!;
    const length = Math.sqrt(square);
    lengths[row] = length;
    for (let k = 0; k < d; k++) unit[base + k] = raw[base + k]! / length;
  }
}

/** Turns dL/d(unit rows) into dL/d(raw rows), in place: what moves a row along itself is lost. */
export function throughNormalisation(
  gradient: Float32Array,
  unit: Float32Array,
  lengths: Float32Array,
): void {
  const d = gradient.length / lengths.length;
  for (let row = 0; row < lengths.length; row++) {
    const base = row * d;
    let along = 0;
    for (let k = 0; k < d; k++) along += gradient[base + k]! * unit[base + k]!;
    for (let k = 0; k < d; k++) {
      gradient[base + k] = (gradient[base + k]! - along * unit[base + k]!) / lengths[row]!;
    }
  }
}
