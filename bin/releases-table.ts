import type { ListedRelease } from "../drizzle/releases.ts";
import type { ControlKeys } from "../release/control-keys.ts";
import { armShares, type Pointer } from "../release/pointer.ts";
import { ago, percent, size } from "./quantities.ts";

/** A release with what it does now. */
export interface ReleaseRow extends ListedRelease {
  /** Share of the users that it serves, 0 for none. */
  readonly share: number;
  /** In words: `serves 90 %`, `rollback`, `staged`, `refused: …`, or its status in Postgres. */
  readonly does: string;
}

const METRIC = "ndcg@100";

/** What Postgres knows of releases, joined with what Workers KV says of them. */
export function releaseRows(
  releases: readonly ListedRelease[],
  { pointer, staged, refused }: Pick<ControlKeys, "pointer" | "staged" | "refused">,
): ReleaseRow[] {
  return releases.map((release) => {
    const share = shareOf(pointer, release.release);
    if (share > 0) return { ...release, share, does: `serves ${percent(share)}` };
    if (staged?.release === release.release) return { ...release, share, does: "staged" };
    if (pointer?.previous === release.release) return { ...release, share, does: "rollback" };
    const reason = refused?.release === release.release ? refused.reason : null;
    return { ...release, share, does: reason === null ? release.status : `refused: ${reason}` };
  });
}

function shareOf(pointer: Pointer | null, release: string): number {
  if (pointer === null) return 0;
  return armShares(pointer).find((arm) => arm.release === release)?.share ?? 0;
}

/** The rows as a table. */
export function releasesInWords(rows: readonly ReleaseRow[], now: Date): string {
  if (rows.length === 0) return 'No releases yet. "usher cycle" makes the first.';
  const lines = rows.map((row) => [
    row.release,
    ago(row.createdAt, now),
    row.metrics[METRIC]?.mean.toFixed(4) ?? "-",
    row.model ?? "-",
    size(row.bytes),
    String(row.values),
    row.does,
  ]);
  const table = [["release", "made", METRIC, "model", "size", "values", "does"], ...lines];
  const widths = table[0]!.map((_, column) =>
    Math.max(...table.map((line) => line[column]!.length)),
  );
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
