import fc from "fast-check";
import { expect, test } from "vitest";
import type { UsherEvent } from "./event.ts";
import { packMessages, parseMessage } from "./message.ts";

const event: UsherEvent = {
  eventId: "e",
  userId: "42",
  itemId: "1193",
  type: "rate",
  value: 4,
  minutes: null,
  share: null,
  occurredAt: 1_700_000_000_000,
  requestId: null,
};
const meta = { source: "api", receivedAt: 1_700_000_000_500 };
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

test("every event travels once, in order, in messages below the limit", () => {
  const ids = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }));
  fc.assert(
    fc.property(ids, fc.integer({ min: 400, max: 3000 }), (userIds, maxBytes) => {
      const events = userIds.map((userId) => ({ ...event, userId }));
      const messages = packMessages(events, meta, maxBytes);
      expect(messages.flatMap((message) => message.events)).toEqual(events);
      for (const message of messages) {
        if (message.events.length > 1) expect(bytesOf(message)).toBeLessThanOrEqual(maxBytes);
        expect(message).toMatchObject({ v: 1, ...meta });
      }
    }),
  );
});

test("a thousand events need only a few messages", () => {
  const events = Array.from({ length: 1000 }, (_, i) => ({ ...event, eventId: `event-${i}` }));
  const messages = packMessages(events, meta);
  expect(messages.length).toBe(Math.ceil(bytesOf(events) / 100_000));
});

test("no events need no message", () => {
  expect(packMessages([], meta)).toEqual([]);
});

test("a message that was packed is read again, also after a trip as JSON", () => {
  const [message] = packMessages([event, { ...event, eventId: "f" }], meta);
  expect(parseMessage(JSON.parse(JSON.stringify(message)))).toEqual({ ok: true, message });
});

test.each([
  [{ v: 2, ...meta, events: [] }, "v: is another version of the message than 1"],
  [{ v: 1, ...meta, source: "a\u0000", events: [] }, "source: is not 1..128 bytes"],
  [{ v: 1, ...meta, events: [{ ...event, value: 9 }] }, "events.0.value: 9 is outside 0.5..5"],
  [{ v: 1, ...meta, events: [{ ...event, value: null }] }, "value: is missing"],
  ["hello", ""],
  [null, ""],
])("a message that the database would refuse is named: %o", (body, reason) => {
  const verdict = parseMessage(body);
  expect(verdict.ok).toBe(false);
  expect(verdict.ok ? "" : verdict.reason).toContain(reason);
});
