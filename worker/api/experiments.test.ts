/** What experiments make of answers: who is served what, and what of it is noted. */
import { describe, expect, test, vi } from "vitest";
import type { ExposuresMessage, UserExposure } from "../../events/exposures.ts";
import { parseMessage } from "../../events/message.ts";
import { exposuresOf } from "../../experiments/assignment.ts";
import { POINTER_KEY } from "../../release/keys.ts";
import { type Pointer, parsePointer } from "../../release/pointer.ts";
import type { RunningExperiment } from "../../release/running-experiment.ts";
import { type Api, apiOver, idsOf } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, pointerTo, smallRelease, USERS } from "./fixtures/small-release.ts";

const control = smallRelease("r1");
/** Another model over the same items. */
const rival = smallRelease("r2-rival");
const values = new Map([...rival.values, ...activated(control, { trending: ["i200"] })]);
const USER_IDS = Array.from({ length: USERS }, (_, n) => `u${n}`);

function experiment(changes: Partial<RunningExperiment> = {}): RunningExperiment {
  return {
    id: "ranking",
    layer: "default",
    mode: "split",
    salt: "ranking",
    from: 0,
    arms: [
      { name: "control", share: 0.4, release: null, parameters: {} },
      { name: "new", share: 0.4, release: rival.id, parameters: {} },
    ],
    ...changes,
  };
}
const PAIR = experiment({
  mode: "interleaving",
  arms: experiment().arms.map((arm) => ({ ...arm, share: 0.5 })),
});

/** The API with a pointer, and everything that it sent into the queue. */
function serving(change: Partial<Pointer>, stored = values) {
  const pointer = pointerTo(control.id, null, change);
  const kv = new FakeKv(new Map([...stored, [POINTER_KEY, pointer]]));
  const sent: ExposuresMessage[] = [];
  const EVENTS = { send: async (message: ExposuresMessage) => void sent.push(message) };
  const api = apiOver(kv, { EVENTS: EVENTS as never, EXPOSURES_FLUSH_SECONDS: "0" });
  const exposures = async (): Promise<UserExposure[]> => {
    await vi.waitFor(() => expect(sent).not.toEqual([]));
    return sent.flatMap((message) => message.exposures);
  };
  return { api, kv, sent, exposures, pointer: parsePointer(new TextDecoder().decode(pointer)) };
}

const textOf = async (api: Api, user: string) => {
  const answer = await api.fetch(`/recommend/${user}`);
  expect(answer.status).toBe(200);
  return { ids: (await answer.text()).split(","), headers: answer.headers };
};

describe("a split", () => {
  test("serves each user their arm, cold and warm, as text and as JSON", async () => {
    const { api, pointer } = serving({ experiments: [experiment()] });
    const seen = new Set<string>();
    for (const user of USER_IDS) {
      const [exposure] = exposuresOf(pointer, user);
      const arm = exposure?.arm?.name ?? null;
      const release = arm === "new" ? rival : control;
      const named = arm === null ? null : `ranking/${arm}`;
      seen.add(String(named));
      for (const _ of ["cold", "warm"]) {
        const { ids, headers } = await textOf(api, user);
        expect(ids).toEqual(release.lists.get(user));
        expect(headers.get("usher-release")).toBe(release.id);
        expect(headers.get("usher-experiment")).toBe(named);
        const tags = `release-${release.id}${arm === null ? "" : ",experiment-ranking"}`;
        expect(headers.get("cache-tag")).toBe(tags);
      }
      const json = await api.get(`/v1/users/${user}/recommendations`);
      expect(idsOf(json)).toEqual(release.lists.get(user));
      expect(json.experiments).toEqual(arm === null ? undefined : [{ id: "ranking", arm }]);
    }
    expect([...seen].sort()).toEqual(["null", "ranking/control", "ranking/new"]);
  });

  test("whose arms have one list tells the arms apart in the ETag", async () => {
    const arms = experiment().arms.map((arm) => ({ ...arm, release: null, share: 0.5 }));
    const { api, pointer } = serving({ experiments: [experiment({ arms })] });
    const user = USER_IDS.find((id) => exposuresOf(pointer, id)[0]?.arm?.name === "new")!;
    const etag = (await textOf(api, user)).headers.get("etag")!;
    const outside = (await textOf(serving({}).api, user)).headers.get("etag")!;
    expect(etag).not.toBe(outside);
    expect((await textOf(api, user)).headers.get("etag")).toBe(etag);
    const held = await api.fetch(`/recommend/${user}`, { headers: { "if-none-match": etag } });
    expect([held.status, held.headers.get("usher-experiment")]).toEqual([304, "ranking/new"]);
  });

  test("between parameters makes lists differ", async () => {
    const arms = [
      { name: "control", share: 0.5, release: null, parameters: {} },
      { name: "mixed", share: 0.5, release: null, parameters: { diversity: 0.7 } },
    ];
    const { api, pointer } = serving({ experiments: [experiment({ arms })] });
    const user = USER_IDS.find((id) => exposuresOf(pointer, id)[0]?.arm?.name === "mixed")!;
    const asked = await serving({}).api.get(`/v1/users/${user}/recommendations?diversity=0.7`);
    expect((await textOf(api, user)).ids).toEqual(idsOf(asked));
    expect(idsOf(asked)).not.toEqual(control.lists.get(user));
    const own = await api.get(`/v1/users/${user}/recommendations?diversity=0.2`);
    expect(idsOf(own)).not.toEqual(idsOf(asked));
  });

  test("whose release is gone serves what the pointer serves, and says so", async () => {
    const without = new Map([...values].filter(([key]) => !key.startsWith(`r/${rival.id}/`)));
    const { api, pointer, exposures } = serving({ experiments: [experiment()] }, without);
    const user = USER_IDS.find((id) => exposuresOf(pointer, id)[0]?.arm?.name === "new")!;
    const { ids, headers } = await textOf(api, user);
    expect(ids).toEqual(control.lists.get(user));
    expect(headers.get("usher-degraded")).toContain(`r/${rival.id}/`);
    expect(headers.get("usher-experiment")).toBe("ranking/new");
    const [noted] = await exposures();
    expect([noted?.arm, noted?.lists[0]?.release]).toEqual(["new", control.id]);
  });
});

