/** A plot of growth on two logarithmic axes, as a file of SVG that reads in light and dark. */
import { scaleLog } from "d3-scale";
import { line } from "d3-shape";

export interface Line {
  label: string;
  /** Users, and what is measured. */
  points: [number, number][];
}

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = { top: 40, right: 110, bottom: 46, left: 64 };
/** Okabe and Ito's colours, told apart by nearly everybody. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73"];
const GREY = "#808080";

/** Whole powers of ten around all values. */
function decades(values: number[]): [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  return [low, high > low ? high : 10 * low];
}

/** The heights of labels, moved up where one would cover another. */
function apart(heights: readonly number[]): number[] {
  const moved = [...heights];
  const lowestFirst = [...heights.keys()].sort((a, b) => heights[b]! - heights[a]!);
  lowestFirst.forEach((label, rank) => {
    const below = lowestFirst[rank - 1];
    if (below !== undefined) moved[label] = Math.min(moved[label]!, moved[below]! - 16);
  });
  return moved;
}

/** Lines over the number of users. */
export function growthPlot(title: string, lines: readonly Line[]): string {
  const points = lines.flatMap((each) => each.points);
  const bottom = HEIGHT - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  const x = scaleLog(decades(points.map(([users]) => users)), [MARGIN.left, right]);
  const y = scaleLog(decades(points.map(([, value]) => value)), [bottom, MARGIN.top]);
  const path = line<[number, number]>(
    ([users]) => x(users),
    ([, value]) => y(value),
  );
  const whole = (ticks: number[]) => ticks.filter((tick) => Number.isInteger(Math.log10(tick)));
  const text = (at: [number, number], anchor: string, content: string, fill = GREY) =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${content}</text>`;
  const across = whole(y.ticks()).map(
    (tick) =>
      `<path d="M${MARGIN.left} ${y(tick).toFixed(1)}H${right}" stroke="${GREY}" stroke-opacity="0.3"/>` +
      text([MARGIN.left - 8, y(tick) + 4], "end", tick.toLocaleString("en")),
  );
  const along = whole(x.ticks()).map(
    (tick) =>
      `<path d="M${x(tick).toFixed(1)} ${MARGIN.top}V${bottom}" stroke="${GREY}" stroke-opacity="0.3"/>` +
      text([x(tick), bottom + 18], "middle", tick.toLocaleString("en")),
  );
  const labels = apart(lines.map((each) => y(each.points.at(-1)![1])));
  const drawn = lines.map(({ label, points }, at) => {
    const colour = COLOURS[at % COLOURS.length]!;
    const [users] = points.at(-1)!;
    const dots = points.map(
      ([users, value]) =>
        `<circle cx="${x(users).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3.5" fill="${colour}"/>`,
    );
    return (
      `<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}` +
      text([x(users) + 10, labels[at]! + 4], "start", label, colour)
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${title} by users">
${text([MARGIN.left, 22], "start", title)}
${[...across, ...along, ...drawn].join("\n")}
${text([(MARGIN.left + right) / 2, HEIGHT - 8], "middle", "users")}
</svg>
`;
}
