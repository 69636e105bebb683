import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { usherEvent, validateEvent } from "./event.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const rating = { userId: "42", itemId: "1193", type: "rate", value: 4.5, occurredAt: NOW - 1000 };

function reasonFor(change: Record<string, unknown>): string {
  const verdict = validateEvent({ ...rating, ...change }, NOW);
  return verdict.ok ? "accepted" : verdict.reason;
}

test("a rating comes out complete, with a derived id", () => {
  const verdict = validateEvent(rating, NOW);
  expect(verdict).toEqual({
    ok: true,
    event: { ...rating, eventId: expect.any(String), minutes: null, share: null, requestId: null },
  });
});

test("a client's own event id is kept", () => {
  const verdict = validateEvent({ ...rating, eventId: "mine-7" }, NOW);
  expect(verdict.ok && verdict.event.eventId).toBe("mine-7");
});

test("an event without a time happened now", () => {
  const verdict = validateEvent({ ...rating, occurredAt: null }, NOW);
  expect(verdict.ok && verdict.event.occurredAt).toBe(NOW);
});

test("an implicit event needs no value, a play may say how much was watched", () => {
  expect(reasonFor({ type: "view", value: undefined })).toBe("accepted");
  expect(reasonFor({ type: "play", value: null, minutes: 45, share: 0.4 })).toBe("accepted");
});

test("a clock that is ahead is put back to now, and the same event keeps its id", () => {
  const ahead = { ...rating, occurredAt: NOW + 3_600_000 };
  const [first, again] = [validateEvent(ahead, NOW), validateEvent(ahead, NOW + 1000)];
  expect(first.ok && first.event.occurredAt).toBe(NOW);
  expect(again.ok && again.event.occurredAt).toBe(NOW + 1000);
  expect(first.ok && first.event.eventId).toBe(again.ok && again.event.eventId);
});

describe("a reason names the field and what was expected", () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ value: 11 }, "value: 11 is outside 0.5..5"],
    [{ value: 0 }, "value: 0 is outside 0.5..5"],
    [{ value: Number.NaN }, "value: null is not a number 0.5..5"],
    [{ value: "4" }, 'value: "4" is not a number 0.5..5'],
    [{ value: undefined }, "value: is missing; a rate event needs a number 0.5..5"],
    [{ type: "click" }, "value: belongs to rate events only; this one is a click"],
    [{ minutes: 3 }, "minutes: belongs to play events only; this one is a rate"],
    [{ type: "remove" }, "value: belongs to rate events only; this one is a remove"],
    [{ share: 1 }, "share: belongs to play events only; this one is a rate"],
    [{ type: "like" }, 'type: "like" is none of rate, play, click, view, remove'],
    [{ userId: undefined }, "userId: nothing is not a string of 1..128 bytes"],
    [{ userId: 42 }, "userId: 42 is not a string of 1..128 bytes"],
    [{ itemId: "" }, 'itemId: "" is empty; expected 1..128 bytes'],
    [{ eventId: "x".repeat(129) }, "expected 1..128 bytes"],
    [{ userId: "a\ud83d" }, "is not well-formed Unicode; expected 1..128 bytes"],
    [{ stars: 4 }, "stars: is not a field of an event"],
    [{ occurredAt: "yesterday" }, 'yesterday" is neither ISO 8601 nor epoch milliseconds'],
    [{ occurredAt: "2026-02-30T10:00:00Z" }, "is neither ISO 8601 nor epoch milliseconds"],
    [{ occurredAt: "2026-06-02T12:00:01Z" }, "is more than 24 hours in the future"],
    [{ occurredAt: -1 }, "occurredAt: -1 is before 1970"],
    [{ occurredAt: "1969-12-31" }, "is before 1970"],
  ];
  test.each(cases)("%o", (change, reason) => {
    expect(reasonFor(change)).toContain(reason);
  });

  test.each(["__proto__", "constructor", "toString"])("%s is no field", (name) => {
    const input = JSON.parse(`{"${name}":{"type":"view"}}`);
    const verdict = validateEvent(Object.assign(input, rating), NOW);
    expect(verdict.ok ? "accepted" : verdict.reason).toContain(`${name}: is not a field`);
  });

  test("a field that is not there is said to be missing", () => {
    const { itemId: _, ...without } = rating;
    const verdict = validateEvent(without, NOW);
    expect(verdict.ok ? "accepted" : verdict.reason).toBe("itemId: is missing");
  });

  test.each([null, 7, "event", [], [rating]])("%o is no event", (input) => {
    const verdict = validateEvent(input, NOW);
    expect(verdict.ok ? "accepted" : verdict.reason).toMatch(/not a JSON object|is missing/);
  });
});

test("times are read as ISO 8601 with any offset, UTC without one", () => {
  const timeOf = (occurredAt: unknown) => {
    const verdict = validateEvent({ ...rating, occurredAt }, NOW);
    return verdict.ok ? verdict.event.occurredAt : verdict.reason;
  };
  const expected = Date.UTC(2025, 9, 17, 1, 33, 45, 122);
  expect(timeOf("2025-10-17T01:33:45.122692921")).toBe(expected);
  expect(timeOf("2025-10-17T01:33:45.122Z")).toBe(expected);
  expect(timeOf("2025-10-17T03:33:45.122+02:00")).toBe(expected);
  expect(timeOf("2025-10-17 03:33:45.122+0200")).toBe(expected);
  expect(timeOf("2024-02-29")).toBe(Date.UTC(2024, 1, 29));
  expect(timeOf(expected + 0.7)).toBe(expected);
});

test("whatever is accepted satisfies the schema of stored events, and nothing throws", () => {
  const anything = fc.oneof(fc.anything(), fc.string(), fc.double(), fc.constantFrom(null, 3, "1"));
  const wild = fc.record(
    {
      eventId: anything,
      userId: fc.oneof(fc.string({ unit: "binary", maxLength: 140 }), anything),
      itemId: fc.oneof(fc.string({ minLength: 1 }), anything),
      type: fc.constantFrom("rate", "play", "click", "view", "remove", "other"),
      value: fc.oneof(fc.double({ min: 0.4, max: 5.1 }), fc.constant(null), anything),
      minutes: fc.oneof(fc.double({ min: 0 }), fc.constant(null)),
      share: fc.oneof(fc.double({ min: -0.1, max: 1.1 }), fc.constant(null)),
      occurredAt: fc.oneof(fc.double(), fc.date(), anything),
      requestId: fc.oneof(fc.constant(null), fc.string()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(wild, (input) => {
      const verdict = validateEvent(input, NOW);
      if (verdict.ok) expect(v.is(usherEvent, verdict.event)).toBe(true);
      else expect(verdict.reason.length).toBeGreaterThan(5);
    }),
    { numRuns: 1000 },
  );
});
