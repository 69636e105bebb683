/** A rehearsal: publishing a release is stopped at every single write in turn. */
import { manifestKey, POINTER_KEY } from "../../release/keys.ts";
import { activateStaged } from "../../sync/cron/activate.ts";
import { restKvStore } from "../../sync/kv/rest.ts";
import { pushRelease, stageRelease } from "../../sync/push/push.ts";
import { startControlPlane } from "../control-plane.ts";
import { cronStoreOf, MemoryKv } from "../memory-kv.ts";
import { expectedList, type MadeUpRelease, writeMadeUpRelease } from "./made-up-release.ts";
import { servedList } from "./served-lists.ts";

/** What the rehearsal came to. */
export interface CrashRehearsal {
  /** Writes at which it was stopped. */
  readonly points: number;
  /** What was not as it must be, a sentence each. */
  readonly failures: readonly string[];
}

interface Release {
  readonly id: string;
  readonly folder: string;
  readonly shape: MadeUpRelease;
}

const NOW = new Date("2026-01-02T00:00:00Z");
const SHAPE = { users: 60, items: 40, shards: 7 };

/**
 * Publishes a second release over a first one: push over HTTP, staging, and the cron Worker's
 * activation. It is stopped ahead of write 0, then of write 1, … of all that a publication makes,
 * and each time must hold:
 *
 * 1. every user is served the whole list of one release: the old one while the pointer stands;
 * 2. a manifest that can be read means that every value of its release is there;
 * 3. users are served whole lists also when the cron Worker runs on what the crash left;
 * 4. publishing again succeeds, sends only the values that were missing, and the new release serves.
 *
 * @param folder for the two release directories.
 */
export async function rehearsePushCrashes(folder: string): Promise<CrashRehearsal> {
  const [old, next] = [await release(folder, 1), await release(folder, 2)];
  const served = new MemoryKv();
  await publish(served, old);
  const writes = await writesOf(copyOf(served), next);
  const failures: string[] = [];
  for (let point = 0; point < writes.length; point++) {
    const found = await crashAt(copyOf(served), writes, point, old, next);
    failures.push(
      ...found.map((failure) => `stopped at write ${point} (${writes[point]}): ${failure}`),
    );
  }
  return { points: writes.length, failures };
}

async function crashAt(
  kv: MemoryKv,
  writes: readonly string[],
  point: number,
  old: Release,
  next: Release,
): Promise<string[]> {
  let done = 0;
  kv.beforeWrite = () => {
    if (done++ >= point) throw new Error("power cut");
  };
  const survived = await publish(kv, next).then(
    () => ["the publication did not notice"],
    () => [],
  );
  kv.beforeWrite = () => {};
  const flipped = point > writes.indexOf(POINTER_KEY);
  const expected = flipped ? next : old;
  const afterCrash = await wrongLists(kv, expected);
  await runCron(kv);
  const staged = writes.slice(0, point).includes("staged");
  const afterCron = await wrongLists(kv, staged ? next : old);
  const missing = valuesOf(writes, next).filter((key) => !kv.values.has(key));
  const halfDone = kv.values.has(manifestKey(next.id)) && missing.length > 0;
  const sent = await writesOf(kv, next);
  const resent = valuesOf(sent, next);
  return [
    ...survived,
    ...afterCrash,
    ...afterCron,
    ...(halfDone ? ["the manifest is there before its values"] : []),
    ...(String(resent) === String(missing)
      ? []
      : [`sent ${resent} again, missing were ${missing}`]),
    ...(await wrongLists(kv, next)),
  ];
}

async function release(folder: string, variant: number): Promise<Release> {
  const shape = { ...SHAPE, variant };
  const written = await writeMadeUpRelease(folder, shape, new Date(NOW.getTime() + variant * 1000));
  return { id: written.release, folder: written.path, shape };
}

/** Push, stage, and let the cron Worker verify and flip. */
async function publish(kv: MemoryKv, { id, folder }: Release): Promise<void> {
  const plane = await startControlPlane({ kv, token: "rehearsal" });
  try {
    const store = restKvStore({ ...plane, attempts: 1 });
    await pushRelease(store, folder, { patienceMs: 0 });
    await stageRelease(store, id, NOW);
    await runCron(kv);
  } finally {
    await plane.stop();
  }
}

async function runCron(kv: MemoryKv): Promise<void> {
  const budget = { values: 1000, bytes: 1e9 };
  await activateStaged(cronStoreOf(kv), { now: NOW, budget, settleMs: 0 });
}

/** The keys that a publication writes or deletes, in order. */
async function writesOf(kv: MemoryKv, release: Release): Promise<string[]> {
  const keys: string[] = [];
  kv.beforeWrite = (key) => keys.push(key);
  await publish(kv, release);
  kv.beforeWrite = () => {};
  return keys;
}

function valuesOf(keys: readonly string[], { id }: Release): string[] {
  return keys.filter((key) => key.startsWith(`r/${id}/`));
}

async function wrongLists(kv: MemoryKv, { id, shape }: Release): Promise<string[]> {
  const failures: string[] = [];
  for (let user = 0; user < shape.users; user++) {
    const list = await servedList(kv, `user-${user}`).catch((error: Error) => error.message);
    const right =
      typeof list === "object" &&
      list.release === id &&
      String(list.items) === String(expectedList(shape, user));
    if (!right) failures.push(`user-${user} is not served their list of ${id}`);
  }
  return failures.slice(0, 1);
}

function copyOf(kv: MemoryKv): MemoryKv {
  const copy = new MemoryKv();
  for (const [key, stored] of kv.values) copy.values.set(key, stored);
  return copy;
}
