/**
 * Charts as inline SVG: drawn at the width of a phone, coloured by the page's style sheet, and each
 * with its figures as a table below.
 */

import { scaleBand, scaleLinear } from "d3-scale";
import { curveMonotoneX, line } from "d3-shape";
import { html } from "hono/html";

/** Escaped HTML, or a promise of it. */
export type Markup = ReturnType<typeof html>;

const WIDTH = 320;

/** A chart with its heading, and its figures to be read instead. */
export function figure(heading: string, chart: Markup, table: Markup): Markup {
  return html`<figure>
<figcaption>${heading}</figcaption>
${chart}
<details><summary>As a table</summary>${table}</details>
</figure>`;
}

/** Rows of cells under a heading; a column of numbers is set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const numeric = head.map((_, at) => rows.every((row) => /^[−+±~\d]|^$/.test(row[at] ?? "")));
  const cell = (text: string, at: number) =>
    html`<td${numeric[at] ? html` class="number"` : ""}>${text}</td>`;
  return html`<div class="scroll"><table>
<thead><tr>${head.map((text, at) => html`<th${numeric[at] ? html` class="number"` : ""}>${text}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody>
</table></div>`;
}

export interface Bar {
  label: string;
  value: number;
  /** Ends of an interval, drawn as a whisker. */
  interval?: readonly [number, number] | undefined;
  /** What stands at the right end. */
  text: string;
  /** Drawn in the accent colour. */
  emphasised?: boolean;
}

const ROW = 40;

/** Horizontal bars from 0, the label above each. `most` is the end of the scale. */
export function bars(rows: readonly Bar[], label: string, most = largest(rows)): Markup {
  const x = scaleLinear([0, most > 0 ? most : 1], [0, WIDTH - 8]);
  const height = ROW * rows.length;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
${rows.map(
  ({ label: name, value, interval, text, emphasised }, at) => html`
<text x="0" y="${ROW * at + 13}"${emphasised ? html` class="strong"` : ""}>${name}</text>
<text x="${WIDTH}" y="${ROW * at + 13}" class="end${emphasised ? " strong" : ""}">${text}</text>
<rect x="0" y="${ROW * at + 19}" width="${round(x(Math.max(0, value)))}" height="12" rx="2" class="${emphasised ? "accent" : "quiet"}"/>
${interval === undefined ? "" : whisker(x(interval[0]), x(interval[1]), ROW * at + 25)}`,
)}
</svg>`;
}

function whisker(from: number, to: number, y: number): Markup {
  const [a, b] = [round(Math.max(0, from)), round(Math.min(WIDTH, to))];
  return html`<path class="whisker" d="M${a} ${y}H${b}M${a} ${y - 4}v8M${b} ${y - 4}v8"/>`;
}

export interface Difference {
  label: string;
  mean: number;
  interval: readonly [number, number];
  text: string;
}

/** A dot with its interval for each row, on either side of a line at 0. */
export function differences(rows: readonly Difference[], label: string): Markup {
  const most = Math.max(1e-9, ...rows.flatMap(({ interval }) => interval.map(Math.abs)));
  const x = scaleLinear([-most, most], [6, WIDTH - 6]);
  const height = ROW * rows.length;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
<path class="zero" d="M${round(x(0))} 0V${height}"/>
${rows.map(
  ({ label: name, mean, interval, text }, at) => html`
<text x="0" y="${ROW * at + 13}">${name}</text>
<text x="${WIDTH}" y="${ROW * at + 13}" class="end">${text}</text>
${whisker(x(interval[0]), x(interval[1]), ROW * at + 25)}
<circle class="dot" cx="${round(x(mean))}" cy="${ROW * at + 25}" r="4"/>`,
)}
</svg>`;
}

const PLOT = { left: 44, right: 10, top: 10, bottom: 34, height: 210 };

export interface Point {
  x: number;
  y: number;
}

interface Axis {
  title: string;
  format: (value: number) => string;
}

/** One line through points, with axes; `marked` is ringed. */
export function lineChart(
  points: readonly Point[],
  axes: { x: Axis; y: Axis },
  label: string,
  options: { marked?: Point | undefined; fromZero?: boolean } = {},
): Markup {
  const ys = points.map((point) => point.y);
  const xs = points.map((point) => point.x);
  const x = scaleLinear([Math.min(...xs), Math.max(...xs)], [PLOT.left, WIDTH - PLOT.right]);
  const least = options.fromZero === true ? 0 : Math.min(...ys);
  const y = scaleLinear([least, Math.max(...ys)], [PLOT.height - PLOT.bottom, PLOT.top]).nice(4);
  const path = line<Point>(
    (point) => round(x(point.x)),
    (point) => round(y(point.y)),
  ).curve(curveMonotoneX);
  const { marked } = options;
  return html`<svg viewBox="0 0 ${WIDTH} ${PLOT.height}" role="img" aria-label="${label}">
${y.ticks(4).map((tick) => horizontal(y(tick), axes.y.format(tick)))}
${x
  .ticks(5)
  .map(
    (tick) =>
      html`<text x="${round(x(tick))}" y="${PLOT.height - 18}" class="middle faint">${axes.x.format(tick)}</text>`,
  )}
<text x="${WIDTH - PLOT.right}" y="${PLOT.height - 3}" class="end faint">${axes.x.title}</text>
<path class="line" d="${path([...points]) ?? ""}"/>
${marked === undefined ? "" : html`<circle class="mark" cx="${round(x(marked.x))}" cy="${round(y(marked.y))}" r="5"/>`}
</svg>`;
}

/** Vertical bars side by side: how many there are of each. */
export function histogram(
  bins: readonly { label: string; count: number }[],
  title: string,
  label: string,
): Markup {
  const x = scaleBand(
    bins.map((bin) => bin.label),
    [PLOT.left, WIDTH - PLOT.right],
  ).padding(0.15);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const floor = PLOT.height - PLOT.bottom;
  const y = scaleLinear([0, most], [floor, PLOT.top]).nice(4);
  // Labels that would run into each other: every second one.
  const every = bins.some((bin) => 7 * bin.label.length > x.step()) ? 2 : 1;
  return html`<svg viewBox="0 0 ${WIDTH} ${PLOT.height}" role="img" aria-label="${label}">
${y.ticks(4).map((tick) => horizontal(y(tick), compact(tick)))}
${bins.map(
  (bin, at) => html`
<rect class="accent" x="${round(x(bin.label)!)}" width="${round(x.bandwidth())}" y="${round(y(bin.count))}" height="${round(floor - y(bin.count))}" rx="2"/>
${at % every === 0 ? html`<text x="${round(x(bin.label)! + x.bandwidth() / 2)}" y="${PLOT.height - 18}" class="middle faint">${bin.label}</text>` : ""}`,
)}
<text x="${WIDTH - PLOT.right}" y="${PLOT.height - 3}" class="end faint">${title}</text>
</svg>`;
}

function horizontal(y: number, text: string): Markup {
  return html`<path class="grid" d="M${PLOT.left} ${round(y)}H${WIDTH - PLOT.right}"/>
<text x="${PLOT.left - 6}" y="${round(y) + 4}" class="end faint">${text}</text>`;
}

function largest(rows: readonly Bar[]): number {
  return Math.max(0, ...rows.map(({ value, interval }) => Math.max(value, interval?.[1] ?? 0)));
}

/** 1,200 as 1.2k. */
function compact(value: number): string {
  return value.toLocaleString("en", { notation: "compact" });
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
