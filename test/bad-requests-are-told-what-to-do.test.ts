/** What clients get wrong, over HTTP against the real Workers: a clear answer, and nothing lost. */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

interface ProblemJson {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud?.stop());

async function problem(path: string, init: RequestInit = {}): Promise<ProblemJson> {
  const response = await fetch(cloud.api + path, init);
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const body = (await response.json()) as ProblemJson;
  expect(body.status).toBe(response.status);
  return body;
}

function post(body: string): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body };
}

/** A request whose path is sent as it is, where `fetch` would tidy it up. */
async function rawStatus(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(cloud.api, { path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once("error", reject);
    sent.end();
  });
}

describe("before the first release", () => {
  test("ready says no, alive says yes, and a question is told what to do", async () => {
    expect((await fetch(`${cloud.api}/healthz`)).status).toBe(200);
    const { status, title, detail } = await problem("/readyz");
    expect({ status, title }).toEqual({ status: 503, title: "NO_RELEASE" });
    expect(detail).toContain("usher cycle");
    expect((await problem("/recommend/1")).status).toBe(503);
  });
});

describe("with a release", () => {
  beforeAll(async () => {
    const shape = { users: 60, items: 80, ratingsPerUser: 20 };
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
    await runCycle(cloud.around, silentProgress);
  });

  test("an unknown route is told those there are", async () => {
    const { status, detail } = await problem("/recomend/1");
    expect(status).toBe(404);
    expect(detail).toContain("GET /recommend/:userId");
  });

  test("an unknown user gets trending, by name", async () => {
    const response = await fetch(`${cloud.api}/recommend/nobody-has-this-id`);
    expect(response.status).toBe(200);
    expect(response.headers.get("usher-source")).toBe("trending");
    expect((await response.text()).split(",")).toHaveLength(20);
  });

  test("a user id of 10 KB is measured", async () => {
    const { status, detail } = await problem(`/recommend/${"x".repeat(10_240)}`);
    expect(status).toBe(400);
    expect(detail).toBe("userId has 10240 bytes; an id has 1 to 128.");
  });

  test.each(["/recommend/%E0%A4%A", "/recommend/%00", "/recommend/..%2f..%2fetc", "//", "/%"])(
    "a strange path is not our fault: %s",
    async (path) => {
      expect(await rawStatus(path)).toBeLessThan(500);
    },
  );

  test.each(["0", "101", "-1", "1.5", "many", ""])(
    "limit=%s is refused with its range",
    async (limit) => {
      const { status, detail } = await problem(`/v1/users/1/recommendations?limit=${limit}`);
      expect(status).toBe(400);
      expect(detail).toContain("1 to 100");
    },
  );

  test("malformed JSON is said to be that", async () => {
    const { status, title, detail } = await problem("/v1/events", post('{"userId": "1", '));
    expect({ status, title }).toEqual({ status: 400, title: "MALFORMED_JSON" });
    expect(detail).toContain("not JSON");
  });

  test("2,000 events in one call are refused whole, and the number of calls is named", async () => {
    const event = { userId: "flood", itemId: "1", type: "view" };
    const body = JSON.stringify(Array.from({ length: 2000 }, () => event));
    const { status, detail } = await problem("/v1/events", post(body));
    expect(status).toBe(413);
    expect(detail).toContain("send them in 2 calls");
  });

  test("a rating of 11 is rejected by name; the good ones of the call are stored", async () => {
    const good = { userId: "careful", itemId: "2", type: "rate", value: 4 };
    const bad = { ...good, value: 11 };
    const response = await fetch(`${cloud.api}/v1/events`, post(JSON.stringify([bad, good])));
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: 1,
      rejected: 1,
      verdicts: [
        { index: 0, status: "rejected", reason: "value: 11 is outside 0.5..5" },
        { index: 1, status: "accepted" },
      ],
    });
    await expect.poll(() => eventsOf("careful"), { timeout: 15_000 }).toBe(1);
    expect(await eventsOf("flood")).toBe(0);
  });

  test("a call without one good event is refused, with each reason", async () => {
    const event = { userId: "1", itemId: "1", type: "rate", value: 11 };
    const { status, detail } = await problem("/v1/events", post(JSON.stringify(event)));
    expect(status).toBe(422);
    expect(detail).toContain("value: 11 is outside 0.5..5");
  });

  test.each(["7", "null", '"text"', "[]", '{"events": []}'])("%s is no call", async (body) => {
    expect((await problem("/v1/events", post(body))).status).toBe(400);
  });

  test("a body over a megabyte is refused", async () => {
    const { status } = await problem("/v1/events", post(`"${"x".repeat(1_100_000)}"`));
    expect(status).toBe(413);
  });

  test("an answer names what it is, may be cached, and is not sent twice", async () => {
    const url = `${cloud.api}/v1/users/1/recommendations`;
    const first = await fetch(url);
    expect(first.headers.get("cache-control")).toBe(
      "public, max-age=60, stale-while-revalidate=600",
    );
    expect(first.headers.get("cache-tag")).toBe(`release-${first.headers.get("usher-release")}`);
    expect(first.headers.get("usher-source")).toBe("list");
    const etag = first.headers.get("etag")!;
    const second = await fetch(url, { headers: { "if-none-match": etag } });
    expect(second.status).toBe(304);
    expect(await second.text()).toBe("");
  });
});

async function eventsOf(user: string): Promise<number> {
  const found = await cloud.database.pool.query(
    "select count(*)::int as count from events where user_id = $1",
    [user],
  );
  return (found.rows[0] as { count: number }).count;
}
