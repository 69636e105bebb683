/**
 * Grafana's macros of a Postgres panel, as it documents them, so that its SQL can be run without it:
 * https://grafana.com/docs/grafana/latest/datasources/postgres/query-editor/
 */

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** @throws Error for a macro that this does not know, or anything else that begins with `$`. */
export function expandMacros(sql: string, from: Date, to: Date): string {
  const [start, end] = [from, to].map((time) => `'${time.toISOString()}'`);
  const expanded = sql
    .replace(/\$__timeFilter\(([\w.]+)\)/g, `$1 BETWEEN ${start} AND ${end}`)
    .replace(/\$__timeGroupAlias\(([\w.]+),\s*'(\d+)([smhd])'\)/g, (_, column, count, unit) => {
      return `${grouped(column, count, unit)} AS "time"`;
    })
    .replace(/\$__timeGroup\(([\w.]+),\s*'(\d+)([smhd])'\)/g, (_, column, count, unit) =>
      grouped(column, count, unit),
    );
  const left = /\$\w+/.exec(expanded);
  if (left !== null) throw new Error(`Grafana has no macro ${left[0]} that is known here.`);
  return expanded;
}

function grouped(column: string, count: string, unit: string): string {
  const seconds = Number(count) * UNIT_SECONDS[unit]!;
  return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
}
