/** Rollouts against a stand-in of the account, on a clock of the test's own. */
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Account,
  deploy,
  emptyAccount,
  newScript,
} from "../../local/control-plane/account.ts";
import { type ControlPlane, startControlPlane } from "../../local/control-plane.ts";
import { silentProgress } from "../progress.ts";
import { ApiClient } from "../setup/api-client.ts";
import { CloudflareAccount } from "../setup/cloudflare.ts";
import { type RolloutPlan, type RolloutWorld, rollOut } from "./rollout.ts";
import { trafficByVersion } from "./traffic.ts";

const PLAN: RolloutPlan = {
  script: "shop-api",
  tag: "v2",
  steps: [1, 10, 100],
  holdMs: 300_000,
  lookMs: 60_000,
  leastRequests: 100,
  errorMargin: 0.01,
};

let account: Account;
let plane: ControlPlane;
let world: RolloutWorld;
let sick: string | null;

beforeEach(async () => {
  account = emptyAccount("acc");
  const script = newScript("shop-api");
  account.scripts.set(script.name, script);
  addVersion("one", "v1");
  deploy(script, [{ id: "one", percentage: 100 }]);
  plane = await startControlPlane({ account, token: "t" });
  const client = new ApiClient({ of: "Cloudflare", url: plane.url, token: "t", attempts: 1 });
  const cloudflare = new CloudflareAccount(client, "acc");
  let now = Date.parse("2026-01-01T00:00:00Z");
  sick = null;
  world = {
    cloudflare,
    progress: silentProgress,
    upload: async (tag) => addVersion("two", tag),
    traffic: (since) => trafficByVersion(cloudflare, "shop-api", since),
    probe: async () => sick,
    sleep: async (ms) => {
      now += ms;
    },
    now: () => new Date(now),
  };
});
afterEach(() => plane.stop());

function addVersion(id: string, tag: string): void {
  const { versions } = account.scripts.get("shop-api")!;
  versions.set(id, {
    id,
    number: versions.size + 1,
    createdAt: new Date().toISOString(),
    bindings: [],
    modules: new Map(),
    tag,
    message: null,
  });
}

/** Shares that the new version had, in order. */
function history(): number[] {
  const { deployments } = account.scripts.get("shop-api")!;
  return deployments
    .map(({ versions }) => versions.find(({ id }) => id === "two")?.percentage ?? 0)
    .reverse();
}

test("a version that does well goes from 1 to 10 to 100 %", async () => {
  account.traffic = () => ({ requests: 1_000, errors: 1 });
  expect(await rollOut(PLAN, world)).toBe("two");
  expect(history()).toEqual([0, 1, 10, 100]);
});

test("a spike of errors at 10 % takes it back to the old version", async () => {
  account.traffic = (id) => {
    const spike = id === "two" && history().at(-1) === 10;
    return { requests: 1_000, errors: spike ? 80 : 1 };
  };
  await expect(rollOut(PLAN, world)).rejects.toMatchObject({ code: "ROLLED_BACK" });
  expect(history()).toEqual([0, 1, 10, 0]);
  expect(account.scripts.get("shop-api")!.deployments[0]!.versions).toEqual([
    { id: "one", percentage: 100 },
  ]);
});

test("even at 100 % it is watched, and taken back", async () => {
  account.traffic = (id) => {
    const spike = id === "two" && history().at(-1) === 100;
    return { requests: 1_000, errors: spike ? 500 : 0 };
  };
  await expect(rollOut(PLAN, world)).rejects.toThrow(/50.00 % of 1000 requests failed/);
  expect(history()).toEqual([0, 1, 10, 100, 0]);
});

test("a version that errs as the old one always did is not taken back once it serves everybody", async () => {
  const usual = { requests: 1_000, errors: 30 };
  const began = world.now();
  const traffic = async (since: Date) => {
    const shared = history().at(-1) !== 100 || since < began;
    return new Map([["two", usual], ...(shared ? [["one", usual] as const] : [])]);
  };
  expect(await rollOut(PLAN, { ...world, traffic })).toBe("two");
});

test("where nobody comes, a probe of the version that fails takes it back", async () => {
  sick = "/readyz answered 503";
  await expect(rollOut(PLAN, world)).rejects.toThrow(/readyz answered 503/);
  expect(history()).toEqual([0, 1, 0]);
});

test("a rollout that was killed goes on at the share it had reached, with the same version", async () => {
  const killed = {
    ...world,
    sleep: async () => {
      throw new Error("killed");
    },
  };
  account.traffic = () => ({ requests: 1_000, errors: 0 });
  await expect(rollOut(PLAN, killed)).rejects.toThrow("killed");
  let uploads = 0;
  const upload = async () => void uploads++;
  await rollOut(PLAN, { ...world, upload });
  expect(uploads).toBe(0);
  expect(history()).toEqual([0, 1, 1, 10, 100]);
  await rollOut(PLAN, { ...world, upload });
  expect(history()).toEqual([0, 1, 1, 10, 100]);
});

test("a token without analytics is told so, and the version does not go past its first share", async () => {
  account.permissions.delete("Account Analytics");
  await expect(rollOut(PLAN, world)).rejects.toThrow(/Account Analytics > Read/);
  expect(history()).toEqual([0, 1]);
});
