import fc from "fast-check";
import { expect, test } from "vitest";
import { judge } from "./judge.ts";

const LIMITS = { leastRequests: 100, errorMargin: 0.01 };

test("a spike is worse; the old version's own errors are no reason", () => {
  const old = { requests: 10_000, errors: 20 };
  expect(judge({ requests: 500, errors: 50 }, old, LIMITS).kind).toBe("worse");
  expect(judge({ requests: 500, errors: 1 }, old, LIMITS).kind).toBe("good");
  const bad = { requests: 10_000, errors: 1_000 };
  expect(judge({ requests: 500, errors: 50 }, bad, LIMITS).kind).toBe("good");
});

test("a few failures among few requests are an accident, and too few requests tell nothing", () => {
  const old = { requests: 10_000, errors: 0 };
  expect(judge({ requests: 100, errors: 1 }, old, LIMITS).kind).toBe("good");
  expect(judge({ requests: 99, errors: 99 }, old, LIMITS).kind).toBe("few");
});

test("a new version that fails everything is worse, whatever the old one did short of that", () => {
  const counts = fc.record({
    requests: fc.nat(100_000),
    share: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 100_000 }),
      counts,
      (requests, { requests: before, share }) => {
        const old = { requests: before, errors: Math.floor(before * share) };
        expect(judge({ requests, errors: requests }, old, LIMITS).kind).toBe("worse");
      },
    ),
  );
});
