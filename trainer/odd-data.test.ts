/** Data as no demonstration has it: each kind ends in finite lists or in a sentence. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hashId } from "../release/hash.ts";
import { ShardView } from "../release/shard.ts";
import type { EventRow } from "./clean.ts";
import { csrFromRows } from "./csr.ts";
import { buildDataset, ratingValues } from "./dataset.ts";
import { evaluate } from "./evaluation/evaluate.ts";
import { tasteDataset, tasteEvents } from "./fixtures/tastes.ts";
import { readDirectory } from "./import/read-directory.ts";
import type { Recommender } from "./models/model.ts";
import { createModel, MODEL_NAMES } from "./models/registry.ts";
import { type TrainInput, train } from "./train.ts";
import { interactionWeights } from "./weights.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-odd-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function trained(events: EventRow[], more: Partial<TrainInput> = {}) {
  const dataset = await buildDataset([events]);
  const result = await train({ dataset, items: new Map(), releasesDirectory: directory, ...more });
  return { dataset, ...result };
}

/** The lists of all users who have one, as item indices. Writing them fails on scores not finite. */
async function listsOf({ release, dataset }: Awaited<ReturnType<typeof trained>>) {
  const { path, manifest } = release!;
  expect(manifest.lists.shardCount).toBe(1);
  const bytes = await readFile(join(path, "values", "l", "0"));
  const shard = ShardView.from(new Uint8Array(bytes).buffer);
  const rows = dataset.userIds.map((id) => shard.find(hashId(id, manifest.lists.hashSeed)));
  return rows.filter((row) => row >= 0).map((row) => Array.from(shard.items(row)));
}

function rating(userId: string, itemId: string, value = 4): EventRow {
  return { userId, itemId, type: "rate", value, occurredAt: 1.6e12 };
}

test("three users in all get lists from a model that says it was not measured", async () => {
  const result = await trained([
    rating("ann", "x"),
    rating("ann", "y"),
    rating("ben", "y"),
    rating("ben", "z"),
    rating("cem", "w"),
  ]);
  expect(result.gate).toMatchObject({
    passed: true,
    notes: [expect.stringContaining("too few users")],
  });
  expect(result.evaluation.models).toEqual([]);
  const lists = await listsOf(result);
  expect(lists.map((list) => list.length).sort()).toEqual([2, 2, 3]);
});

test("one user with one item is a release of an empty list: nothing is left to recommend", async () => {
  const result = await trained([rating("ann", "x")]);
  expect(await listsOf(result)).toEqual([[]]);
  expect(result.release!.manifest.lists.users).toBe(1);
});

test("too few users to measure are told how many it takes", async () => {
  const dataset = await tasteDataset({ users: 3 });
  await expect(evaluate(dataset)).rejects.toThrow(/from 5 such users on/);
});

test("a user with one rating, and one who rated everything, stand beside the others", async () => {
  const events = tasteEvents();
  const everything = Array.from({ length: 60 }, (_, item) => rating("all", `i${item}`));
  const result = await trained([...events, ...everything, rating("one", "i3")]);
  const lists = await listsOf(result);
  expect(lists).toHaveLength(result.dataset.userIds.length);
  // That of whoever has seen everything is empty.
  expect(lists.filter((list) => list.length === 0)).toHaveLength(1);
  expect(lists.filter((list) => list.length === 20)).toHaveLength(lists.length - 1);
});

test("ratings that are all equal are no trouble", async () => {
  const events = tasteEvents().map((event) => ({ ...event, value: 3 }));
  const lists = await listsOf(await trained(events));
  expect(lists).toHaveLength(120);
  const { models } = await evaluate(await buildDataset([events]), { models: ["bias", "svd"] });
  for (const { metrics } of models) expect(metrics["rmse"]!.mean).toBeCloseTo(0, 3);
});

test("NaN in a file is a bad row with a reason, and NaN in an event is cleaned away", async () => {
  const rows = ["userId,movieId,rating,timestamp", "1,10,NaN,1000", "1,11,4.0,1000", "2,10,,1000"];
  await writeFile(join(directory, "ratings.csv"), `${rows.join("\n")}\n`);
  await writeFile(join(directory, "movies.csv"), "movieId,title,genres\n10,Ten,Drama\n");
  const reading = await readDirectory(directory);
  for await (const _ of reading.batches);
  expect(reading.counts).toMatchObject({ ratings: 1, badRows: 2 });
  expect(reading.counts.reasons).toEqual({ "the rating is not a number": 2 });

  const { report } = await buildDataset([[rating("a", "x"), rating("a", "y", Number.NaN)]]);
  const value = report.rules.find(({ rule }) => rule === "value")!;
  expect(value).toMatchObject({ dropped: 1, examples: [expect.stringContaining("rating NaN")] });
});

test("a model that diverges ends in a sentence, and leaves no release behind", async () => {
  const options = {
    model: "linear-autoencoder",
    settings: { learningRate: Number.POSITIVE_INFINITY },
    baselines: ["popularity"],
  };
  const running = trained(tasteEvents(), { options });
  await expect(running).rejects.toThrow(
    /the loss of epoch 1 is not a number. Lower the learning rate/,
  );
  expect(await readdir(directory)).toEqual([]);
});

describe.each(MODEL_NAMES)("%s", (name) => {
  /** Finite scores for every profile, from a model fitted on `rows` of 4 items. */
  async function scored(rows: [number, number][][], profiles: [number, number][][]) {
    const model: Recommender = createModel(name);
    await model.fit(csrFromRows(rows, 4), { seed: 1 });
    const out = new Float32Array(4 * profiles.length).fill(Number.NaN);
    model.score(csrFromRows(profiles, 4), out);
    model.dispose();
    return out;
  }

  test("gives an item nobody rated a finite score, and profiles of it alone too", async () => {
    const rows: [number, number][][] = [
      [
        [0, 1],
        [1, 1],
      ],
      [[0, 1]],
      [],
    ];
    const scores = await scored(rows, [
      [[3, 1]],
      [[0, 1]],
      [
        [0, 1],
        [1, 1],
        [2, 1],
        [3, 1],
      ],
    ]);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  test("learns from one user with one item", async () => {
    expect((await scored([[[0, 1]]], [[[0, 1]], []])).every(Number.isFinite)).toBe(true);
  });

  test("learns from users who all did the same", async () => {
    const dataset = await buildDataset([
      ["a", "b", "c"].flatMap((user) => ["w", "x", "y"].map((item) => rating(user, item))),
    ]);
    const model = createModel(name);
    const ratings = model.learnsFrom === "ratings";
    const matrix = ratings ? ratingValues(dataset) : interactionWeights(dataset);
    await model.fit(matrix, { seed: 1 });
    const out = new Float32Array(9);
    model.score(matrix, out);
    model.dispose();
    expect(out.every(Number.isFinite)).toBe(true);
  });
});
