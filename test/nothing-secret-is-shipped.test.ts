/** What leaves this repository: bundles, and the packages they and the trainer are made of. */
import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { bundleWorker, type WorkerRole } from "../local/worker-bundles.ts";

afterEach(() => vi.unstubAllEnvs());

const SECRETS = {
  DATABASE_URL: "postgres://owner:f3c1b2a9@db.example.test/usher",
  CLOUDFLARE_API_TOKEN: "token-6c0a53f1d2",
  API_KEYS: '[{"name":"a","sha256":"5e884898da28","scopes":[]}]',
  USHER_BUCKET_SECRET: "bucket-91f0e2",
};

test.each<WorkerRole>(["api", "consumer", "cron"])(
  "the bundle of the %s Worker holds no secret of the machine that made it",
  async (role) => {
    for (const [name, value] of Object.entries(SECRETS)) vi.stubEnv(name, value);
    const { script, wasm } = await bundleWorker(role);
    const bytes = script + wasm.map(({ contents }) => Buffer.from(contents).toString()).join("");
    for (const value of Object.values(SECRETS)) expect(bytes).not.toContain(value);
    expect(bytes).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  },
);

/** Licences that a package may have; some of its files may be under each of them. */
const PERMISSIVE = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "CC0-1.0"];
/** Weak copyleft: used as separate files on a developer's machine or in tests, never bundled. */
const UNBUNDLED: Readonly<Record<string, readonly string[]>> = {
  // sharp's libvips, in Miniflare's stand-in for image resizing and in the tests of charts.
  "LGPL-3.0-or-later": ["@img/"],
  // vitest's transformer, and axe, which tests load into a page.
  "MPL-2.0": ["lightningcss", "axe-core"],
  Zlib: ["pako"],
};

/** Packages that name their licence in a way of before, which no lock file repeats. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = { jstat: "MIT" };

interface LockedPackage {
  readonly license?: string;
}

test("every package has a licence that allows what is done with it", () => {
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>);
  const refused = packages.filter(([path, locked]) => {
    if (!path.includes("node_modules/")) return false;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const license = locked.license ?? NAMED_OTHERWISE[name] ?? "none";
    const parts = license.replace(/[()]/g, "").split(/ AND /);
    return !parts.every((part) => mayBeUsed(part, name));
  });
  expect(refused.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

function mayBeUsed(licence: string, name: string): boolean {
  if (licence.split(" OR ").some((one) => PERMISSIVE.includes(one))) return true;
  return (UNBUNDLED[licence] ?? []).some((prefix) => name.startsWith(prefix));
}
