import { beforeEach, expect, test } from "vitest";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { OVER_QUOTA_KEY, TENANTS_KEY } from "../../release/keys.ts";
import type { Quotas } from "../../release/quota.ts";
import { tenantsText } from "../../release/tenant.ts";
import { judgeQuotas } from "./quotas.ts";
import type { CronStore } from "./store.ts";

const NOON = new Date("2026-11-30T12:00:00Z");
const TOMORROW = new Date("2026-12-01T00:04:00Z");

let store: CronStore;
let writes: string[];
beforeEach(() => {
  const kv = new MemoryKv();
  writes = [];
  kv.beforeWrite = (key) => writes.push(key);
  store = cronStoreOf(kv);
});

async function tenants(quotas: Readonly<Record<string, Quotas>>) {
  const own = new Map(Object.entries(quotas));
  await store.put(TENANTS_KEY, tenantsText([...own.keys()], own));
  writes.length = 0;
}

/** What everybody has used, by the day that is asked for. */
function uses(events: number, answers = 0, day = "2026-11-30") {
  return async (_: string, asked: string) => {
    return asked === day ? { events, answers } : { events: 0, answers: 0 };
  };
}

async function overNow(): Promise<unknown> {
  const text = await store.text(OVER_QUOTA_KEY);
  return text === null ? null : JSON.parse(text);
}

test("who has used up a quota is written down once, and nobody else", async () => {
  await tenants({ acme: { eventsADay: 10, answersADay: 6 }, beta: { eventsADay: 11 }, free: {} });
  expect(await judgeQuotas(store, uses(10, 5), NOON)).toMatchObject({
    kind: "written",
    over: { acme: ["events"] },
  });
  expect(await overNow()).toEqual({ v: 1, day: "2026-11-30", over: [["acme", ["events"]]] });
  expect(await judgeQuotas(store, uses(10, 5), NOON)).toMatchObject({ kind: "unchanged" });
  expect(writes).toEqual([OVER_QUOTA_KEY]);
});

test("a quota that is raised or lifted serves again, and a new day begins with nothing used", async () => {
  await tenants({ acme: { eventsADay: 10 } });
  await judgeQuotas(store, uses(10), NOON);
  await tenants({ acme: { eventsADay: 11 } });
  expect(await judgeQuotas(store, uses(10), NOON)).toMatchObject({ kind: "written", over: {} });
  expect(await overNow()).toMatchObject({ over: [] });
  await tenants({ acme: { eventsADay: 10 } });
  await judgeQuotas(store, uses(10), NOON);
  expect(await judgeQuotas(store, uses(10), TOMORROW)).toMatchObject({ over: {} });
});

test("without daily quotas no database is asked and nothing is written", async () => {
  const asked: string[] = [];
  const useOf = async (tenant: string) => {
    asked.push(tenant);
    return { events: 0, answers: 0 };
  };
  await tenants({ acme: { items: 5 }, beta: {} });
  expect(await judgeQuotas(store, useOf, NOON)).toEqual({ kind: "idle" });
  await tenants({ acme: { items: 5 }, beta: { answersADay: 1 } });
  expect(await judgeQuotas(store, useOf, NOON)).toMatchObject({ kind: "unchanged" });
  expect([asked, writes]).toEqual([["beta"], []]);
});

test("a tenant whose database is away stays what it was today, and the others are judged", async () => {
  await tenants({ acme: { eventsADay: 10 }, beta: { eventsADay: 10 } });
  const acmeAway = async (tenant: string) => {
    if (tenant === "acme") throw new Error("away");
    return { events: 10, answers: 0 };
  };
  await judgeQuotas(
    store,
    async (tenant) => ({ events: tenant === "acme" ? 10 : 0, answers: 0 }),
    NOON,
  );
  expect(await judgeQuotas(store, acmeAway, NOON)).toMatchObject({
    over: { acme: ["events"], beta: ["events"] },
    unread: { acme: "away" },
  });
  expect(await judgeQuotas(store, acmeAway, TOMORROW)).toMatchObject({
    over: { beta: ["events"] },
  });
});

test("a key that holds something else is written anew", async () => {
  await tenants({ acme: { eventsADay: 10 } });
  await store.put(OVER_QUOTA_KEY, "not a list");
  await judgeQuotas(store, uses(10), NOON);
  expect(await overNow()).toMatchObject({ over: [["acme", ["events"]]] });
});
