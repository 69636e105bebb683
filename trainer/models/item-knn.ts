/**
 * Item-kNN (Sarwar et al. 2001; shrinkage as in Ferrari Dacrema et al., RecSys 2019): an item is
 * scored by its most similar items among those of the profile,
 *
 *     s_ij = x_i . x_j / (|x_i| |x_j| + shrinkage),   score_j = sum over i in profile of w_i s_ij
 *
 * where i is one of the k nearest neighbours of j and x_i is the item's column. Sparse throughout:
 * memory is k entries an item, time the sum of the squared profile lengths.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { topK } from "../../release/topk.ts";
import { type Csr, transposeCsr } from "../csr.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { climb } from "./climb.ts";
import type { FitContext, FitReport, Recommender } from "./model.ts";

interface ItemKnnSettings {
  /** k: neighbours of an item. */
  neighbours: number;
  /** Added to the denominator: how many co-occurrences it takes to be believed. */
  shrinkage: number;
}

const NEIGHBOURS = [50, 100, 200];
/** Pairs up to which six fits are a matter of a minute. */
const SEARCH_PAIRS = 2e9;
const SHRINKAGES = [0.1, 1, 5, 20, 80];
/** Pairs counted in one go, some tens of milliseconds, or one item's: then an abort is heard. */
const TURN_PAIRS = 2e6;

export class ItemKnn implements Recommender {
  readonly name = "item-knn";
  readonly kind = "baseline";
  #settings: ItemKnnSettings;
  /** Item of the profile to the items whose neighbour it is: items x items. */
  #similarity: Csr | undefined;

  constructor(settings: Partial<ItemKnnSettings> = {}) {
    this.#settings = { neighbours: 100, shrinkage: 5, ...settings };
  }

