import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseTraffic } from "../../drizzle/traffic.ts";
import { judge as judgeAfter } from "./guardrail.ts";

function traffic(release: string, counts: Partial<ReleaseTraffic> = {}): ReleaseTraffic {
  return {
    release,
    answers: 20_000,
    fallbacks: 1_000,
    errors: 20,
    clicks: 2_000,
    ratings: 600,
    ...counts,
  };
}

const before = traffic("old");
const HOUR = 3_600_000;
const judge = (now: ReleaseTraffic, old: ReleaseTraffic) => judgeAfter(now, old, HOUR);

test("as good as before is good", () => {
  expect(judge(traffic("new"), before)).toEqual({ kind: "good" });
  expect(judge(traffic("new", { errors: 0, fallbacks: 0, clicks: 9_000 }), before).kind).toBe(
    "good",
  );
});

describe("trips, and says from what to what, when", () => {
  test.each<[string, Partial<ReleaseTraffic>, string]>([
    ["errors", { errors: 400 }, "errors went from 0.10 % of old's answers to 2.00 % of new's"],
    [
      "fallbacks",
      { fallbacks: 4_000 },
      "fallbacks went from 5.00 % of old's answers to 20.00 % of new's",
    ],
    ["clicks", { clicks: 1_200 }, "clicks went from 10.00 % of old's answers to 6.00 % of new's"],
    ["ratings", { ratings: 300 }, "ratings went from 3.00 % of old's answers to 1.50 % of new's"],
  ])("%s get worse", (guardrail, counts, reason) => {
    expect(judge(traffic("new", counts), before)).toEqual({ kind: "tripped", guardrail, reason });
  });
});

test("a little worse is no reason", () => {
  expect(judge(traffic("new", { errors: 60, fallbacks: 1_150, clicks: 1_800 }), before).kind).toBe(
    "good",
  );
});

test("much worse over few answers is chance, and waited for", () => {
  const few = traffic("new", { answers: 900, errors: 90, fallbacks: 0, clicks: 0, ratings: 0 });
  expect(judge(few, before)).toEqual({ kind: "too-early", answers: 900 });
});

test("cold shards and emptied caches of the first minutes are not held against a release", () => {
  const kinds = (counts: Partial<ReleaseTraffic>, minutes: number[]) =>
    minutes.map((minute) => judgeAfter(traffic("new", counts), before, minute * 60_000).kind);
  expect(kinds({ fallbacks: 4_000 }, [0, 9, 10])).toEqual(["good", "good", "tripped"]);
  expect(kinds({ clicks: 1_000, ratings: 300 }, [10, 59, 60])).toEqual(["good", "good", "tripped"]);
  expect(kinds({ errors: 400 }, [0])).toEqual(["tripped"]);
});

test("clicks may outnumber the answers where caches give most of them", () => {
  const many = (release: string, clicks: number) => traffic(release, { clicks });
  expect(judge(many("new", 59_000), many("old", 60_000)).kind).toBe("good");
  expect(judge(many("new", 30_000), many("old", 60_000))).toMatchObject({ guardrail: "clicks" });
});

test("a shop without clicks is not judged by clicks", () => {
  const none = { clicks: 0, ratings: 0 };
  expect(judge(traffic("new", none), traffic("old", none)).kind).toBe("good");
});

test("two draws from the same shares hardly ever trip", () => {
  let tripped = 0;
  fc.assert(
    fc.property(fc.noShrink(fc.integer()), (seed) => {
      const draw = uniforms(seed);
      const sample = (release: string) => {
        const count = (share: number) => {
          let sum = 0;
          for (let answer = 0; answer < 2_000; answer++) if (draw() < share) sum++;
          return sum;
        };
        const counts = {
          fallbacks: count(0.05),
          errors: count(0.01),
          clicks: count(0.1),
          ratings: count(0.03),
        };
        return traffic(release, { answers: 2_000, ...counts });
      };
      if (judge(sample("new"), sample("old")).kind === "tripped") tripped++;
    }),
    { numRuns: 300, seed: 42 },
  );
  expect(tripped).toBe(0);
});

/** A linear congruential generator: enough to draw counts. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
