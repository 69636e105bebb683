import { expect, test, vi } from "vitest";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { tenantsText } from "../../release/tenant.ts";
import { allCatalogues } from "./tenants.ts";

async function storeWith(tenants: readonly string[]) {
  const store = cronStoreOf(new MemoryKv());
  await store.put("tenants", tenantsText(tenants));
  return store;
}

test("every catalogue is gone over once, and each may come first", async () => {
  const store = await storeWith(["acme", "beta", "gamma"]);
  const first: (string | null)[] = [];
  for (const chance of [0, 0.3, 0.6, 0.99]) {
    const all = await allCatalogues(store, chance);
    expect(all).toHaveLength(4);
    expect(new Set(all)).toEqual(new Set([null, "acme", "beta", "gamma"]));
    first.push(all[0]!);
  }
  expect(first).toEqual([null, "acme", "beta", "gamma"]);
});

test("without tenants, and while nobody can tell, there is the deployment's own", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const none = cronStoreOf(new MemoryKv());
  expect(await allCatalogues(none, 0.5)).toEqual([null]);
  await none.put("tenants", "not a list");
  expect(await allCatalogues(none, 0.5)).toEqual([null]);
  expect(log.mock.calls.join()).toContain("not read");
  log.mockRestore();
});
