import { expect, test } from "vitest";
import { bootstrapMean } from "./evaluation/bootstrap.ts";
import { type Contender, gate } from "./gate.ts";
import { seededRandom } from "./random.ts";

const USERS = 300;

/** A model whose users' NDCG lie around `quality`; equal seeds give equal users. */
function contender(name: string, quality: number, coverage = 0.3, users = USERS): Contender {
  const random = seededRandom(8);
  const values = Float64Array.from({ length: users }, () => quality + (random() - 0.5) * 0.4);
  const metrics = {
    "ndcg@100": bootstrapMean(values, 1),
    "coverage@20": { mean: coverage, ci95: [coverage, coverage] as [number, number] },
  };
  return { name, metrics, perUser: { "ndcg@100": values } };
}

const popularity = contender("popularity", 0.25, 0.02);

test("a better model than the baselines passes the first time", () => {
  expect(gate({ candidate: contender("linear", 0.4), baselines: [popularity] })).toEqual({
    passed: true,
    reasons: [],
    forced: false,
  });
});

test("worse than the best baseline is refused, naming both and the figures", () => {
  const baselines = [popularity, contender("ease", 0.45)];
  const verdict = gate({ candidate: contender("linear", 0.4), baselines });
  expect(verdict.passed).toBe(false);
  expect(verdict.reasons).toHaveLength(1);
  expect(verdict.reasons[0]).toMatch(
    /^linear is worse than the baseline ease: ndcg@100 0\.39\d+ against 0\.44/,
  );
});

test("as good as the baseline is not worse", () => {
  const candidate = contender("linear", 0.25);
  expect(gate({ candidate, baselines: [popularity] }).passed).toBe(true);
});

test("worse than the current release beyond the interval is refused, within it passes", () => {
  const previous = (quality: number) => ({
    release: "20260101-000000-aaaaaaaa",
    metrics: contender("linear", quality).metrics,
  });
  const candidate = contender("linear", 0.4);
  const baselines = [popularity];
  expect(gate({ candidate, baselines, previous: previous(0.405) }).passed).toBe(true);
  const verdict = gate({ candidate, baselines, previous: previous(0.45) });
  expect(verdict.passed).toBe(false);
  expect(verdict.reasons[0]).toContain("current release 20260101-000000-aaaaaaaa");
});

test("coverage of less than half the current release's is refused", () => {
  const previous = { release: "r1", metrics: contender("linear", 0.4, 0.3).metrics };
  const candidate = contender("linear", 0.4, 0.1);
  const { reasons } = gate({ candidate, baselines: [popularity], previous });
  expect(reasons).toEqual([
    "linear shows 10.00 % of the catalogue, less than half of the 30.00 % that the current release r1 shows.",
  ]);
});

test("coverage under a hundredth of what the lists could show is refused", () => {
  const candidate = contender("linear", 0.4, 0.005);
  expect(gate({ candidate, baselines: [popularity] }).passed).toBe(false);
  expect(gate({ candidate, baselines: [popularity], reachableCoverage: 0.1 }).passed).toBe(true);
});

test("force lets a refused model through and says so", () => {
  const input = { candidate: contender("linear", 0.1), baselines: [popularity], force: true };
  expect(gate(input)).toMatchObject({ passed: false, forced: true });
  expect(gate({ ...input, candidate: contender("linear", 0.4) }).forced).toBe(false);
});

test("a model that could not be measured passes with a note, unless a measured one serves", () => {
  const candidate = { name: "linear", metrics: {}, perUser: {} };
  expect(gate({ candidate, baselines: [] })).toEqual({
    passed: true,
    reasons: [],
    forced: false,
    notes: ["linear was not measured: too few users."],
  });
  const previous = { release: "r1", metrics: contender("linear", 0.4).metrics };
  expect(gate({ candidate, baselines: [], previous }).reasons).toEqual([
    "linear could not be measured, while the current release r1 was: ndcg@100 0.3919.",
  ]);
  expect(gate({ candidate, baselines: [], previous: { release: "r0", metrics: {} } }).passed).toBe(
    true,
  );
});

test("a drift of the data is refused, and force lets it through", () => {
  const input = {
    candidate: contender("linear", 0.4),
    baselines: [popularity],
    dataset: { interactions: 400 },
    previous: {
      release: "r1",
      metrics: contender("linear", 0.4).metrics,
      dataset: { interactions: 1000 },
    },
  };
  expect(gate(input)).toMatchObject({ passed: false, forced: false });
  expect(gate(input).reasons[0]).toContain("400 interactions");
  expect(gate({ ...input, force: true })).toMatchObject({ passed: false, forced: true });
});

test("a handful of test users refuses nobody, and the verdict says so", () => {
  const candidate = contender("linear", 0.2, 0.3, 7);
  const baselines = [contender("ease", 0.45, 0.3, 7)];
  const previous = { release: "r1", metrics: contender("linear", 0.5).metrics };
  expect(gate({ candidate, baselines, previous })).toMatchObject({
    passed: true,
    notes: [expect.stringContaining("measured on 7 users")],
  });
  const enough = { candidate: contender("linear", 0.2, 0.3, 20), baselines };
  enough.baselines = [contender("ease", 0.45, 0.3, 20)];
  expect(gate(enough).passed).toBe(false);
});
