/** Results as one table, for a spreadsheet or a notebook. */
import type { Comparison } from "./comparison.ts";
import type { ExperimentResults } from "./results.ts";

/** What a row may tell; what it does not is empty. Effects are relative: 0.05 is 5 %. */
const COLUMNS = [
  "part",
  "arm",
  "metric",
  "segment",
  "day",
  "users",
  "mean",
  "effect",
  "low",
  "high",
  "p",
  "note",
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/** RFC 4180: a header, then the verdict, arms, comparisons, days and bins, told apart by `part`. */
export function resultsCsv({ experiment, analysis }: ExperimentResults): string {
  const { primary: metric } = experiment;
  const { verdict, sampleRatio, preference } = analysis;
  const rows: Row[] = [
    { part: "verdict", arm: verdict.arm, note: `${verdict.kind}: ${verdict.sentence}` },
    { part: "sample-ratio", p: sampleRatio.p, note: sampleRatio.trusted ? "trusted" : "uneven" },
    ...analysis.arms.map(({ arm, users, mean }) => ({ part: "arm", arm, metric, users, mean })),
    ...comparisons("primary", analysis.primary),
    ...comparisons("guardrail", analysis.guardrails),
    ...comparisons("segment", analysis.segments),
    ...analysis.daily.map(({ day, arm, relative, interval: { low, high }, p }) => {
      return { part: "day", arm, metric, day, effect: relative, low, high, p };
    }),
    ...analysis.distribution.map(({ arm, from, users }) => {
      return { part: "distribution", arm, metric, users, low: from };
    }),
  ];
  if (preference !== null) {
    const { users, margin, interval, p, wins, ties, losses } = preference;
    const note = `wins ${wins}, ties ${ties}, losses ${losses}`;
    const { low, high } = interval ?? { low: null, high: null };
    rows.push({ part: "preference", users, effect: margin, low, high, p, note });
  }
  return [COLUMNS.join(","), ...rows.map(line), ""].join("\r\n");
}

function comparisons(part: string, found: readonly Comparison[]): Row[] {
  return found.map(({ arm, metric, segment, users, effect, interval, p }) => ({
    part,
    arm,
    metric,
    segment,
    users: users.arm,
    mean: effect?.arm ?? null,
    effect: effect?.relative ?? null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    p,
  }));
}

function line(row: Row): string {
  return COLUMNS.map((column) => field(String(row[column] ?? ""))).join(",");
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
