import { expect, test, vi } from "vitest";
import { answerPurge, purgeReleases } from "./purge.ts";

const URL_OF_CRON = "https://usher.internal/purge";

function ask(
  body: string,
  purge = vi.fn(async () => ({ success: true, errors: [] as { code: number; message: string }[] })),
) {
  const cache = { purge, invalidate: purge };
  const answer = answerPurge(new Request(URL_OF_CRON, { method: "POST", body }), { cache });
  return { answer, purge };
}

test("the cron Worker's tags are purged in one call", async () => {
  const { answer, purge } = ask('{"tags":["release-a","release-b"]}');
  expect((await answer)?.status).toBe(204);
  expect(purge.mock.calls).toEqual([[{ tags: ["release-a", "release-b"] }]]);
});

test.each([
  ["https://usher.example.com/purge", "POST"],
  ["https://usher.internal/recommend/1", "POST"],
  [URL_OF_CRON, "GET"],
])("%s by %s is no purge", (url, method) => {
  expect(answerPurge(new Request(url, { method }), {})).toBeNull();
});

test.each(["", "{}", '{"tags":[]}', '{"tags":[""]}', '{"tags":[1]}'])(
  "%s names no tags and purges nothing",
  async (body) => {
    const { answer, purge } = ask(body);
    expect((await answer)?.status).toBe(400);
    expect(purge).not.toHaveBeenCalled();
  },
);

test("without a Workers Cache, and when it refuses, the cron Worker is told", async () => {
  const request = () => new Request(URL_OF_CRON, { method: "POST", body: '{"tags":["t"]}' });
  expect((await answerPurge(request(), {}))?.status).toBe(501);
  const errors = [{ code: 1, message: "rate limited" }];
  const { answer } = ask(
    '{"tags":["t"]}',
    vi.fn(async () => ({ success: false, errors })),
  );
  const response = await answer;
  expect([response?.status, await response?.text()]).toEqual([502, "rate limited"]);
});

test("a change of release purges what served before by its tags, in one call", async () => {
  const purge = vi.fn(async () => ({ success: true, errors: [] }));
  const cache = { purge, invalidate: purge };
  expect(await purgeReleases({ cache }, ["a", "b"])).toBe("purged");
  expect(purge.mock.calls).toEqual([[{ tags: ["release-a", "release-b"] }]]);
});

test("a change of release goes on when the purge cannot", async () => {
  expect(await purgeReleases({}, ["a"])).toBe("no Workers Cache here");
  const limited = async () => ({ success: false, errors: [{ code: 1, message: "rate limited" }] });
  expect(await purgeReleases({ cache: { purge: limited, invalidate: limited } }, ["a"])).toBe(
    "failed: rate limited",
  );
  const broken = async () => Promise.reject(new Error("no network"));
  expect(await purgeReleases({ cache: { purge: broken, invalidate: broken } }, ["a"])).toBe(
    "failed: no network",
  );
});
