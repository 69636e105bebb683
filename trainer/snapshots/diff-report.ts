import type { Drift } from "./drift.ts";
import { driftBetween } from "./drift.ts";
import type { Snapshot } from "./snapshot-manifest.ts";

/** Two datasets side by side. */
export interface SnapshotDiff {
  readonly earlier: Snapshot;
  readonly later: Snapshot;
  readonly drift: Drift;
  /** Files that both name. */
  readonly sharedParts: number;
  /** Bytes that the later one needs beyond the earlier. */
  readonly addedBytes: number;
}

/** Compares two snapshots by what their manifests say; no file is read. */
export function diffSnapshots(earlier: Snapshot, later: Snapshot): SnapshotDiff {
  const known = new Set(earlier.manifest.parts.map(({ sha256 }) => sha256));
  const added = later.manifest.parts.filter(({ sha256 }) => !known.has(sha256));
  return {
    earlier,
    later,
    drift: driftBetween(earlier.manifest.facts, later.manifest.facts),
    sharedParts: later.manifest.parts.length - added.length,
    addedBytes: added.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The diff as text for a terminal. */
export function diffText(diff: SnapshotDiff): string {
  const { earlier, later, drift } = diff;
  const rows: [string, number, number][] = (["events", "users", "items"] as const).map((name) => [
    name,
    earlier.manifest.facts[name],
    later.manifest.facts[name],
  ]);
  const lines = [
    `${"".padEnd(10)}${earlier.hash.slice(0, 12).padStart(16)}${later.hash.slice(0, 12).padStart(16)}`,
    ...rows.map(([name, a, b]) => {
      const change = a === 0 ? "" : `  ${signed((b / a - 1) * 100)} %`;
      return name.padEnd(10) + number(a).padStart(16) + number(b).padStart(16) + change;
    }),
    "",
    `rating distribution: PSI ${drift.ratingPsi.toFixed(4)} (over 0.25 it is another population)`,
    ...bars(earlier.manifest.facts.ratings, later.manifest.facts.ratings),
    `types of events: PSI ${drift.typePsi.toFixed(4)}`,
    ...bars(earlier.manifest.facts.types, later.manifest.facts.types),
    `popular items: Jensen-Shannon divergence ${drift.popularityDivergence.toFixed(4)} (0 the same, 1 disjoint)`,
    `files: ${diff.sharedParts} shared, ${number(diff.addedBytes)} bytes added`,
  ];
  return lines.join("\n");
}

const WIDTH = 30;

function bars(earlier: Readonly<Record<string, number>>, later: Readonly<Record<string, number>>) {
  const rows = sharesByName(earlier, later);
  const most = Math.max(1e-9, ...rows.flatMap(({ before, after }) => [before, after]));
  return rows.map(({ name, before, after }) => {
    const bar = (share: number) => "█".repeat(Math.round((share / most) * WIDTH)).padEnd(WIDTH);
    return `  ${name.padEnd(8)} ${bar(before)} ${bar(after)} ${percent(before)} → ${percent(after)}`;
  });
}

/** Shares of each class before and after, in the order of their names. */
export function sharesByName(
  earlier: Readonly<Record<string, number>>,
  later: Readonly<Record<string, number>>,
): { name: string; before: number; after: number }[] {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0) || 1;
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])].sort();
  return names.map((name) => ({
    name,
    before: (earlier[name] ?? 0) / sum(earlier),
    after: (later[name] ?? 0) / sum(later),
  }));
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(1)}`;
}
