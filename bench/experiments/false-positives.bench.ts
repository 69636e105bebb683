import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Benchmark, Figures } from "../benchmark.ts";
import { ALPHA, type BehaviourName, judgeMany } from "./judging.ts";
import { ratePlot } from "./rate-plot.ts";
import { BEHAVIOURS } from "./simulated-experiment.ts";

const RUNS = 1_000;
const DAYS = 28;
const PLOT = fileURLToPath(
  new URL("../../docs/benchmarks/experiments-false-positives.svg", import.meta.url),
);

const benchmark: Benchmark = {
  title: `${RUNS} A/A experiments of each kind, looked at on each of ${DAYS} days: how many find an effect`,

  async run(say): Promise<Figures> {
    const figures: Record<string, number> = {};
    const lines = [];
    let naive: readonly number[] = [];
    for (const name of Object.keys(BEHAVIOURS) as BehaviourName[]) {
      const { found, foundNaively } = judgeMany(name, RUNS, 0, DAYS);
      if (name === "steady") naive = foundNaively;
      lines.push({ label: name, points: found.map((share, day) => [day + 1, share] as const) });
      figures[`aa_false_positives_${name}`] = found.at(-1)!;
      figures[`aa_false_positives_looking_once_${name}`] = foundNaively.at(-1)!;
      say(`${name}: ${found.at(-1)}; with a test that may look once: ${foundNaively.at(-1)}`);
    }
    const once = naive.map((share, day) => [day + 1, share] as const);
    const all = [{ label: "t-test, steady", points: once, dashed: true }, ...lines];
    const most = Math.max(0.1, ...naive);
    const level = { share: ALPHA, label: "alpha" };
    await writeFile(
      PLOT,
      ratePlot("A/A experiments that found an effect", "days", most, all, level),
    );
    return figures;
  },
};

export default benchmark;
