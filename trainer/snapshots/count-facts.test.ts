import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { datasetFacts } from "../../drizzle/dataset-facts.ts";
import { readRange } from "../../drizzle/event-ranges.ts";
import { insertEvents, type NewEvent } from "../../drizzle/events.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { countFacts } from "./count-facts.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());

const ids = fc.constantFrom("a", "B", "b", "é", "z", "Ω", "10", "9", "ab", "😀", "ﬀ");
const event = fc.record({
  userId: ids,
  itemId: ids,
  type: fc.constantFrom("rate", "play", "click", "view", "remove" as const),
  rating: fc.double({ min: 0.5, max: 5, noNaN: true }),
  occurredAt: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  source: fc.constantFrom("api", "Ä", "b", "C"),
});

function stored(
  run: number,
  given: readonly (typeof event extends fc.Arbitrary<infer E> ? E : never)[],
) {
  return given.map(({ rating, type, source, ...rest }, at) => ({
    event: {
      ...rest,
      eventId: `${run}-${at}`,
      type,
      value: type === "rate" ? Math.fround(rating) : null,
      minutes: null,
      share: null,
      requestId: null,
    } as NewEvent,
    source,
  }));
}

test("whatever the events are, they are counted as Postgres counts them", async () => {
  const { database } = temporary;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 60 }), async (given) => {
      await database.pool.query("truncate events, event_ids, users restart identity");
      for (const { event, source } of stored(run++, given)) {
        await insertEvents(database, [event], source);
      }
      const watermark = await takeWatermark(database);
      const batches = async function* () {
        for (let from = 1; from <= watermark; from += 7) {
          yield await readRange(database, from, Math.min(from + 6, watermark));
        }
      };
      expect(await countFacts(watermark, batches())).toEqual(
        await datasetFacts(database, watermark),
      );
    }),
    { numRuns: 25 },
  );
});
