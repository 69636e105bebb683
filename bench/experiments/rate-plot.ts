/** A plot of shares of experiments over days or users, as a file of SVG that reads in light and dark. */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { line } from "d3-shape";

/** A line of a rate plot. */
export interface RateLine {
  readonly label: string;
  /** Where, and the share of experiments, 0..1. */
  readonly points: readonly (readonly [number, number])[];
  readonly dashed?: boolean;
}

const WIDTH = 640;
const HEIGHT = 340;
const MARGIN = { top: 40, right: 150, bottom: 46, left: 56 };
const RIGHT = WIDTH - MARGIN.right;
const BOTTOM = HEIGHT - MARGIN.bottom;
/** Okabe and Ito's colours, told apart by nearly everybody. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const GREY = "#808080";
const LABEL_HEIGHT = 15;
const compact = new Intl.NumberFormat("en", { notation: "compact" });

/**
 * Lines over days or users.
 *
 * @param along what the horizontal axis counts.
 * @param most the top of the vertical axis, a share.
 * @param level a share to hold the lines against, told at its right end.
 */
export function ratePlot(
  title: string,
  along: string,
  most: number,
  lines: readonly RateLine[],
  level: { readonly share: number; readonly label: string },
): string {
  const farthest = Math.max(...lines.flatMap(({ points }) => points.map(([at]) => at)));
  const x = scaleLinear([0, farthest], [MARGIN.left, RIGHT]);
  const y = scaleLinear([0, most], [BOTTOM, MARGIN.top]);
  const goal = y(level.share).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${title}">
${text(MARGIN.left, 22, "start", title)}
${axes(x, y)}
<path d="M${MARGIN.left} ${goal}H${RIGHT}" stroke="${GREY}" stroke-dasharray="2 4" stroke-width="1.5"/>
${drawn(lines, x, y, level)}
${text((MARGIN.left + RIGHT) / 2, HEIGHT - 8, "middle", along)}
</svg>
`;
}

type Scale = ScaleLinear<number, number>;

function axes(x: Scale, y: Scale): string {
  const across = y.ticks(5).map((tick) => {
    const at = y(tick);
    const rule = `<path d="M${MARGIN.left} ${at.toFixed(1)}H${RIGHT}" stroke="${GREY}" stroke-opacity="0.25"/>`;
    return rule + text(MARGIN.left - 8, at + 4, "end", `${Number((tick * 100).toFixed(1))} %`);
  });
  const along = x
    .ticks(6)
    .map((tick) => text(x(tick), BOTTOM + 18, "middle", compact.format(tick)));
  return [...across, ...along].join("\n");
}

function drawn(
  lines: readonly RateLine[],
  x: Scale,
  y: Scale,
  level: { readonly share: number; readonly label: string },
): string {
  const ends = [...lines.map(({ points }) => y(points.at(-1)![1])), y(level.share)];
  const heights = apart(ends);
  const path = line<readonly [number, number]>(
    ([at]) => x(at),
    ([, share]) => y(share),
  );
  const paths = lines.map(({ label, points, dashed }, at) => {
    const colour = COLOURS[at % COLOURS.length]!;
    const dashes = dashed === true ? ' stroke-dasharray="7 4"' : "";
    return (
      `<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>` +
      text(RIGHT + 8, heights[at]! + 4, "start", label, colour)
    );
  });
  return [...paths, text(RIGHT + 8, heights.at(-1)! + 4, "start", level.label)].join("\n");
}

/** The heights of labels, moved up where one would cover another. */
function apart(heights: readonly number[]): number[] {
  const moved = [...heights];
  const lowestFirst = [...heights.keys()].sort((a, b) => heights[b]! - heights[a]!);
  lowestFirst.forEach((label, rank) => {
    const below = lowestFirst[rank - 1];
    if (below !== undefined) moved[label] = Math.min(moved[label]!, moved[below]! - LABEL_HEIGHT);
  });
  return moved;
}

function text(x: number, y: number, anchor: string, content: string, fill = GREY): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${content}</text>`;
}
