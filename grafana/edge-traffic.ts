import type { DashboardDescription, PanelDescription } from "./dashboard.ts";

/** Columns of a data point, as `worker/api/telemetry.ts` writes them. */
const SOURCES = { list: 1, fold_in: 2, trending: 3, fallback: 4, none: 5 } as const;
const DEGRADED = 6;
const CLICKS = 7;

/** What was counted, undoing the sampling of Analytics Engine. */
const counted = (column: number) => `sum(_sample_interval * double${column})`;

function overTime(columns: string): string {
  return `
SELECT intDiv(toUInt32(timestamp), $interval) * $interval * 1000 AS t, ${columns}
FROM usher WHERE timestamp >= toDateTime($from) AND timestamp <= toDateTime($to)
GROUP BY t ORDER BY t`;
}

const edge: Pick<PanelDescription, "drawn" | "source"> = { drawn: "time", source: "analytics" };

/** To the minute, from Analytics Engine, where that is bound. */
export const edgeTraffic: DashboardDescription = {
  uid: "usher-edge",
  title: "Usher: traffic at the edge",
  about:
    "From Analytics Engine: finer than the hourly roll-ups, sampled under load, kept three months.",
  from: "now-6h",
  panels: [
    {
      ...edge,
      title: "Lists by source",
      about: "Requests for a user's list.",
      stacked: true,
      sql: overTime(
        Object.entries(SOURCES)
          .map(([name, column]) => `${counted(column)} AS ${name}`)
          .join(", "),
      ),
    },
    {
      ...edge,
      title: "Degraded lists, and clicks",
      about: "Of all releases.",
      sql: overTime(`${counted(DEGRADED)} AS degraded, ${counted(CLICKS)} AS clicks`),
    },
    {
      title: "Lists by release",
      about: "Of the whole span that is shown.",
      drawn: "table",
      source: "analytics",
      sql: `
SELECT blob1 AS release, ${Object.values(SOURCES).map(counted).join(" + ")} AS lists
FROM usher WHERE timestamp >= toDateTime($from) AND timestamp <= toDateTime($to)
GROUP BY release ORDER BY lists DESC`,
    },
  ],
};
