import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ExperimentInput, experimentSchema } from "../experiments/definition.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { eraseUser } from "./erasures.ts";
import { insertEvents } from "./events.ts";
import {
  defineExperiment,
  endExperiment,
  findExperiment,
  listExperiments,
  startExperiment,
} from "./experiments.ts";
import { addExposures, forgetServedLists, type NewExposures } from "./exposures.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() =>
  temporary.database.pool.query(
    "truncate experiments, exposures, served_lists, traffic_flushes, erasures, events, event_ids, users",
  ),
);

const NOW = new Date("2026-11-20T12:00:00Z");
const at = (minutes: number) => NOW.getTime() + minutes * 60_000;

function define(id: string, share = 0.5, changes: Partial<ExperimentInput> = {}) {
  const arms = ["control", "new"].map((name) => ({ name, share }));
  const experiment = v.parse(experimentSchema, { id, name: id, arms, ...changes });
  return defineExperiment(temporary.database, experiment, NOW);
}

function seen(userId: string, change: Partial<NewExposures["exposures"][number]> = {}) {
  const list = { id: `list-${userId}`, release: "r1", servedAt: at(0), items: ["a", "b,c"] };
  return {
    experimentId: "one",
    userId,
    arm: "new",
    firstAt: at(0),
    lastAt: at(5),
    answers: 3,
    lists: [{ ...list, teams: null }],
    ...change,
  };
}

const flush = (...exposures: NewExposures["exposures"]): NewExposures => ({
  flushId: randomUUID(),
  exposures,
});

async function rowsOf(table: string) {
  return (await temporary.database.pool.query(`select * from ${table} order by user_id`)).rows;
}

describe("an experiment", () => {
  test("is planned when it is defined, may be defined anew until it starts, and then not", async () => {
    expect((await define("one")).plan?.sentence).toContain("no clicks of the last weeks");
    expect((await define("one", 0.2)).arms[0]?.share).toBe(0.2);
    await startExperiment(temporary.database, "one", []);
    await expect(define("one", 0.3)).rejects.toMatchObject({ code: "EXPERIMENT_EXISTS" });
    expect(await findExperiment(temporary.database, "one")).toMatchObject({
      status: "running",
      arms: [{ share: 0.2 }, { share: 0.2 }],
    });
  });

  test("finds its place beside those that run, also when all are started at once", async () => {
    const { database } = temporary;
    const ids = ["one", "two", "three", "four"];
    for (const id of ids) await define(id, 0.15);
    const started = await Promise.allSettled(ids.map((id) => startExperiment(database, id, [])));
    const failed = started.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(failed).toEqual([expect.objectContaining({ code: "LAYER_FULL" })]);
    const running = (await listExperiments(database, 10)).filter((one) => one.status === "running");
    const all = await startExperiment(database, running[0]!.id, []);
    expect(all.map(({ from }) => Number(from.toFixed(2))).toSorted()).toEqual([0, 0.3, 0.6]);
  });

  test("ends once, and may be shipped then; started again it is not", async () => {
    const { database } = temporary;
    await define("one");
    await expect(endExperiment(database, "one", null)).rejects.toMatchObject({
      code: "EXPERIMENT_NOT_STARTED",
    });
    await startExperiment(database, "one", []);
    expect(await endExperiment(database, "one", null)).toEqual({ running: [], arm: null });
    const { stoppedAt } = await findExperiment(database, "one");
    await expect(endExperiment(database, "one", "best")).rejects.toMatchObject({
      message: 'one has no arm "best". It has control, new.',
    });
    const { arm } = await endExperiment(database, "one", "new");
    expect(arm?.name).toBe("new");
    expect(await findExperiment(database, "one")).toMatchObject({
      status: "stopped",
      stoppedAt,
      shippedArm: "new",
    });
    await expect(startExperiment(database, "one", [])).rejects.toMatchObject({
      code: "EXPERIMENT_ENDED",
    });
  });

  test("serves no release that was never verified", async () => {
    const arms = [
      { name: "control", share: 0.5 },
      { name: "new", share: 0.5, release: "r9" },
    ];
    await define("one", 0.5, { arms });
    await expect(startExperiment(temporary.database, "one", ["r8"])).rejects.toMatchObject({
      code: "RELEASE_UNVERIFIED",
    });
    expect(await startExperiment(temporary.database, "one", ["r9"])).toHaveLength(1);
  });
});

describe("exposures", () => {
  beforeEach(() => define("one"));

  test("are one row a user, however often and in whatever order they arrive", async () => {
    const { database } = temporary;
    const first = flush(seen("ada"), seen("bob"));
    const later = flush(seen("ada", { firstAt: at(60), lastAt: at(70), answers: 2 }));
    expect(await addExposures(database, [later, later])).toEqual({ exposed: 1, lists: 1 });
    expect(await addExposures(database, [first])).toEqual({ exposed: 2, lists: 1 });
    expect(await addExposures(database, [first, later])).toEqual({ exposed: 0, lists: 0 });
    const [ada, bob] = await rowsOf("exposures");
    expect(ada).toMatchObject({ arm: "new", answers: 5, first_exposed_at: NOW });
    expect(ada.last_exposed_at).toEqual(new Date(at(70)));
    expect(bob).toMatchObject({ answers: 3 });
    expect((await findExperiment(database, "one")).exposed).toEqual({ new: 2 });
    expect((await listExperiments(database, 5))[0]?.exposed).toEqual({ new: 2 });
  });

  test("keep the order of items, and the team of each", async () => {
    const list = { id: "x", release: "r1", servedAt: at(0), items: ["b", "a", "c"] };
    await addExposures(temporary.database, [
      flush(seen("ada", { arm: "interleaved", lists: [{ ...list, teams: [1, 0, 1] }] })),
    ]);
    expect(await rowsOf("served_lists")).toMatchObject([
      { items: ["b", "a", "c"], teams: [1, 0, 1], arm: "interleaved", release: "r1" },
    ]);
  });

  test("of experiments that nobody defined are left out", async () => {
    const other = flush(seen("ada", { experimentId: "none" }), seen("bob"));
    expect(await addExposures(temporary.database, [other])).toEqual({ exposed: 1, lists: 1 });
  });

  test("are part of what is held about a user, go with them, and do not come back", async () => {
    const { database } = temporary;
    await insertEvents(
      database,
      [
        {
          eventId: "e1",
          userId: "ada",
          itemId: "a",
          type: "click",
          value: null,
          minutes: null,
          share: null,
          occurredAt: at(1),
          requestId: null,
        },
      ],
      "test",
    );
    await addExposures(database, [flush(seen("ada"), seen("bob"))]);
    expect(await eraseUser(database, "ada", "t")).toMatchObject({ exposures: 1, servedLists: 1 });
    await addExposures(database, [flush(seen("ada"), seen("bob"))]);
    expect((await rowsOf("exposures")).map(({ user_id }) => user_id)).toEqual(["bob"]);
    expect((await rowsOf("served_lists")).map(({ user_id }) => user_id)).toEqual(["bob"]);
  });

  test("outlive the lists, which are forgotten by time", async () => {
    await addExposures(temporary.database, [flush(seen("ada"))]);
    await forgetServedLists(temporary.database, new Date(at(-1)));
    expect(await rowsOf("served_lists")).toHaveLength(1);
    await forgetServedLists(temporary.database, new Date(at(1)));
    expect(await rowsOf("served_lists")).toEqual([]);
    expect(await rowsOf("exposures")).toHaveLength(1);
  });
});
