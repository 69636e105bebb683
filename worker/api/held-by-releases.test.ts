import { expect, test } from "vitest";
import type { ApiEnv } from "./environment.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const release = smallRelease("r1");

/** The API over a database that streams what it is told to. */
function exporting(kv: FakeKv, pieces: readonly (string | Error)[]) {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) {
          if (piece instanceof Error) return controller.error(piece);
          controller.enqueue(new TextEncoder().encode(piece));
        }
        controller.close();
      },
    });
  const env = {
    KEYS_REQUIRED: "false",
    PEOPLE: { export: async () => stream() },
    LIVE_PROFILES: { getByName: () => ({ recent: async () => ({ events: [] }) }) },
  };
  return apiOver(kv, env as unknown as Partial<ApiEnv>);
}

const WHOLE = ['{"user":null', ',"events":[]}'];

test("an export holds the list and the profile that the serving release has of the user", async () => {
  const api = exporting(new FakeKv(activated(release)), WHOLE);
  const answer = await (await api.fetch("/v1/users/u7/export")).json();
  expect(answer).toMatchObject({
    database: { user: null, events: [] },
    releases: [{ release: "r1" }],
  });
  const [held] = (answer as { releases: Record<string, { itemId: string }[]>[] }).releases;
  expect(held?.["list"]?.map(({ itemId }) => itemId)).toEqual(release.lists.get("u7"));
  expect(held?.["profile"]?.map(({ itemId }) => itemId)).toEqual(release.seen.get("u7"));
});

test("of a user whom the release does not know it holds nothing", async () => {
  const api = exporting(new FakeKv(activated(release)), WHOLE);
  const answer = await (await api.fetch("/v1/users/somebody/export")).json();
  expect(answer).toMatchObject({ releases: [{ release: "r1", list: null, profile: null }] });
});

test("a record that breaks off is not JSON", async () => {
  const api = exporting(new FakeKv(activated(release)), ['{"user":null', new Error("gone")]);
  await expect((await api.fetch("/v1/users/u7/export")).json()).rejects.toThrow();
});

test("where the releases cannot be read there is no export that looks whole", async () => {
  const values = activated(release);
  for (const key of values.keys()) if (key.includes("/l/")) values.delete(key);
  const response = await exporting(new FakeKv(values), WHOLE).fetch("/v1/users/u7/export");
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ title: "RELEASES_UNREACHABLE" });
});
