import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CatalogueView } from "../release/catalogue.ts";
import { foldIn } from "../release/foldin.ts";
import { hashId } from "../release/hash.ts";
import { ModelView } from "../release/model.ts";
import { ShardView } from "../release/shard.ts";
import { topK } from "../release/topk.ts";
import { cardPage } from "./card/page.ts";
import { rowIndices } from "./csr.ts";
import { tasteDataset } from "./fixtures/tastes.ts";
import { CHOSEN_MODEL } from "./models/registry.ts";
import { sketchOf } from "./sketch.ts";
import { type TrainInput, train } from "./train.ts";
import { interactionWeights } from "./weights.ts";

const dataset = await tasteDataset();
const items = new Map([["i1", { title: "One (2001)", categories: ["Drama"], year: 2001 }]]);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-train-"));
});
afterEach(() => rm(directory, { recursive: true }));

function cycle(more: Partial<TrainInput> = {}) {
  return train({ dataset, items, releasesDirectory: directory, ...more });
}

async function value(path: string, key: string): Promise<ArrayBuffer> {
  return new Uint8Array(await readFile(join(path, "values", key))).buffer;
}

test("a dataset becomes a release whose values fit together", async () => {
  const { release, gate, evaluation } = await cycle();
  expect(gate).toEqual({ passed: true, reasons: [], forced: false });
  const { path, manifest } = release!;
  expect(manifest.dataset).toMatchObject({ hash: dataset.hash, users: 120, items: 60 });
  expect(manifest.lists.users).toBe(120);
  const names = evaluation.models.map((row) => row.name);
  expect(names).toEqual(["popularity", "item-knn", CHOSEN_MODEL]);
  expect(manifest.metrics).toEqual(evaluation.models[2]!.metrics);
  expect(manifest.dataset.sketch).toEqual(sketchOf(dataset));

  const catalogue = CatalogueView.from(await value(path, "catalogue"));
  expect(catalogue.length).toBe(60);
  const known = catalogue.indexOf("i1");
  expect(catalogue.title(known)).toBe("One (2001)");
  expect(catalogue.year(known)).toBe(2001);
  expect(catalogue.title(catalogue.indexOf("i2"))).toBe("i2");

  const model = ModelView.from(await value(path, "model/0"));
  const shard = ShardView.from(await value(path, "l/0"));
  const { hashSeed } = manifest.lists;
  const weights = interactionWeights(dataset).values;
  let agreed = 0;
  dataset.userIds.forEach((userId, user) => {
    const profile = rowIndices(dataset.matrix, user);
    const listed = shard.items(shard.find(hashId(userId, hashSeed)));
    for (const item of listed) expect(profile).not.toContain(item);
    const scores = new Float32Array(60);
    const own = weights.subarray(dataset.matrix.offsets[user]!, dataset.matrix.offsets[user + 1]!);
    foldIn(model, { items: profile, weights: own }, scores);
    const folded = new Set(topK(scores, 20, profile).items);
    agreed += Array.from(listed).filter((item) => folded.has(item)).length / listed.length;
  });
  // The edge's quantised fold-in must rank as the trainer does.
  expect(agreed / dataset.userIds.length).toBeGreaterThan(0.97);
});

test("the same dataset and seed give the same values", async () => {
  const one = await cycle({ options: { now: new Date(1_000_000) } });
  const two = await cycle({ options: { now: new Date(2_000_000) } });
  expect(two.release!.manifest.values).toEqual(one.release!.manifest.values);
});

test("a model that the gate refuses leaves no release behind, unless forced", async () => {
  const perfect = { mean: 0.99, ci95: [0.98, 1] as [number, number] };
  const previous = { release: "20260101-000000-aaaaaaaa", metrics: { "ndcg@100": perfect } };
  const refused = await cycle({ previous });
  expect(refused.release).toBeNull();
  expect(refused.gate.reasons[0]).toContain("worse than the current release");
  expect(await readdir(directory)).toEqual([]);
  // But a card to see why.
  expect(refused.refused).toMatchObject({ release: null, gate: refused.gate });
  expect(await cardPage(refused.refused!)).toContain("A refused model");
  const forced = await cycle({ previous, options: { force: true } });
  expect(forced.release!.manifest.gate).toMatchObject({ passed: false, forced: true });
});

test("a run that is aborted in the lists leaves nothing behind", async () => {
  const controller = new AbortController();
  const running = cycle({
    signal: controller.signal,
    onProgress: ({ step }) => step === "refit" && controller.abort(new Error("stop")),
  });
  await expect(running).rejects.toThrow("stop");
  expect(await readdir(directory)).toEqual([]);
});

test("a model without weights for the edge cannot be shipped", async () => {
  const shipped = cycle({ options: { model: "ease", baselines: ["popularity"] } });
  await expect(shipped).rejects.toThrow(/ease has no weights that the edge can serve/);
});

test("progress names the steps in order", async () => {
  const steps: string[] = [];
  await cycle({ onProgress: ({ step }) => steps.at(-1) !== step && steps.push(step) });
  const order = [
    "split",
    "fit",
    "evaluate",
    "fit",
    "evaluate",
    "fit",
    "evaluate",
    "gate",
    "refit",
    "lists",
    "release",
  ];
  expect(steps).toEqual(order);
});

test("settings given are those of the manifest, and unknown ones are refused", async () => {
  const model = "linear-autoencoder";
  const { release } = await cycle({ options: { model, settings: { dimensions: 64 } } });
  expect(release!.manifest.model.settings["dimensions"]).toBe(64);
  await expect(cycle({ options: { model, settings: { colour: 3 } } })).rejects.toThrow(
    /has no setting "colour" to tune; it has dimensions/,
  );
});

test("a dataset that has shrunk to a part is refused for its drift", async () => {
  const { release } = await cycle();
  const fewer = await tasteDataset({ perUser: 6 });
  const { gate } = await cycle({ dataset: fewer, previous: release!.manifest });
  expect(gate.reasons.some((reason) => reason.includes("events are missing"))).toBe(true);
});

test("the model card stands beside the manifest", async () => {
  const { release, evaluation } = await cycle();
  const { path, manifest } = release!;
  const card = JSON.parse(await readFile(join(path, "card.json"), "utf8"));
  expect(card).toMatchObject({ release: manifest.release, gate: manifest.gate, evaluation });
  expect(await readFile(join(path, "card.html"), "utf8")).toContain(manifest.release);
  expect(manifest.values.map(({ key }) => key)).not.toContain("card.json");
});