describe("interleaving", () => {
  test("mixes both lists, the same way each time", async () => {
    const { api } = serving({ experiments: [PAIR] });
    const mixed = await textOf(api, "u5");
    const [a, b] = [control.lists.get("u5")!, rival.lists.get("u5")!];
    expect(new Set(mixed.ids).size).toBe(20);
    for (const id of mixed.ids) expect([...a, ...b]).toContain(id);
    expect(mixed.ids).not.toEqual(a);
    expect(mixed.ids).not.toEqual(b);
    expect(mixed.headers.get("usher-experiment")).toBe("ranking/interleaved");
    expect(mixed.headers.get("cache-tag")).toBe(
      `release-${control.id},release-${rival.id},experiment-ranking`,
    );
    expect((await textOf(api, "u5")).ids).toEqual(mixed.ids);
    expect(idsOf(await api.get("/v1/users/u5/recommendations"))).toEqual(mixed.ids);
  });

  test("explains each item by the release that put it there, and pages go on", async () => {
    const { api } = serving({ experiments: [PAIR] });
    const path = "/v1/users/u5/recommendations?explain=true";
    const whole = await api.get(`${path}&limit=20`);
    const first = await api.get(`${path}&limit=8`);
    const second = await api.get(`${path}&limit=8&cursor=${first.next}`);
    expect(second.restarted).toBeUndefined();
    expect([...first.items, ...second.items]).toEqual(whole.items.slice(0, 16));
    for (const item of whole.items) {
      const named = item.because!.reduce((sum, reason) => sum + reason.contribution, 0);
      expect(named + item.rest!).toBeCloseTo(item.score, 3);
    }
  });

  test("without its rival is the control's list, and says so", async () => {
    const without = new Map([...values].filter(([key]) => !key.startsWith(`r/${rival.id}/`)));
    const { api, exposures } = serving({ experiments: [PAIR] }, without);
    const { ids, headers } = await textOf(api, "u5");
    expect(ids).toEqual(control.lists.get("u5"));
    expect(headers.get("usher-degraded")).toContain(`r/${rival.id}/`);
    expect((await exposures())[0]?.lists[0]?.teams).toBeNull();
  });
});

describe("what is noted", () => {
  test("is who saw which arm how often, and each list once", async () => {
    const { api, sent, exposures, pointer } = serving({ experiments: [experiment()] });
    const users = USER_IDS.slice(0, 20);
    for (const user of [...users, ...users, ...users]) await textOf(api, user);
    const noted = await exposures();
    for (const user of users) {
      const [exposure] = exposuresOf(pointer, user);
      const own = noted.filter(({ userId }) => userId === user);
      if (exposure === undefined) expect(own).toEqual([]);
      else {
        const release = exposure.arm!.name === "new" ? rival : control;
        expect(own.reduce((sum, { answers }) => sum + answers, 0)).toBe(3);
        expect(new Set(own.map(({ arm }) => arm))).toEqual(new Set([exposure.arm!.name]));
        const lists = own.flatMap((one) => one.lists);
        expect(new Set(lists.map(({ id }) => id)).size).toBe(1);
        expect(lists[0]!.items).toEqual(release.lists.get(user));
      }
    }
    for (const message of sent) expect(parseMessage(message).ok).toBe(true);
  });

  test("of an interleaved list is which ranking put each item there", async () => {
    const { api, exposures } = serving({ experiments: [PAIR] });
    await textOf(api, "u5");
    const [{ arm, lists } = { arm: "", lists: [] }] = await exposures();
    expect(arm).toBe("interleaved");
    const [list] = lists;
    list!.items.forEach((id, at) => {
      const release = list!.teams![at] === 0 ? control : rival;
      expect(release.lists.get("u5")).toContain(id);
    });
    expect(new Set(list!.teams)).toEqual(new Set([0, 1]));
  });

  test("is nothing while nothing runs, and of nobody in particular", async () => {
    const quiet = serving({});
    const trying = serving({ experiments: [PAIR] });
    await textOf(quiet.api, "u5");
    await trying.api.post("/v1/recommendations", { ratings: [{ itemId: "i1", value: 5 }] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([...quiet.sent, ...trying.sent]).toEqual([]);
  });
});
