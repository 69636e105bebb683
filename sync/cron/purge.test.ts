import { expect, test, vi } from "vitest";
import { purgeThrough } from "./purge.ts";

test("all tags of a change go to the API Worker in one call, by a name no public request has", async () => {
  const fetch = vi.fn(async () => ({ ok: true, status: 204 }));
  expect(await purgeThrough({ fetch }).purge(["release-a", "release-b"])).toBe("purged");
  expect(fetch.mock.calls).toEqual([
    [
      "https://usher.internal/purge",
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"tags":["release-a","release-b"]}',
      },
    ],
  ]);
});

test("a purge that fails is told and not thrown: answers expire by themselves", async () => {
  const refusing = { fetch: async () => ({ ok: false, status: 404 }) };
  expect(await purgeThrough(refusing).purge(["t"])).toBe("the API Worker answered 404");
  const broken = { fetch: () => Promise.reject(new Error("no network")) };
  expect(await purgeThrough(broken).purge(["t"])).toBe("failed: no network");
  expect(await purgeThrough(undefined).purge(["t"])).toMatch(/not bound/);
});
