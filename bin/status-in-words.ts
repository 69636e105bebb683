import type { CronRun } from "../drizzle/cron-runs.ts";
import type { StoredCounts } from "../drizzle/events.ts";
import type { ControlKeys } from "../release/control-keys.ts";
import { armShares, type Pointer } from "../release/pointer.ts";
import { ago, count, percent } from "./quantities.ts";

/** What `usher status` knows. */
export interface Status extends ControlKeys {
  readonly place: "local" | "deployed";
  readonly api: string | null;
  /** The last run of each kind, newest first. */
  readonly cron: readonly CronRun[];
  readonly stored: StoredCounts;
}

/** The status for a person: what serves where, what waits, and how old everything is. */
export function statusInWords(status: Status, now: Date): string {
  const { staged, refused, trending, stored } = status;
  const lines: [string, string][] = [
    ["place", status.api === null ? status.place : `${status.place}, API at ${status.api}`],
    ...servingLines(status.pointer, now),
    [
      "staged",
      staged === null
        ? "nothing"
        : `${staged.release} for ${percent(staged.share)}, ${ago(staged.stagedAt, now)}, ${count(staged.verified)} values verified`,
    ],
  ];
  if (refused !== null) {
    lines.push(["refused", `${refused.release} ${ago(refused.refusedAt, now)}: ${refused.reason}`]);
  }
  lines.push([
    "trending",
    trending === null
      ? "nothing yet"
      : `${count(trending.items.length)} items, ${ago(trending.computedAt, now)}`,
  ]);
  for (const run of status.cron) {
    lines.push([`cron`, `${run.run} ${ago(run.at, now)}: ${outcome(run)}`]);
  }
  if (status.cron.length === 0) lines.push(["cron", "no run has left a record yet"]);
  lines.push([
    "stored",
    `${count(stored.events)} events, ${count(stored.users)} users, ${count(stored.items)} items, ${count(stored.quarantined)} quarantined rows`,
  ]);
  return lines.map(([name, says]) => `${name.padEnd(9)}${says}`).join("\n");
}

function servingLines(pointer: Pointer | null, now: Date): [string, string][] {
  if (pointer === null) return [["serving", 'nothing yet: run "usher cycle"']];
  const since = ago(pointer.changedAt, now);
  return [
    ...armShares(pointer).map(({ release, share }): [string, string] => [
      "serving",
      `${release} to ${percent(share)} of the users, since ${since}`,
    ]),
    ["rollback", pointer.previous ?? "nothing to go back to"],
  ];
}

function outcome({ outcome, detail }: CronRun): string {
  const { reason, release } = detail;
  const named = typeof release === "string" ? `${outcome} ${release}` : outcome;
  return typeof reason === "string" ? `${named} (${reason})` : named;
}
