/** The Durable Object as workerd runs it: its SQLite and its alarm are the platform's own. */
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { UsherEvent } from "../../events/event.ts";
import type { Recent, Recorded } from "./live-profile.ts";

/** Calls a method of a user's object, as the API Worker does. */
const CALLER = `
  export { LiveProfile } from "./live-profile.ts";
  export default {
    async fetch(request, env) {
      const { userId, method, given } = await request.json();
      return Response.json(await env.LIVE_PROFILES.getByName(userId)[method](...given));
    },
  };`;
const WEEK_MS = 7 * 86_400_000;

let workerd: Miniflare;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: CALLER, resolveDir: import.meta.dirname },
    external: ["cloudflare:workers"],
    ...{ bundle: true, format: "esm", write: false },
  });
  const modules = [
    { type: "ESModule" as const, path: "caller.js", contents: outputFiles[0]!.text },
  ];
  const durableObjects = { LIVE_PROFILES: { className: "LiveProfile", useSQLite: true } };
  workerd = new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: "127.0.0.1", cf: false, log: new Log(LogLevel.NONE) },
      telemetry: { enabled: false },
      workers: [{ name: "caller", compatibilityDate: "2026-08-15", modules, durableObjects }],
    }),
  );
  await workerd.ready;
});
afterAll(() => workerd?.dispose());

async function call<Answer>(userId: string, method: string, ...given: unknown[]): Promise<Answer> {
  const init = { method: "POST", body: JSON.stringify({ userId, method, given }) };
  const response = await workerd.dispatchFetch("http://usher.test/", init);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()) as Answer;
}

const record = (userId: string, event: UsherEvent, receivedAt: number) =>
  call<Recorded>(userId, "record", [event], receivedAt);
const recentItems = async (userId: string, containedBefore: number) => {
  const { events } = await call<Recent>(userId, "recent", containedBefore);
  return events.map(({ itemId }) => itemId);
};

function view(itemId: string, occurredAt: number): UsherEvent {
  const rest = { value: null, minutes: null, share: null, requestId: null };
  return { eventId: `view of ${itemId}`, userId: "ada", itemId, type: "view", occurredAt, ...rest };
}

test("a release that knows more does not take events from one that knows less", async () => {
  const now = Date.now();
  await record("ada", view("early", now - 1_000), now - 1_000);
  await record("ada", view("late", now), now);
  expect(await recentItems("ada", now - 500)).toEqual(["late"]);
  // A rollback, or another arm of an experiment.
  expect(await recentItems("ada", now - 2_000)).toEqual(["early", "late"]);
});

test("a user who comes back after a week's silence is written down again", async () => {
  const longAgo = Date.now() - WEEK_MS - 1_000;
  await record("bob", view("old", longAgo), longAgo);
  // The alarm is due at once, and leaves nothing.
  while ((await recentItems("bob", 0)).length > 0);
  const now = Date.now();
  expect(await record("bob", view("new", now), now)).toEqual({ erased: false, known: [] });
  expect(await recentItems("bob", 0)).toEqual(["new"]);
});

test("an erased user stays erased, whatever is sent and however long it takes", async () => {
  const longAgo = Date.now() - WEEK_MS - 1_000;
  await record("eve", view("old", longAgo), Date.now());
  expect(await call<number>("eve", "erase")).toBe(1);
  expect(await record("eve", view("new", longAgo), longAgo)).toEqual({ erased: true });
  expect(await recentItems("eve", 0)).toEqual([]);
});
