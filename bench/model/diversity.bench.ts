import { eventOfRating } from "../../events/formats/format.ts";
import { cosineOfRows, limitPerCategory, rerankForDiversity } from "../../release/rerank.ts";
import { LIST_LENGTH } from "../../release/shard.ts";
import { topK } from "../../release/topk.ts";
import type { EventRow } from "../../trainer/clean.ts";
import { rowIndices } from "../../trainer/csr.ts";
import { buildDataset, type Dataset } from "../../trainer/dataset.ts";
import { ndcg } from "../../trainer/evaluation/ndcg.ts";
import { splitStrong } from "../../trainer/evaluation/split.ts";
import { readDirectory } from "../../trainer/import/read-directory.ts";
import { createModel } from "../../trainer/models/registry.ts";
import { interactionWeights } from "../../trainer/weights.ts";
import type { Benchmark, Figures } from "../benchmark.ts";

const DATA = process.env["USHER_BENCH_DATA"];
const CANDIDATES = 100;
const LAMBDAS = [1, 0.9, 0.8, 0.7, 0.5, 0.3];
const LIMITS = [
  { most: 3, window: 10 },
  { most: 2, window: 10 },
];

const benchmark: Benchmark = {
  title:
    "what re-ranking for diversity costs in NDCG and gives in unlikeness (USHER_BENCH_DATA=DIR)",

  async run(say): Promise<Figures> {
    if (DATA === undefined) {
      say("left out: set USHER_BENCH_DATA to a folder of ratings, such as MovieLens 100K");
      return {};
    }
    const { dataset, categories } = await read(DATA);
    const split = splitStrong(interactionWeights(dataset), { seed: 1 });
    const model = createModel("linear-autoencoder");
    await model.fit(split.train, { seed: 1, validation: split.validation });
    const { rows, dimensions } = model.served()!;
    const cosine = cosineOfRows(rows, dimensions);
    const { profiles, targets } = split.test;
    const items = dataset.itemIds.length;
    const scores = new Float32Array(profiles.rows * items);
    model.score(profiles, scores);
    const users = Array.from({ length: profiles.rows }, (_, user) => {
      const own = scores.subarray(user * items, (user + 1) * items);
      const best = topK(own, CANDIDATES, rowIndices(profiles, user));
      return {
        candidates: Array.from(best.items, (item, at) => ({ item, score: best.scores[at]! })),
        targets: new Set(rowIndices(targets, user)),
      };
    });
    const categoriesOf = (item: number) => categories.get(dataset.itemIds[item]!) ?? [];
    const figures: Record<string, number> = {};
    const measure = (name: string, list: (candidates: Candidates) => Candidates) => {
      const lists = users.map(({ candidates }) => list(candidates).map(({ item }) => item));
      const quality = mean(lists.map((items, at) => ndcg(items, users[at]!.targets, LIST_LENGTH)));
      const vectors = mean(lists.map((items) => unlikeness(items, cosine)));
      const genres = mean(
        lists.map((items) =>
          unlikeness(items, (a, b) => jaccard(categoriesOf(a), categoriesOf(b))),
        ),
      );
      say(
        `${name.padEnd(16)} NDCG@20 ${quality.toFixed(4)}, unlikeness of vectors ${vectors.toFixed(3)}, of genres ${genres.toFixed(3)}`,
      );
      figures[`diversity_ndcg20_${name}`] = quality;
      figures[`diversity_vectors_${name}`] = vectors;
      figures[`diversity_genres_${name}`] = genres;
    };
    for (const lambda of LAMBDAS) {
      measure(`mmr_${lambda}`, (candidates) =>
        rerankForDiversity(candidates, cosine, { lambda, limit: LIST_LENGTH }),
      );
    }
    for (const limit of LIMITS) {
      measure(`most_${limit.most}_of_${limit.window}`, (candidates) =>
        limitPerCategory(candidates, categoriesOf, { ...limit, limit: LIST_LENGTH }),
      );
    }
    model.dispose();
    return figures;
  },
};

export default benchmark;

type Candidates = { item: number; score: number }[];

async function read(folder: string) {
  const categories = new Map<string, readonly string[]>();
  const { batches } = await readDirectory(folder);
  async function* events(): AsyncGenerator<EventRow[]> {
    for await (const batch of batches) {
      for (const item of batch.items) categories.set(item.itemId, item.categories);
      yield batch.ratings.map(eventOfRating);
    }
  }
  const dataset: Dataset = await buildDataset(events());
  return { dataset, categories };
}

/** Intra-list diversity (Ziegler et al. 2005): the mean of 1 - similarity over all pairs. */
function unlikeness(items: number[], similarity: (a: number, b: number) => number): number {
  const pairs = items.flatMap((a, at) => items.slice(at + 1).map((b) => 1 - similarity(a, b)));
  return mean(pairs);
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const shared = a.filter((category) => b.includes(category)).length;
  const all = a.length + b.length - shared;
  return all === 0 ? 0 : shared / all;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
