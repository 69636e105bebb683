import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { insertEvents } from "../drizzle/events.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  await runCycle(cloud.around, silentProgress);
});
afterAll(() => cloud?.stop());

async function usher<T>(...args: string[]): Promise<T> {
  const command = runUsher([...args, "--home", cloud.home.root, "--json"]);
  const { code, stdout, stderr } = await command.finished;
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

interface Listed {
  datasets: { hash: string; events: number; releases: string[] }[];
}

test("from an answer's release header back to dataset, sources and code", async () => {
  const answer = await fetch(`${cloud.api}/recommend/1`);
  await answer.text();
  const release = answer.headers.get("usher-release")!;
  const origin = await usher<Record<string, never>>("explain-release", release);
  const [dataset] = (await usher<Listed>("datasets")).datasets;
  expect(dataset).toMatchObject({ releases: [release] });
  expect(origin).toMatchObject({
    release,
    status: "active",
    code: expect.any(String),
    dataset: { snapshot: dataset!.hash, takenAt: expect.any(String) },
    cleaning: { seen: dataset!.events },
    sources: [{ source: "import:movielens-csv", events: dataset!.events, firstSeq: 1 }],
  });
});

test("two versions are compared, and the page of it stands alone", async () => {
  const rating = { type: "rate" as const, value: 1, minutes: null, share: null, requestId: null };
  const events = Array.from({ length: 2_000 }, (_, i) => {
    return {
      ...rating,
      eventId: `low-${i}`,
      userId: `${i % 200}`,
      itemId: `${i % 150}`,
      occurredAt: i,
    };
  });
  await insertEvents(cloud.database, events, "shop");
  const taken = await usher<{ hash: string }>("datasets", "take");
  const [earlier, later] = (await usher<Listed>("datasets")).datasets;
  expect(later!.hash).toBe(taken.hash);
  const page = path.join(cloud.scratch, "diff.html");
  const diff = await usher<{ drift: { ratingPsi: number; eventsRatio: number } }>(
    ...["datasets", "diff", earlier!.hash.slice(0, 10), later!.hash, "--html", page],
  );
  expect(diff.drift.eventsRatio).toBeGreaterThan(1.1);
  expect(diff.drift.ratingPsi).toBeGreaterThan(0.05);
  expect(await readFile(page, "utf8")).toContain("<svg");
  const shown = await usher<{ facts: { sources: { source: string }[] } }>(
    "datasets",
    "show",
    later!.hash,
  );
  expect(shown.facts.sources.map(({ source }) => source)).toEqual(["import:movielens-csv", "shop"]);
});

test("events that are not fit to learn from stop a cycle with a report", async () => {
  await cloud.database.pool.query("delete from events where source = 'shop' or seq % 2 = 0");
  await insertEvents(
    cloud.database,
    [
      {
        ...{ eventId: "one", userId: "1", itemId: "1", type: "view", value: null, minutes: null },
        ...{ share: null, occurredAt: 1, requestId: null },
      } as const,
    ],
    "test",
  );
  const cycle = runCycle(cloud.around, silentProgress);
  await expect(cycle).rejects.toMatchObject({
    code: "QUALITY_REFUSED",
    message: expect.stringMatching(/FAILED {2}volume kept: events over those before 0\.\d+/),
  });
});
