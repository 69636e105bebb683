import fc from "fast-check";
import { expect, test } from "vitest";
import type { UsherEvent } from "./event.ts";
import { packMessages, parseMessage, sortMessages } from "./message.ts";

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
const traffic = {
  v: 1,
  kind: "traffic",
  flushId: "0b8f1e0a-6f0e-4a52-9a3c-0d5f4a1f2b3c",
  flushedAt: 1_700_000_000_000,
  counts: [{ name: "answers", labels: "release=r1,source=list", count: 3, sum: 3, min: 1, max: 1 }],
};
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
  const events = [event, { ...event, eventId: "f" }];
  const [message] = packMessages(events, { ...meta, requestId: "call-1" });
  expect(parseMessage(JSON.parse(JSON.stringify(message)))).toEqual({
    ok: true,
    kind: "events",
    ...meta,
    requestId: "call-1",
    events,
    poison: [],
  });
});

test.each([
  [{ v: 2, ...meta, events: [] }, "v: is another version of the message than 1"],
  [{ v: 1, ...meta, source: "a\u0000", events: [] }, "source: is not 1..128 bytes"],
  ["hello", ""],
  [null, ""],
])("a message in another form is named: %o", (body, reason) => {
  const verdict = parseMessage(body);
  expect(verdict.ok).toBe(false);
  expect(verdict.ok ? "" : verdict.reason).toContain(reason);
});

test.each([
  [{ v: 2 }, "v: is another version of the message than 1"],
  [{ flushId: "again" }, "flushId: is no UUID"],
  [{ flushedAt: -1 }, "flushedAt"],
  [{ counts: [{ ...traffic.counts[0], name: "answers; drop" }] }, "name: is no name of a count"],
  [{ counts: [{ ...traffic.counts[0], labels: "release" }] }, "labels: are no labels"],
  [{ counts: [{ ...traffic.counts[0], count: 0 }] }, "count"],
  [{ counts: [{ ...traffic.counts[0], sum: Number.NaN }] }, "sum"],
])("a message of counts in another form is named: %o", (change, reason) => {
  const verdict = parseMessage({ ...traffic, ...change });
  expect(verdict.ok ? "" : verdict.reason).toContain(reason);
});

test("a poison event is named, and the others of its message are read", () => {
  const poison = [{ ...event, value: 9 }, { ...event, value: null }, "hello", undefined];
  const verdict = parseMessage({ v: 1, ...meta, events: [event, ...poison, event] });
  expect(verdict).toMatchObject({ ok: true, events: [event, event] });
  if (!verdict.ok || verdict.kind !== "events") throw new Error("it was not read as events");
  expect(verdict.poison.map(({ position, reason }) => [position, reason])).toEqual([
    [2, "value: 9 is outside 0.5..5"],
    [3, "value: is missing; a rate event needs a number 0.5..5"],
    [4, '"hello" is not a JSON object'],
    [5, "nothing is not a JSON object"],
  ]);
  expect(verdict.poison[0]?.raw).toBe(JSON.stringify(poison[0]));
});

test("messages are taken apart into events, counts, poison and dead letters", () => {
  const good = { v: 1, ...meta, source: "shop", events: [event, { ...event, type: "like" }] };
  const sorted = sortMessages([
    { id: "m1", body: good },
    { id: "m2", body: { v: 9 } },
    { id: "m3", body: { v: 1, ...meta, events: [event] } },
    { id: "m4", body: traffic },
    { id: "m5", body: { ...traffic, v: 2 } },
  ]);
  expect(sorted.events.map(({ source }) => source)).toEqual(["shop", "api"]);
  expect(sorted.quarantined).toMatchObject([{ source: "queue:m1", line: 2 }]);
  expect(sorted.traffic).toEqual([traffic]);
  expect(sorted.unreadable).toMatchObject([
    { messageId: "m2", body: '{"v":9}' },
    { messageId: "m5" },
  ]);
});
