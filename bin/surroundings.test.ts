import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { findDeployment } from "./surroundings.ts";

afterEach(() => vi.unstubAllEnvs());

test("a variable that is empty counts as unset: the folder and the API's origin too", async () => {
  vi.stubEnv("DATABASE_URL", "postgres://somebody:secret@127.0.0.1:1/postgres");
  vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", "account");
  vi.stubEnv("CLOUDFLARE_API_TOKEN", "token");
  vi.stubEnv("USHER_KV_NAMESPACE_ID", "namespace");
  vi.stubEnv("USHER_API", "");
  vi.stubEnv("USHER_HOME", "");
  const around = await findDeployment(undefined);
  expect(around.api).toBeNull();
  expect(around.home.root).toBe(path.resolve(".usher/deployed"));
  await around.close();
});
