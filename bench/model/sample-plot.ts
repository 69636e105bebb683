/** A plot of quality kept over the share of users learned from, as SVG that reads in light and dark. */
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";

export interface SampledQuality {
  /** 0..1 of the users. */
  readonly share: number;
  /** Quality as a multiple of that of all users, and its 95 % interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const WIDTH = 640;
const HEIGHT = 320;
const MARGIN = { top: 40, right: 24, bottom: 46, left: 64 };
const COLOUR = "#0072b2";
const GREY = "#808080";

/** Quality kept, in percent of that of all users, over the share on a logarithmic axis. */
export function samplePlot(results: readonly SampledQuality[]): string {
  const bottom = HEIGHT - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  const shares = results.map(({ share }) => share);
  const x = scaleLog([Math.min(...shares), 1], [MARGIN.left + 16, right - 16]);
  const lowest = Math.min(...results.map(({ low }) => low));
  const y = scaleLinear([lowest, 1], [bottom, MARGIN.top]).nice();
  const text = (at: readonly [number, number], anchor: string, content: string) =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" text-anchor="${anchor}" fill="${GREY}">${content}</text>`;
  const across = y
    .ticks(5)
    .map(
      (tick) =>
        `<path d="M${MARGIN.left} ${y(tick).toFixed(1)}H${right}" stroke="${GREY}" stroke-opacity="0.3"/>` +
        text([MARGIN.left - 8, y(tick) + 4], "end", percent(tick)),
    );
  const along = shares.map((share) => text([x(share), bottom + 18], "middle", percent(share)));
  const path = line<SampledQuality>(
    ({ share }) => x(share),
    ({ ratio }) => y(ratio),
  );
  const points = results.map(
    ({ share, ratio, low, high }) =>
      `<path d="M${x(share).toFixed(1)} ${y(low).toFixed(1)}V${y(high).toFixed(1)}" stroke="${COLOUR}" stroke-width="2"/>` +
      `<circle cx="${x(share).toFixed(1)}" cy="${y(ratio).toFixed(1)}" r="4" fill="${COLOUR}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="NDCG@100 kept by the share of users learned from">
${text([MARGIN.left, 22], "start", "NDCG@100 kept, of what all users give; with 95 % intervals")}
${[...across, ...along].join("\n")}
<path d="${path(results)}" fill="none" stroke="${COLOUR}" stroke-width="2"/>
${points.join("\n")}
${text([(MARGIN.left + right) / 2, HEIGHT - 8], "middle", "share of the users that the model learned from")}
</svg>
`;
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
}
