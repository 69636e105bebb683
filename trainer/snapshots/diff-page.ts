import { type SnapshotDiff, sharesByName } from "./diff-report.ts";

/** The diff as one HTML page that needs nothing else: counts, drift, and a plot a distribution. */
export function diffPage(diff: SnapshotDiff): string {
  const { earlier, later, drift } = diff;
  const [before, after] = [earlier.manifest.facts, later.manifest.facts];
  const rows = (["events", "users", "items"] as const)
    .map((name) => row(name, before[name], after[name]))
    .join("");
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Datasets ${earlier.hash.slice(0, 12)} and ${later.hash.slice(0, 12)}</title>
<style>${STYLE}</style>
<h1>Two datasets compared</h1>
<p><i class="before"></i> earlier <code>${earlier.hash.slice(0, 12)}</code>, up to event ${earlier.manifest.watermark}
&emsp;<i class="after"></i> later <code>${later.hash.slice(0, 12)}</code>, up to event ${later.manifest.watermark}</p>
<table><tr><th></th><th>earlier</th><th>later</th><th>change</th></tr>${rows}</table>
${plot("Ratings", `stability index ${drift.ratingPsi.toFixed(4)}; over 0.25 it is another population`, sharesByName(before.ratings, after.ratings))}
${plot("Types of events", `stability index ${drift.typePsi.toFixed(4)}`, sharesByName(before.types, after.types))}
${plot("Most popular items", `Jensen-Shannon divergence ${drift.popularityDivergence.toFixed(4)}; 0 is the same, 1 disjoint`, popular(diff))}
<p>${diff.sharedParts} files are shared; the later dataset adds ${diff.addedBytes.toLocaleString("en")} bytes.</p>
</html>
`;
}

const STYLE = `body{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1d2330;background:#fff}
table{border-collapse:collapse}td,th{padding:.2rem 1rem .2rem 0;text-align:right}td:first-child,th:first-child{text-align:left}
i{display:inline-block;width:.8em;height:.8em}.before{background:#9aa7bd;fill:#9aa7bd}.after{background:#d9622b;fill:#d9622b}
svg{width:100%;height:auto}text{font:12px system-ui;fill:currentColor}
@media(prefers-color-scheme:dark){body{color:#e6e9ef;background:#14171d}}`;

function row(name: string, before: number, after: number): string {
  const change = before === 0 ? "" : `${((after / before - 1) * 100).toFixed(1)} %`;
  const cells = [before.toLocaleString("en"), after.toLocaleString("en"), change];
  return `<tr><td>${name}</td>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

const ROW = 30;
const LEFT = 220;
const WIDTH = 640;

type Share = ReturnType<typeof sharesByName>[number];

/** Two bars a class, the earlier above the later, on one scale. */
function plot(title: string, measure: string, shares: readonly Share[]): string {
  const most = Math.max(1e-9, ...shares.flatMap(({ before, after }) => [before, after]));
  const wide = (share: number) => ((share / most) * (WIDTH - LEFT - 60)).toFixed(1);
  const bar = (share: number, y: number, kind: string) =>
    `<rect class="${kind}" x="${LEFT}" y="${y}" width="${wide(share)}" height="10"><title>${percent(share)}</title></rect>`;
  const rows = shares.map(({ name, before, after }, index) => {
    const y = index * ROW;
    return `<text x="${LEFT - 8}" y="${y + 16}" text-anchor="end">${escaped(name.slice(0, 32))}</text>${bar(before, y + 2, "before")}${bar(after, y + 13, "after")}<text x="${LEFT + Number(wide(Math.max(before, after))) + 6}" y="${y + 17}">${percent(after)}</text>`;
  });
  return `<h2>${title}</h2><p>${measure}</p>
<svg viewBox="0 0 ${WIDTH} ${shares.length * ROW}" role="img" aria-label="${title}, earlier and later">${rows.join("")}</svg>`;
}

const SHOWN = 15;

function popular({ earlier, later }: SnapshotDiff): Share[] {
  const [before, after] = [earlier.manifest.facts, later.manifest.facts].map((facts) =>
    Object.fromEntries(facts.popular),
  );
  return sharesByName(before!, after!)
    .sort((a, b) => b.before + b.after - (a.before + a.after))
    .slice(0, SHOWN);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
