import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findTuned, storeTuned, type TunedSettings } from "./tuned-settings.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-tuned-"));
  path = join(directory, "tuned.json");
});
afterEach(() => rm(directory, { recursive: true }));

function entry(more: Partial<TunedSettings>): TunedSettings {
  return {
    model: "m",
    dataset: "d1",
    interactions: 1_000,
    settings: { dimensions: 64 },
    ndcg100: 0.4,
    ownNdcg100: 0.3,
    trials: 20,
    tunedAt: "2026-01-01T00:00:00.000Z",
    ...more,
  };
}

test("settings tuned on the very dataset win over newer ones of another", async () => {
  await storeTuned(path, entry({}));
  await storeTuned(path, entry({ dataset: "d2", tunedAt: "2026-02-01T00:00:00.000Z" }));
  const found = await findTuned(path, { model: "m", dataset: "d1", interactions: 1_000 });
  expect(found?.dataset).toBe("d1");
});

test("a dataset that has grown a little takes the newest settings of its like, not of another size", async () => {
  await storeTuned(path, entry({}));
  await storeTuned(path, entry({ dataset: "d2", tunedAt: "2026-02-01T00:00:00.000Z" }));
  await storeTuned(path, entry({ dataset: "d3", interactions: 9_000 }));
  const find = (interactions: number, model = "m") =>
    findTuned(path, { model, dataset: "new", interactions });
  expect((await find(1_100))?.dataset).toBe("d2");
  expect(await find(3_000)).toBeNull();
  expect(await find(1_000, "other")).toBeNull();
});

test("tuning again replaces what was found before", async () => {
  await storeTuned(path, entry({}));
  await storeTuned(path, entry({ settings: { dimensions: 128 } }));
  const found = await findTuned(path, { model: "m", dataset: "d1", interactions: 1_000 });
  expect(found?.settings).toEqual({ dimensions: 128 });
});

test("no file is no settings; a file of something else is refused", async () => {
  expect(await findTuned(path, { model: "m", dataset: "d", interactions: 1 })).toBeNull();
  await writeFile(path, "[]");
  await expect(findTuned(path, { model: "m", dataset: "d", interactions: 1 })).rejects.toThrow(
    /does not hold tuned settings/,
  );
});
