import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { manifestKey, POINTER_KEY, STAGED_KEY, UNLISTED_KEY } from "../../release/keys.ts";
import { dropOldReleases, releasesToDrop } from "./retention.ts";

let kv: MemoryKv;
beforeEach(() => {
  kv = new MemoryKv();
});

/** Each of them with a manifest and two values. */
async function fill(...releases: string[]) {
  const store = cronStoreOf(kv);
  for (const release of releases) {
    for (const key of ["l/0", "catalogue", "manifest"]) await store.put(`r/${release}/${key}`, "x");
  }
}

function point(arms: string[], previous: string | null, change: object = {}) {
  const weighted = arms.map((release) => ({ release, weight: 1 }));
  const pointer = {
    arms: weighted,
    salt: "",
    previous,
    generation: 1,
    changedAt: "2026",
    ...change,
  };
  return cronStoreOf(kv).put(POINTER_KEY, JSON.stringify(pointer));
}

function releasesLeft(): string[] {
  const keys = [...kv.values.keys()].filter((key) => key.startsWith("r/"));
  return [...new Set(keys.map((key) => key.split("/")[1]!))].sort();
}

function drop(keep: number, deletes = 1_000) {
  return dropOldReleases(cronStoreOf(kv), { keep, deletes });
}

test("the newest stay, and of the old ones those that serve, wait or are gone back to", async () => {
  await fill("a1", "a2", "a3", "a4", "a5", "a6", "a7");
  await point(["a2"], "a3");
  const staged = { release: "a1", stagedAt: "2026", verified: 0 };
  await cronStoreOf(kv).put(STAGED_KEY, JSON.stringify(staged));
  const outcome = await drop(2);
  expect(releasesLeft()).toEqual(["a1", "a2", "a3", "a6", "a7"]);
  expect(outcome).toEqual({ releases: 7, kept: releasesLeft(), deletedKeys: 6, left: 0 });
  expect(kv.values.has(POINTER_KEY)).toBe(true);
  expect(await drop(2)).toMatchObject({ deletedKeys: 0 });
});

test("a release that a running experiment names stays, however old", async () => {
  await fill("a1", "a2", "a3", "a4");
  const arms = ["a1", null].map((release, at) => ({ name: `arm-${at}`, share: 0.5, release }));
  const running = { id: "x", layer: "default", mode: "split", salt: "x", from: 0, arms };
  await point(["a4"], null, { experiments: [running] });
  await drop(1);
  expect(releasesLeft()).toEqual(["a1", "a4"]);
});

test("a release whose lists are being made stays, however old", async () => {
  await fill("a1", "a2", "a3", "a4");
  await point(["a4"], null);
  const manifest = {
    ...{ format: 1, release: "a1", createdAt: "2026-11-01T00:00:00.000Z", code: "test" },
    dataset: { hash: "h", watermark: 1, users: 1, items: 1, interactions: 1 },
    model: { name: "ease", kind: "baseline", dimensions: 1, settings: {} },
    ...{ metrics: {}, baseline: { name: "popularity", metrics: {} }, values: [] },
    gate: { passed: true, reasons: [], forced: false },
    lists: { shardCount: 1, hashSeed: 1, users: 0, listLength: 20 },
  };
  const order = { manifest, orderedAt: "2026-11-01T00:00:00.000Z" };
  await cronStoreOf(kv).put(UNLISTED_KEY, JSON.stringify(order));
  await drop(1);
  expect(releasesLeft()).toEqual(["a1", "a4"]);
});

test("a run deletes only so many keys, manifests first, and the next goes on", async () => {
  await fill("a1", "a2", "a3");
  await point(["a3"], null);
  const deleted: string[] = [];
  kv.beforeWrite = (key) => deleted.push(key);
  expect(await drop(1, 2)).toMatchObject({ deletedKeys: 2, left: 4 });
  expect(deleted[0]).toBe(manifestKey("a1"));
  await drop(1, 2);
  expect(releasesLeft()).toEqual(["a2", "a3"]);
  expect(kv.values.has(manifestKey("a2"))).toBe(false);
  await drop(1, 2);
  expect(releasesLeft()).toEqual(["a3"]);
});

test("more keys than a page are all seen", async () => {
  for (let n = 0; n < 2_500; n++) await cronStoreOf(kv).put(`r/a1/l/${n}`, "x");
  await fill("a2");
  await point(["a2"], null);
  expect(await drop(1, 5_000)).toMatchObject({ releases: 2, deletedKeys: 2_500 });
});

test("without a pointer the newest stay all the same", async () => {
  await fill("a1", "a2");
  await drop(1);
  expect(releasesLeft()).toEqual(["a2"]);
});

test("what is in use is never dropped, and never fewer than the newest are left", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[0-9]{4}$/), { maxLength: 30 });
  fc.assert(
    fc.property(
      ids,
      fc.array(fc.nat({ max: 29 }), { maxLength: 5 }),
      fc.nat({ max: 10 }),
      (releases, used, keep) => {
        const inUse = new Set(used.flatMap((at) => releases[at] ?? []));
        const dropped = releasesToDrop(releases, inUse, keep);
        expect(dropped.filter((release) => inUse.has(release))).toEqual([]);
        const newest = releases.toSorted().slice(-keep || releases.length);
        if (keep > 0) expect(dropped.filter((release) => newest.includes(release))).toEqual([]);
        expect(dropped).toEqual(dropped.toSorted());
      },
    ),
  );
});
