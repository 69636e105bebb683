/** docs/cost.md, computed. */

import { FREE_DAY, PAID } from "../../release/prices.ts";
import { ASSUMED, freeDayOfWrites, keyPerUserMonth, type Month, packedMonth } from "./month.ts";
import { dollarsPerMillion } from "./paths.ts";

const USERS = [10_000, 1_000_000, 100_000_000];

/** The whole text of docs/cost.md. */
export function costDocument(): string {
  return `# What it costs

Computed from the prices in [release/prices.ts](../release/prices.ts), as Cloudflare documents
them, by \`npm run cost\`; a test holds this page to them. Dollars are a month's, on the Workers Paid
plan with its $${PAID.monthly} included.

## A month, by number of users

A release a day, ${ASSUMED.requestsPerUser} recommendations a user and month, ${ASSUMED.cpuMilliseconds} ms of CPU and one KV read for each (what
isolates and caches remember makes it cheaper). **Packed** is what Usher does: many users a value,
their profiles beside them, ${ASSUMED.releasesKept} releases kept. **One key per user** writes every user's list under a key
of its own, each time.

${table(
  [
    "users",
    "way",
    "keys a release",
    "of a free day's writes",
    "writes",
    "deletes",
    "reads",
    "storage",
    "requests, CPU",
    "total",
  ],
  USERS.flatMap((users) => [
    row(users, "packed", packedMonth(users)),
    row(users, "one key per user", keyPerUserMonth(users)),
  ]),
)}

The free plan allows ${count(FREE_DAY.kvWrites)} KV writes a day: a million users fit, packed. Neon and a machine to train on
are not in here.

## A million requests, by path

Once what the plan includes (${count(PAID.requests.included)} requests, ${count(PAID.kvReads.included)} KV reads) is used up.

${table(
  ["path", "dollars"],
  dollarsPerMillion().map(({ path, dollars }) => [path, money(dollars)]),
)}

## Before a push

\`usher push RELEASE --plan\` prints the keys, bytes, requests and dollars of that very push, and its
share of the free plan's day, before anything is written. A push that is repeated writes only what is
missing.
`;
}

function row(users: number, way: string, month: Month): string[] {
  const { writesPerRelease, writes, deletes, reads, storage, requests, total } = month;
  const free = freeDayOfWrites(writesPerRelease);
  return [
    count(users),
    way,
    count(writesPerRelease),
    free < 10 ? `${Math.round(free * 100)} %` : `${count(Math.round(free))} days`,
    ...[writes, deletes, reads, storage, requests].map(money),
    `**${money(total)}**`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const align = head.map((_, column) =>
    column < 2 && head.length > 2 ? "---" : column === 0 ? "---" : "---:",
  );
  return [line(head), line(align), ...rows.map(line)].join("\n");
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function money(value: number): string {
  if (value === 0) return "$0";
  return value < 1000 ? `$${value.toFixed(2)}` : `$${count(Math.round(value))}`;
}
