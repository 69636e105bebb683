import { expect, test } from "vitest";
import type { ListedRelease } from "../drizzle/releases.ts";
import { releaseRows, releasesInWords } from "./releases-table.ts";

const NOW = new Date("2026-03-04T12:00:00Z");

function listed(release: string, status: ListedRelease["status"]): ListedRelease {
  return {
    release,
    status,
    createdAt: new Date("2026-03-04T10:00:00Z"),
    activatedAt: null,
    model: "radial",
    metrics: { "ndcg@100": { mean: 0.41237 } },
    values: 12,
    bytes: 345_678,
  };
}

const POINTER = {
  arms: [
    { release: "d", weight: 1 },
    { release: "c", weight: 3 },
  ],
  salt: "",
  previous: "b",
  generation: 1,
  changedAt: "2026-03-04T11:00:00Z",
};

test("what KV says of a release comes before what Postgres remembers", () => {
  const releases = ["f", "e", "d", "c", "b", "a"].map((id) => listed(id, "retired"));
  const staged = { release: "f", stagedAt: "2026", verified: 0, share: 1 };
  const refused = { release: "e", refusedAt: "2026", reason: "l/0 is not in KV", keys: [] };
  const rows = releaseRows(releases, { pointer: POINTER, staged, refused });
  expect(rows.map((row) => row.does)).toEqual([
    "staged",
    "refused: l/0 is not in KV",
    "serves 25 %",
    "serves 75 %",
    "rollback",
    "retired",
  ]);
});

test("a table has a line a release, or says how to make the first", () => {
  const keys = { pointer: null, staged: null, refused: null };
  expect(releasesInWords(releaseRows([listed("a", "built")], keys), NOW).split("\n")).toEqual([
    "release  made     ndcg@100  model   size      values  does",
    "a        2 h ago  0.4124    radial  345.7 kB  12      built",
  ]);
  expect(releasesInWords([], NOW)).toContain("usher cycle");
});
