import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Benchmark, Figures } from "../benchmark.ts";
import { type BehaviourName, judgeMany } from "./judging.ts";
import { ratePlot } from "./rate-plot.ts";

const RUNS = 1_000;
const LIFT = 0.2;
const PLANNED_POWER = 0.8;
const KINDS: readonly BehaviourName[] = ["steady", "known", "crowd", "passing"];
const PLOT = fileURLToPath(new URL("../../docs/benchmarks/experiments-power.svg", import.meta.url));

const benchmark: Benchmark = {
  title: `${RUNS} experiments of each kind with an effect of ${LIFT * 100} %, as long as planned: how many find it, how many intervals hold it`,

  async run(say): Promise<Figures> {
    const figures: Record<string, number> = {};
    const lines = [];
    for (const name of KINDS) {
      const { plan, found, coveredAlways, coveredAtEnd } = judgeMany(name, RUNS, LIFT, null);
      lines.push({ label: name, points: found.map((share, day) => [day + 1, share] as const) });
      figures[`power_${name}`] = found.at(-1)!;
      figures[`planned_days_${name}`] = plan.days!;
      figures[`planned_users_${name}`] = plan.users!;
      figures[`coverage_every_day_${name}`] = coveredAlways;
      figures[`coverage_last_day_${name}`] = coveredAtEnd;
      say(`${name}: ${plan.sentence}`);
      say(`  found by ${found.at(-1)}; the truth inside on every day ${coveredAlways}`);
    }
    const level = { share: PLANNED_POWER, label: "planned" };
    const title = `Experiments that found an effect of ${LIFT * 100} %`;
    await writeFile(PLOT, ratePlot(title, "days", 1, lines, level));
    return figures;
  },
};

export default benchmark;
