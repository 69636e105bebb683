import fc from "fast-check";
import { expect, test } from "vitest";
import { deriveEventId, type EventContent } from "./event-id.ts";

const content = fc.record<EventContent>({
  userId: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  itemId: fc.string({ minLength: 1, maxLength: 400 }),
  type: fc.constantFrom("rate", "play"),
  value: fc.option(fc.double({ min: 0.5, max: 5, noNaN: true })),
  minutes: fc.option(fc.nat()),
  share: fc.option(fc.constantFrom(0, 0.5, 1)),
  occurredAt: fc.nat(),
});

test("the id of a given event never changes: a new one would import everything again", () => {
  const event = { userId: "1", itemId: "31", type: "rate", value: 2.5, minutes: null, share: null };
  expect(deriveEventId({ ...event, occurredAt: 1260759144000 })).toBe(GOLDEN);
});

const GOLDEN = "1cc8a12cbd6690afb416b2fba3bf8b62";

test("the same content gives the same 128 bits, another content others", () => {
  fc.assert(
    fc.property(content, content, (one, other) => {
      expect(deriveEventId(one)).toMatch(/^[0-9a-f]{32}$/);
      expect(deriveEventId({ ...one })).toBe(deriveEventId(one));
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(deriveEventId(one) === deriveEventId(other)).toBe(same);
    }),
  );
});

test("a border between fields that moves gives another id", () => {
  const rest = { type: "view", value: null, minutes: null, share: null, occurredAt: 0 };
  expect(deriveEventId({ userId: "ab", itemId: "c", ...rest })).not.toBe(
    deriveEventId({ userId: "a", itemId: "bc", ...rest }),
  );
  const play = { userId: "a", itemId: "b", type: "play", value: null, occurredAt: 0 };
  expect(deriveEventId({ ...play, minutes: 1, share: null })).not.toBe(
    deriveEventId({ ...play, minutes: null, share: 1 }),
  );
});
