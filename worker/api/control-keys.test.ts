import { expect, test, vi } from "vitest";
import { controlKeysIn, writePointer, writeStaged } from "./control-keys.ts";

const arms = [{ release: "r1", weight: 1 }];
const changedAt = "2026-11-01T00:00:00.000Z";
const pointer = { arms, salt: "s", previous: null, generation: 1, changedAt };
const staged = { release: "r1", stagedAt: changedAt, verified: 0, share: 1 };

test("what is written is read back", async () => {
  const values = new Map<string, string>();
  const put = async (key: string, text: string) => void values.set(key, text);
  const get = async (key: string) => values.get(key) ?? null;
  const kv = { get, put } as unknown as KVNamespace;
  await writePointer(kv, pointer);
  await writeStaged(kv, staged);
  expect(await controlKeysIn(kv)).toEqual({ pointer, staged, refused: null, trending: null });
});

test("a second write of a second, which Workers KV refuses, is to be sent again", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  const put = () => Promise.reject(new Error("KV PUT failed: 429 Too Many Requests"));
  const kv = { put } as unknown as KVNamespace;
  const busy = { status: 503, code: "KV_UNAVAILABLE", headers: { "retry-after": "2" } };
  await expect(writePointer(kv, pointer)).rejects.toMatchObject(busy);
  await expect(writeStaged(kv, staged)).rejects.toMatchObject(busy);
});
