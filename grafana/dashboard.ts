/** A dashboard as it is described here, and as Grafana reads it. */
import type { Dashboard, Panel } from "@grafana/schema";

/** Where panels ask: the database, and in production Analytics Engine's SQL API. */
export const SOURCES = {
  postgres: { type: "grafana-postgresql-datasource", uid: "usher-postgres" },
  analytics: { type: "vertamedia-clickhouse-datasource", uid: "usher-analytics" },
} as const;

/** One panel: a question in SQL, and how its answer is drawn. */
export interface PanelDescription {
  readonly title: string;
  /** What it shows and what it does not, for the "i" in its corner. */
  readonly about: string;
  /** `time`: columns `time`, `metric` and `value`; `bars`: a text and numbers; else any columns. */
  readonly drawn: "time" | "bars" | "table" | "stat";
  readonly sql: string;
  /** Grafana's name of a unit: `ms`, `percentunit`, `short`; `short` by default. */
  readonly unit?: string;
  /** Columns of 24: 12 by default. */
  readonly width?: 6 | 8 | 12 | 24;
  readonly stacked?: boolean;
  readonly source?: keyof typeof SOURCES;
}

export interface DashboardDescription {
  /** Its name in addresses, and of its file. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** How far back it looks at first, as `now-24h`. */
  readonly from: string;
  readonly panels: readonly PanelDescription[];
}

const COLUMNS = 24;
const HEIGHT = 8;
const TYPES = { time: "timeseries", bars: "barchart", table: "table", stat: "stat" } as const;

/** The JSON that Grafana is provisioned with. */
export function dashboardJson({ uid, title, about, from, panels }: DashboardDescription) {
  let [x, y] = [0, 0];
  const placed = panels.map((description, at): Panel => {
    const w = description.width ?? COLUMNS / 2;
    if (x + w > COLUMNS) [x, y] = [0, y + HEIGHT];
    const gridPos = { x, y, w, h: HEIGHT };
    x += w;
    return { id: at + 1, gridPos, ...panelJson(description) };
  });
  return {
    uid,
    title,
    description: about,
    tags: ["usher"],
    editable: true,
    graphTooltip: 1,
    refresh: "1m",
    schemaVersion: 41,
    time: { from, to: "now" },
    timezone: "browser",
    panels: placed,
  } satisfies Partial<Dashboard>;
}

function panelJson(description: PanelDescription): Omit<Panel, "id" | "gridPos"> {
  const { title, about, drawn, unit = "short", stacked = false } = description;
  const datasource = SOURCES[description.source ?? "postgres"];
  const custom = {
    lineWidth: 2,
    fillOpacity: stacked ? 30 : 0,
    showPoints: "auto",
    stacking: { mode: stacked ? "normal" : "none", group: "A" },
  };
  return {
    type: TYPES[drawn],
    title,
    description: about,
    datasource,
    fieldConfig: { defaults: { unit, ...(drawn === "time" ? { custom } : {}) }, overrides: [] },
    options: drawn === "stat" ? { reduceOptions: { calcs: ["lastNotNull"], values: false } } : {},
    targets: [target(description, datasource)],
  };
}

function target(
  { source = "postgres", drawn, sql }: PanelDescription,
  datasource: (typeof SOURCES)[keyof typeof SOURCES],
): Record<string, unknown> {
  const format = drawn === "time" ? "time_series" : "table";
  return source === "postgres"
    ? { refId: "A", datasource, editorMode: "code", format, rawQuery: true, rawSql: sql }
    : { refId: "A", datasource, format, rawQuery: true, query: sql };
}
