import { expect, test } from "vitest";
import { analyse } from "./analysis.ts";
import type { Experiment, MetricName } from "./definition.ts";
import type { OutcomeDay, PreferenceDay, Segment } from "./outcomes.ts";
import { resultsCsv } from "./results-csv.ts";

const EXPERIMENT: Experiment = {
  id: "e",
  name: "E",
  layer: "default",
  mode: "split",
  arms: [
    { name: "A", share: 0.5, release: "r1", parameters: {} },
    { name: "B", share: 0.5, release: "r2", parameters: {} },
  ],
  salt: "e",
  primary: "clicks",
  guardrails: [],
  minimumEffect: 0.05,
  alpha: 0.05,
  power: 0.8,
};

/** Users of one arm who clicked `mean` times on average, as a Poisson process would. */
function day(
  arm: string,
  users: number,
  mean: number,
  change: { metric?: MetricName; day?: string; segment?: Segment } = {},
): OutcomeDay {
  return {
    metric: "clicks",
    arm,
    segment: "new",
    day: "2026-01-08",
    users,
    userDays: users * 4,
    sum: users * mean,
    squares: users * (mean + mean ** 2),
    before: 0,
    beforeSquares: 0,
    products: 0,
    ...change,
  };
}

/** Seven days before, without anybody, so that the week is whole. */
const WEEK = Array.from({ length: 7 }, (_, at) =>
  ["A", "B"].map((arm) => day(arm, 0, 0, { day: `2026-01-0${at + 1}` })),
).flat();

function judge(days: readonly OutcomeDay[], change: Partial<Experiment> = {}, before = WEEK) {
  const outcomes = { days: [...before, ...days], bins: [], preferences: [] };
  return analyse({ ...EXPERIMENT, ...change }, outcomes, null);
}

test("an arm that is better is to be shipped, with its interval in the sentence", () => {
  const { verdict, primary } = judge([day("A", 10_000, 2), day("B", 10_000, 2.2)]);
  expect(verdict).toMatchObject({ kind: "ship", arm: "B" });
  expect(verdict.sentence).toMatch(
    /^B lifts clicks by 10\.0 % \[\+\d\.\d, \+1\d\.\d\]: ship it\.$/,
  );
  expect(primary[0]!.p).toBeLessThan(0.001);
});

test("before a whole week has passed, the sentence says how much of it has", () => {
  const { verdict } = judge([day("A", 10_000, 2), day("B", 10_000, 2.2)], {}, []);
  expect(verdict.sentence).toMatch(/ship it\. It has run 1 of the 7 days of a week\.$/);
});

test("an arm that is worse, or no better by what matters, is not", () => {
  const worse = judge([day("A", 10_000, 2), day("B", 10_000, 1.8)]).verdict;
  expect(worse.kind).toBe("keep");
  expect(worse.sentence).toMatch(/^B lowers clicks by 10\.0 % \[−1\d\.\d, −\d\.\d\]: keep A\.$/);
  const same = judge([day("A", 200_000, 2), day("B", 200_000, 2.001)]).verdict;
  expect(same.kind).toBe("keep");
  expect(same.sentence).toContain("B changes clicks by less than 5.0 %");
});

test("what may still be anything is not decided", () => {
  const { verdict } = judge([day("A", 400, 2), day("B", 400, 2.1)]);
  expect(verdict.kind).toBe("undecided");
  expect(verdict.sentence).toContain("Not decided: the effect of B on clicks is +5.0 %");
});

test("a guardrail that breaks forbids what the primary metric would allow", () => {
  const days = (plays: number) => [
    day("A", 10_000, 2),
    day("B", 10_000, 2.2),
    day("A", 10_000, 2, { metric: "plays" }),
    day("B", 10_000, plays, { metric: "plays" }),
  ];
  const guarded = { guardrails: ["plays" as const] };
  const broken = judge(days(1.8), guarded).verdict;
  expect(broken.kind).toBe("keep");
  expect(broken.sentence).toMatch(
    /^B lifts clicks by .*, but lowers plays by 10\.0 % .*: do not ship it\.$/,
  );
  const unsure = judge(days(1.95), guarded).verdict;
  expect(unsure).toMatchObject({ kind: "ship", arm: "B" });
  expect(unsure.sentence).toContain("Not yet sure to be unharmed: plays [");
});

