import { expect, test } from "vitest";
import { TOMBSTONES_KEY } from "../../release/keys.ts";
import { tombstoneOf } from "../../release/tombstone.ts";
import { forgetTombstones, isErased, isKnownUnerased } from "./erased-users.ts";

/** Workers KV that answers when it is told to, and an isolate around it. */
function slowKv() {
  const reads: string[] = [];
  const behind: Promise<unknown>[] = [];
  const answers: ((value: string[] | null) => void)[] = [];
  const get = (key: string) => {
    reads.push(key);
    return new Promise((resolve) => answers.push(resolve));
  };
  return {
    kv: { get } as unknown as KVNamespace,
    ...{ reads, behind },
    waitUntil: (work: Promise<unknown>) => void behind.push(work),
    answer: (value: string[] | null) => answers.shift()!(value),
  };
}

test("a read that is late goes on behind the answer and is there for the next one", async () => {
  const { kv, reads, behind, waitUntil, answer } = slowKv();
  await expect(isErased(kv, "ada", waitUntil)).rejects.toMatchObject({ code: "TOO_SLOW" });
  expect(behind).toHaveLength(1);
  answer([tombstoneOf("ada")]);
  await Promise.all(behind);
  expect(isErased(kv, "ada", waitUntil)).toBe(true);
  expect(isErased(kv, "bob", waitUntil)).toBe(false);
  expect(reads).toEqual([TOMBSTONES_KEY]);
});

test("whoever may wait for nothing begins no read, and is not told that nobody was erased", async () => {
  const { kv, reads, behind, waitUntil, answer } = slowKv();
  expect(isKnownUnerased(kv, "bob", waitUntil)).toBe(false);
  expect(reads).toEqual([]);
  const asked = isErased(kv, "bob", waitUntil);
  answer(null);
  expect(await asked).toBe(false);
  expect(isKnownUnerased(kv, "bob", waitUntil)).toBe(true);
  forgetTombstones(kv);
  expect(isKnownUnerased(kv, "bob", waitUntil)).toBe(false);
  expect(behind).toHaveLength(1);
});
