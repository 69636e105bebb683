import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Usher, type UsherOptions, UsherProblem } from "./index.ts";

interface Call {
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly keepalive: boolean;
}

type Answer = (signal?: AbortSignal) => Response | Promise<Response>;

/** A service that gives the answers one after the other, the last one for ever. */
function service(...answers: Answer[]) {
  const calls: Call[] = [];
  const answering = (input: unknown, init: RequestInit = {}) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)]!;
    calls.push({
      path: String(input).replace("https://usher.test", ""),
      headers: new Headers(init.headers),
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
      keepalive: init.keepalive === true,
    });
    init.signal?.throwIfAborted();
    return Promise.race([
      answer(init.signal ?? undefined),
      new Promise<never>((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal!.reason));
      }),
    ]);
  };
  const usher = (options: UsherOptions = {}) =>
    new Usher({ url: "https://usher.test/", fetch: answering as typeof fetch, ...options });
  return { calls, usher };
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  () =>
    Response.json(body, { status, headers });
const list = json({ items: [], next: null });
const problem = (status: number, headers = {}) =>
  json({ title: "BUSY", detail: "Try again later.", status }, status, headers);
const received = (count: number, cursor: string | null = "c1") =>
  json(
    {
      verdicts: Array.from({ length: count }, (_, index) => ({ index, status: "accepted" })),
      cursor,
    },
    202,
  );
const rating = (userId: string, itemId = "1") =>
  ({ userId, itemId, type: "rate", value: 5 }) as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a wish becomes a query: lists by commas, a comma inside a name escaped", async () => {
  const { calls, usher } = service(list);
  await usher().recommendations("ada/1", { limit: 3, category: ["Sci-Fi", "A, B"], explain: true });
  expect(calls[0]!.path).toBe(
    "/v1/users/ada%2F1/recommendations?limit=3&category=Sci-Fi%2CA%252C+B&explain=true",
  );
  expect(calls[0]!.headers.get("authorization")).toBeNull();
});

test("events sent within a moment travel in one call, dated, with the key", async () => {
  const { calls, usher } = service(received(3));
  const client = usher({ key: "secret" });
  const sent = Promise.all([client.send(rating("ada"), rating("bob")), client.send(rating("eve"))]);
  await vi.advanceTimersByTimeAsync(200);
  const accepted = (index: number) => ({ index, status: "accepted" });
  expect(await sent).toEqual([[accepted(0), accepted(1)], [accepted(2)]]);
  expect(calls).toHaveLength(1);
  expect(calls[0]!.headers.get("authorization")).toBe("Bearer secret");
  expect(calls[0]!.body).toMatchObject([
    { userId: "ada", occurredAt: expect.any(Number) },
    { userId: "bob" },
    { userId: "eve" },
  ]);
});

test.each(["x", "é", "映"])(
  "many events are cut into calls that a closing page could still send",
  async (letter) => {
    const { calls, usher } = service(received(500));
    usher().send(
      ...Array.from({ length: 1_200 }, (_, item) => rating("ada", letter.repeat(40) + item)),
    );
    await vi.advanceTimersByTimeAsync(200);
    expect(calls.length).toBeGreaterThan(2);
    for (const { body } of calls) {
      expect((body as unknown[]).length).toBeLessThanOrEqual(500);
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(60_002);
    }
    expect(calls.flatMap(({ body }) => body)).toHaveLength(1_200);
  },
);

test("the next read waits for what was sent, and carries its cursor; others' reads do not", async () => {
  const { calls, usher } = service(received(1, "cursor-1"), list);
  const client = usher();
  client.send(rating("ada"));
  await client.recommendations("ada");
  await client.recommendations("bob");
  expect(calls.map(({ path }) => path)).toEqual([
    "/v1/events",
    "/v1/users/ada/recommendations?after=cursor-1",
    "/v1/users/bob/recommendations",
  ]);
});