test("missing users come before any effect", () => {
  const { verdict, sampleRatio } = judge([day("A", 150_000, 2), day("B", 147_000, 2.5)]);
  expect(sampleRatio.trusted).toBe(false);
  expect(verdict).toMatchObject({ kind: "distrust", arm: null });
  expect(verdict.sentence).toContain("about 2.0 % of B's users are missing");
});

test("of several arms the best is shipped, and each is corrected for the others", () => {
  const arms = [...EXPERIMENT.arms, { ...EXPERIMENT.arms[1]!, name: "C" }];
  const rows = [day("A", 10_000, 2), day("B", 10_000, 2.1), day("C", 10_000, 2.3)];
  const two = judge(rows, { arms });
  expect(two.verdict.arm).toBe("C");
  expect(two.primary.map(({ arm, level }) => [arm, level])).toEqual([
    ["B", 0.05],
    ["C", 0.025],
  ]);
});

test("equal arms are sound while no difference shows, and not to be trusted when one does", () => {
  const arms = EXPERIMENT.arms.map((arm) => ({ ...arm, release: null }));
  expect(judge([day("A", 9_000, 2), day("B", 9_000, 2.01)], { arms }).verdict.kind).toBe("sound");
  const odd = judge([day("A", 9_000, 2), day("B", 9_000, 2.4)], { arms }).verdict;
  expect(odd.kind).toBe("distrust");
  expect(odd.sentence).toContain("the arms are equal, yet B lifts clicks");
});

test.each([
  ["nobody", []],
  ["a single user", [day("A", 1, 3), day("B", 0, 0)]],
  ["many who do nothing", [day("A", 1_000, 0), day("B", 1_000, 0)]],
])("%s decides nothing, in a sentence", (_, days) => {
  const { verdict, daily } = judge(days, {}, []);
  expect(verdict.kind).toBe("undecided");
  expect(verdict.sentence).toMatch(/^Not decided: .*\.$/);
  expect(daily).toEqual([]);
});

test("segments add up to everybody and are compared each for itself", () => {
  const { arms, segments } = judge([
    day("A", 1_000, 2),
    day("A", 500, 3, { segment: "returning" }),
    day("B", 1_000, 2),
    day("B", 500, 6, { segment: "returning" }),
  ]);
  expect(arms.map(({ users }) => users)).toEqual([1_500, 1_500]);
  expect(segments.map(({ segment, effect }) => [segment, effect!.relative])).toEqual([
    ["new", 0],
    ["returning", 1],
  ]);
});

test("interleaved, users vote", () => {
  const vote = (wins: number, losses: number): PreferenceDay => ({
    day: "2026-01-08",
    users: 1_000,
    userDays: 4_000,
    wins,
    losses,
  });
  const mixed = (wins: number, losses: number) => {
    const preferences = [vote(wins, losses)];
    const experiment = { ...EXPERIMENT, mode: "interleaving" as const };
    return analyse(experiment, { days: [], bins: [], preferences }, null);
  };
  const won = mixed(500, 200).verdict;
  expect(won).toMatchObject({ kind: "ship", arm: "B" });
  expect(won.sentence).toMatch(
    /^500 users prefer B, 200 A, 300 neither, \+30\.0 points \[.*\]: ship B\./,
  );
  expect(mixed(200, 500).verdict).toMatchObject({ kind: "keep", arm: null });
  expect(mixed(255, 250).verdict.kind).toBe("undecided");
  expect(mixed(0, 0).verdict.kind).toBe("undecided");
});

test("as CSV every row has every column, and a sentence with commas is one field", () => {
  const analysis = judge([day("A", 10_000, 2), day("B", 10_000, 2.2)]);
  const csv = resultsCsv({
    experiment: EXPERIMENT,
    status: "running",
    startedAt: null,
    stoppedAt: null,
    shippedArm: null,
    judgedUntil: "2026-01-09T00:00:00.000Z",
    plan: null,
    analysis,
  });
  const [header, verdict, ...rows] = csv.trimEnd().split("\r\n");
  expect(verdict).toBe(`verdict,B,,,,,,,,,,"ship: ${analysis.verdict.sentence}"`);
  const columns = header!.split(",").length;
  expect(rows.every((row) => row.split(",").length === columns)).toBe(true);
  expect(rows.filter((row) => row.startsWith("arm,")).map((row) => row.split(",")[5])).toEqual([
    "10000",
    "10000",
  ]);
});
