import { beforeEach, expect, test } from "vitest";
import type { ReleaseTraffic } from "../../drizzle/traffic.ts";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { POINTER_KEY, REFUSED_KEY } from "../../release/keys.ts";
import { type Pointer, parsePointer, parseRefused } from "../../release/pointer.ts";
import { guardServing } from "./guard.ts";

const CHANGED = "2026-01-02T00:00:00.000Z";
const HOUR = 3_600_000;
const HOUR_LATER = new Date(Date.parse(CHANGED) + HOUR);

let kv: MemoryKv;
beforeEach(() => {
  kv = new MemoryKv();
});

function point(pointer: Partial<Pointer>) {
  const whole = {
    arms: [{ release: "2-new", weight: 1 }],
    salt: "s",
    previous: "1-old",
    generation: 7,
    changedAt: CHANGED,
  };
  return cronStoreOf(kv).put(POINTER_KEY, JSON.stringify({ ...whole, ...pointer }));
}

async function pointer(): Promise<Pointer> {
  return parsePointer((await cronStoreOf(kv).text(POINTER_KEY))!);
}

function traffic(release: string, errors: number, answers = 10_000): ReleaseTraffic {
  return { release, answers, fallbacks: 0, errors, clicks: 0, ratings: 0 };
}

function guard(counts: ReleaseTraffic[], now = HOUR_LATER) {
  return guardServing(cronStoreOf(kv), async () => counts, now);
}

test("a release that errs is taken back, with the reason, and not offered again", async () => {
  await point({});
  const outcome = await guard([traffic("2-new", 900), traffic("1-old", 10)]);
  expect(outcome).toMatchObject({
    kind: "rolled-back",
    release: "2-new",
    to: "1-old",
    before: ["2-new"],
  });
  expect(await pointer()).toMatchObject({
    arms: [{ release: "1-old" }],
    previous: null,
    generation: 8,
  });
  const refused = parseRefused((await cronStoreOf(kv).text(REFUSED_KEY))!);
  expect(refused.reason).toMatch(/guardrail took it back: errors went from 0.10 %/);
  expect(await guard([traffic("2-new", 0), traffic("1-old", 900)])).toEqual({ kind: "idle" });
});

test("an arm that errs ends the experiment", async () => {
  await point({
    arms: [
      { release: "2-new", weight: 0.1 },
      { release: "1-old", weight: 0.9 },
    ],
  });
  await guard([traffic("2-new", 900), traffic("1-old", 10)]);
  expect((await pointer()).arms).toEqual([{ release: "1-old", weight: 1 }]);
});

test("a good release stays; one with few answers is watched on", async () => {
  await point({});
  const before = await pointer();
  expect(await guard([traffic("2-new", 10), traffic("1-old", 10)])).toEqual({
    kind: "good",
    release: "2-new",
  });
  expect(await guard([traffic("2-new", 90, 100), traffic("1-old", 10)])).toEqual({
    kind: "watching",
    release: "2-new",
    answers: 100,
  });
  expect(await guard([])).toMatchObject({ kind: "watching", answers: 0 });
  expect(await pointer()).toEqual(before);
});

test("a rollback by hand is not undone, however the older release does", async () => {
  await point({ arms: [{ release: "1-old", weight: 1 }], previous: "2-new" });
  expect(await guard([traffic("1-old", 900), traffic("2-new", 10)])).toEqual({ kind: "idle" });
});

test.each<[string, Partial<Pointer>, Date]>([
  ["there is nothing to go back to", { previous: null }, HOUR_LATER],
  ["its first day is over", {}, new Date(Date.parse(CHANGED) + 25 * HOUR)],
])("nothing is asked of the database when %s", async (_, change, now) => {
  await point(change);
  const asked = async () => {
    throw new Error("asked");
  };
  expect(await guardServing(cronStoreOf(kv), asked, now)).toEqual({ kind: "idle" });
});

test("before the first release there is nothing to watch", async () => {
  expect(await guard([])).toEqual({ kind: "idle" });
});
