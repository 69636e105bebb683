import { afterAll, beforeAll, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { openDatabase } from "./database.ts";
import {
  createTenantDatabase,
  dropTenantDatabase,
  findTenantDatabase,
  tenantDatabaseUrl,
} from "./tenant-database.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());

test("a tenant's connection string differs in the name of the database alone", () => {
  const url = "postgres://user:pass%2Fword@ep-x-pooler.neon.tech/neondb?sslmode=require";
  expect(tenantDatabaseUrl(url, "acme-shop")).toBe(
    "postgres://user:pass%2Fword@ep-x-pooler.neon.tech/neondb_acme-shop?sslmode=require",
  );
});

test("a tenant's database is made once, and no statement of it reaches the deployment's", async () => {
  const { database, postgres } = temporary;
  const url = tenantDatabaseUrl(postgres.url, "acme-shop");
  expect(await createTenantDatabase(database, url)).toBe(true);
  expect(await createTenantDatabase(database, url)).toBe(false);
  const tenant = openDatabase(url, { wsProxy: postgres.wsProxy });
  try {
    const { rows } = await tenant.pool.query("select to_regclass('public.events') as events");
    expect(rows).toEqual([{ events: null }]);
    const across = tenant.pool.query("select count(*) from postgres.public.events");
    await expect(across).rejects.toThrow("cross-database references are not implemented");
  } finally {
    await tenant.close();
  }
});

test("it is dropped while somebody is connected, again without harm, and nothing else goes with it", async () => {
  const { database, postgres } = temporary;
  const [gone, left] = ["gone", "gone-too"].map((name) => tenantDatabaseUrl(postgres.url, name));
  for (const url of [gone!, left!]) await createTenantDatabase(database, url);
  expect(await findTenantDatabase(database, gone!)).toEqual({
    name: "postgres_gone",
    bytes: expect.any(Number),
  });
  const connected = openDatabase(gone!, { wsProxy: postgres.wsProxy });
  connected.pool.on("error", () => {});
  await connected.pool.query("select 1");
  for (let time = 0; time < 2; time++) await dropTenantDatabase(database, gone!);
  await connected.close();
  expect(await findTenantDatabase(database, gone!)).toBeNull();
  expect(await findTenantDatabase(database, left!)).not.toBeNull();
});