  /** With validation users: neighbours, then shrinkage, each climbed to the best, unless data is large. */
  async fit(train: Csr, { validation, signal }: FitContext): Promise<FitReport> {
    const started = performance.now();
    const users = transposeCsr(train);
    const learn = async (settings: ItemKnnSettings) => {
      this.#similarity = await similarItems(train, users, settings, signal);
    };
    if (validation !== undefined && pairsIn(train) <= SEARCH_PAIRS) {
      const quality = async (change: Partial<ItemKnnSettings>) => {
        await learn({ ...this.#settings, ...change });
        return validationNdcg(this, validation);
      };
      const { rung: neighbours } = await climb(NEIGHBOURS, (rung) => quality({ neighbours: rung }));
      this.#settings = { ...this.#settings, neighbours };
      const { rung: shrinkage } = await climb(SHRINKAGES, (rung) => quality({ shrinkage: rung }));
      this.#settings = { ...this.#settings, shrinkage };
    }
    const searched = performance.now();
    await learn(this.#settings);
    return {
      seconds: (performance.now() - searched) / 1000,
      searchSeconds: (searched - started) / 1000,
      epochs: 0,
      curve: [],
    };
  }

  score(profiles: Csr, out: Float32Array): void {
    out.fill(0);
    const { offsets, indices, values } = this.#similarity!;
    for (let row = 0; row < profiles.rows; row++) {
      const base = row * profiles.cols;
      for (let at = profiles.offsets[row]!; at < profiles.offsets[row + 1]!; at++) {
        const item = profiles.indices[at]!;
        const weight = profiles.values[at]!;
        for (let to = offsets[item]!; to < offsets[item + 1]!; to++) {
          out[base + indices[to]!]! += weight * values[to]!;
        }
      }
    }
  }

  settings(): Record<string, unknown> {
    return { ...this.#settings };
  }

  served(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#similarity = undefined;
  }
}

/** What the items of one go after another are counted in: one entry an item. */
interface Tally {
  /** x_item . x_other so far; 0 for items that were not met. */
  readonly together: Float32Array;
  /** The items that were met, in the order of meeting. */
  readonly met: Uint32Array;
  /** s_item,other in the same order. */
  readonly similar: Float32Array;
}

/**
 * Similarities s_ij, row i, column j, where i is among the k nearest of j.
 *
 * Rejects with the signal's reason when aborted.
 */
async function similarItems(
  train: Csr,
  users: Csr,
  { neighbours, shrinkage }: ItemKnnSettings,
  signal: AbortSignal | undefined,
): Promise<Csr> {
  const items = train.cols;
  const lengths = columnLengths(users);
  const offsets = new Uint32Array(items + 1);
  const indices: Uint32Array[] = [];
  const values: Float32Array[] = [];
  const tally: Tally = {
    together: new Float32Array(items),
    met: new Uint32Array(items),
    similar: new Float32Array(items),
  };
  let pairs = TURN_PAIRS;
  for (let item = 0; item < items; item++) {
    if (pairs >= TURN_PAIRS) {
      await nextTurn();
      signal?.throwIfAborted();
      pairs = 0;
    }
    pairs += pairsOf(train, users, item);
    const met = meet(train, users, item, tally);
    const similar = takeSimilar(tally, met, item, lengths, shrinkage);
    const nearest = topK(similar, neighbours);
    indices.push(nearest.items.map((at) => met[at]!));
    values.push(nearest.scores);
    offsets[item + 1] = offsets[item]! + nearest.items.length;
  }
  const ofTarget: Csr = {
    rows: items,
    cols: items,
    offsets,
    indices: new Uint32Array(offsets[items]!),
    values: new Float32Array(offsets[items]!),
  };
  indices.forEach((own, item) => {
    ofTarget.indices.set(own, offsets[item]!);
    ofTarget.values.set(values[item]!, offsets[item]!);
  });
  return transposeCsr(ofTarget);
}

/** Sums x_item . x_other into `together` for every other item with a common user; lists those. */
function meet(train: Csr, users: Csr, item: number, { together, met }: Tally): Uint32Array {
  let count = 0;
  for (let at = users.offsets[item]!; at < users.offsets[item + 1]!; at++) {
    const user = users.indices[at]!;
    const weight = users.values[at]!;
    for (let own = train.offsets[user]!; own < train.offsets[user + 1]!; own++) {
      const other = train.indices[own]!;
      if (other === item) continue;
      if (together[other] === 0) met[count++] = other;
      together[other]! += weight * train.values[own]!;
    }
  }
  return met.subarray(0, count);
}

/** s_item,other of the items that were met, in their order; `together` is empty again afterwards. */
function takeSimilar(
  { together, similar }: Tally,
  met: Uint32Array,
  item: number,
  lengths: Float32Array,
  shrinkage: number,
): Float32Array {
  const length = lengths[item]!;
  for (let at = 0; at < met.length; at++) {
    const other = met[at]!;
    similar[at] = together[other]! / (length * lengths[other]! + shrinkage);
    together[other] = 0;
  }
  return similar.subarray(0, met.length);
}

/** What an item costs: the profile lengths of its users. */
function pairsOf(train: Csr, users: Csr, item: number): number {
  let pairs = 0;
  for (let at = users.offsets[item]!; at < users.offsets[item + 1]!; at++) {
    const user = users.indices[at]!;
    pairs += train.offsets[user + 1]! - train.offsets[user]!;
  }
  return pairs;
}

/** What a fit costs: the sum of the squared profile lengths. */
function pairsIn(train: Csr): number {
  let pairs = 0;
  for (let user = 0; user < train.rows; user++) {
    pairs += (train.offsets[user + 1]! - train.offsets[user]!) ** 2;
  }
  return pairs;
}

/** |x_i| of every item. */
function columnLengths(users: Csr): Float32Array {
  return Float32Array.from({ length: users.rows }, (_, item) => {
    let sum = 0;
    for (let at = users.offsets[item]!; at < users.offsets[item + 1]!; at++) {
      sum += users.values[at]! ** 2;
    }
    return Math.sqrt(sum);
  });
}