test("a busy service is asked again when it says, with the very same body", async () => {
  const { calls, usher } = service(problem(429, { "retry-after": "7" }), received(1));
  const sent = usher().send(rating("ada"));
  await vi.advanceTimersByTimeAsync(200 + 6_900);
  expect(calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(await sent).toEqual([{ index: 0, status: "accepted" }]);
  expect(calls[1]!.body).toEqual(calls[0]!.body);
});

test("a service that stays away is given up after the retries, with a problem", async () => {
  const { calls, usher } = service(problem(503));
  const asked = usher({ retries: 2 })
    .trending()
    .catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await asked).toMatchObject({ status: 503, code: "BUSY", message: "Try again later." });
  expect(calls).toHaveLength(3);
});

test("what is wrong is not asked again, and a pause beyond half a minute is the caller's", async () => {
  const wrong = service(problem(400));
  await expect(wrong.usher().similar("1")).rejects.toBeInstanceOf(UsherProblem);
  expect(wrong.calls).toHaveLength(1);
  const closed = service(problem(503, { "retry-after": "3600" }));
  await expect(closed.usher().search("star")).rejects.toMatchObject({ status: 503 });
  expect(closed.calls).toHaveLength(1);
});

test("a service that is silent is a timeout, one that is gone is unreachable, after the retries", async () => {
  vi.useRealTimers();
  const silent = service(() => new Promise<Response>(() => {}));
  await expect(silent.usher({ timeoutMs: 5, retries: 0 }).item("1")).rejects.toMatchObject({
    ...{ status: 0, code: "TIMEOUT" },
  });
  const gone = service(() => Promise.reject(new TypeError("fetch failed")));
  await expect(gone.usher({ retries: 0 }).item("1")).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("an answer that breaks off or stalls half-way is asked for again, then told as a problem", async () => {
  vi.useRealTimers();
  const torn = () => new Response('{"items": [');
  const whole = service(torn, list);
  expect(await whole.usher().trending()).toMatchObject({ items: [] });
  expect(whole.calls).toHaveLength(2);
  const broken = service(torn);
  await expect(broken.usher({ retries: 0 }).trending()).rejects.toMatchObject({
    ...{ status: 0, code: "UNREACHABLE" },
  });
  const stalled = service((signal) => {
    const pull = () => new Promise<void>(() => {});
    const start = (stream: ReadableStreamDefaultController) =>
      signal?.addEventListener("abort", () => stream.error(signal.reason));
    return new Response(new ReadableStream({ start, pull }));
  });
  await expect(stalled.usher({ timeoutMs: 5, retries: 0 }).trending()).rejects.toMatchObject({
    code: "TIMEOUT",
  });
});

test("whoever aborts gets their own reason, at once, and no retry", async () => {
  const { calls, usher } = service(problem(503, { "retry-after": "20" }));
  const aborting = new AbortController();
  const asked = usher().recommendationsFor([{ itemId: "1" }], { signal: aborting.signal });
  const failed = expect(asked).rejects.toThrow("overtaken");
  await vi.advanceTimersByTimeAsync(10);
  aborting.abort(new Error("overtaken"));
  await failed;
  expect(calls).toHaveLength(1);
});

test("rejected events are verdicts, also where the whole call was refused", async () => {
  const verdicts = [{ index: 0, status: "rejected", reason: "value: is missing" }];
  const { usher } = service(json({ title: "NO_EVENT_ACCEPTED", verdicts }, 422));
  const sent = usher({ batchMs: 0 }).send({ userId: "ada", itemId: "1", type: "rate" });
  await vi.advanceTimersByTimeAsync(0);
  expect(await sent).toEqual(verdicts);
});

test("an event that the service says nothing about is not left waiting", async () => {
  const { usher } = service(received(0));
  const sent = expect(usher().send(rating("ada"))).rejects.toMatchObject({ code: "NO_VERDICT" });
  await vi.advanceTimersByTimeAsync(200);
  await sent;
});

test("a page that is hidden sends what waits, in a call that outlives it", async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
  const { calls, usher } = service(received(1));
  usher().send(rating("ada"));
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(calls).toMatchObject([{ path: "/v1/events", keepalive: true }]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toHaveLength(1);
});

test("cursors may outlive the page", async () => {
  const cursors = new Map([["ada", "from before"]]);
  const { calls, usher } = service(list);
  await usher({ cursors }).recommendations("ada");
  expect(calls[0]!.path).toContain("after=from+before");
});
