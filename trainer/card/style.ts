/**
 * The card's style sheet: one column, light and dark, no fonts or images from anywhere.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --ink: #1d2430; --soft: #5b6575; --rule: #e2e5ea; --panel: #f4f5f7;
  --accent: #2f5fd0; --quiet: #b9c2d0; --good: #1a7f4b; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --ink: #e6e9ee; --soft: #9aa5b5; --rule: #2b313b; --panel: #1c2129;
    --accent: #7da2ff; --quiet: #4d5868; --good: #5fcf97; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; }
h2 { margin: 3rem 0 .25rem; font-size: 1.2rem; }
p { margin: .25rem 0 1rem; max-width: 42rem; }
.soft, figcaption, small { color: var(--soft); }
.verdict { margin: 1rem 0 0; padding: .75rem 1rem; border-left: 4px solid var(--good); background: var(--panel); }
.verdict.refused { border-color: var(--bad); }
.verdict p { margin: 0; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.tiles li { padding: .6rem .8rem; background: var(--panel); border-radius: .4rem; }
.tiles b { display: block; font-size: 1.35rem; font-weight: 600; line-height: 1.3; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 1rem 2rem; align-items: start; }
.grid.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
figure { margin: 1rem 0 0; }
figcaption { margin-bottom: .5rem; font-size: .9rem; }
svg { display: block; width: 100%; max-width: 26rem; height: auto; overflow: visible; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .faint { fill: var(--soft); font-size: 11px; }
svg .strong { font-weight: 600; }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg .accent { fill: var(--accent); }
svg .quiet { fill: var(--quiet); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 2; }
svg .grid { stroke: var(--rule); }
svg .whisker { fill: none; stroke: var(--ink); opacity: .75; }
svg .zero { stroke: var(--soft); stroke-dasharray: 3 3; }
svg .dot { fill: var(--ink); }
svg .mark { fill: var(--paper); stroke: var(--accent); stroke-width: 2; }
details { margin-top: .5rem; font-size: .9rem; }
summary { color: var(--soft); cursor: pointer; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 500; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.example { padding: 1rem; border: 1px solid var(--rule); border-radius: .5rem; }
.example h3 { margin: 0 0 .5rem; font-size: 1rem; }
.example h4 { margin: .75rem 0 .25rem; color: var(--soft); font-size: .85rem; font-weight: 500; }
.example ul, .example ol { margin: 0; padding-left: 1.4rem; }
.example ul { padding-left: 0; list-style: none; }
.stars { color: var(--accent); white-space: nowrap; }
code { font-size: .875em; }
`;
