import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SAMPLE_RATIO_ALPHA, sampleRatioP } from "../../experiments/statistics/sample-ratio.ts";
import { type Random, seededRandom } from "../../trainer/random.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { ratePlot } from "./rate-plot.ts";

const RUNS = 1_000;
const USERS_A_DAY = 10_000;
const DAYS = 40;
const PLOT = fileURLToPath(
  new URL("../../docs/benchmarks/experiments-sample-ratio.svg", import.meta.url),
);

const benchmark: Benchmark = {
  title: `${RUNS} experiments of two halves, looked at on each of ${DAYS} days: how soon users that an arm loses are missed`,

  async run(say): Promise<Figures> {
    const random = seededRandom(1);
    const sound = foundByDay(0, random);
    const losses = [0.01, 0.02, 0.05].map((lost) => ({ lost, found: foundByDay(lost, random) }));
    const figures: Record<string, number> = { srm_false_alarms: sound.at(-1)! };
    for (const { lost, found } of losses) {
      const half = found.findIndex((share) => share >= 0.5);
      const most = found.findIndex((share) => share >= 0.95);
      figures[`srm_found_${lost * 100}_percent`] = found.at(-1)!;
      if (half >= 0) figures[`srm_users_to_find_${lost * 100}_percent_in_half`] = users(half);
      if (most >= 0) figures[`srm_users_to_find_${lost * 100}_percent_in_95`] = users(most);
      say(
        `${lost * 100} % of an arm lost: found in ${found.at(-1)} after ${users(DAYS - 1)} users`,
      );
    }
    say(`none lost: alarm in ${sound.at(-1)}`);
    const lines = [...losses, { lost: 0, found: sound }].map(({ lost, found }) => ({
      label: lost === 0 ? "none lost" : `${lost * 100} % lost`,
      points: found.map((share, day) => [users(day), share] as const),
    }));
    const level = { share: SAMPLE_RATIO_ALPHA, label: "alpha" };
    const title = "Experiments whose arms are found uneven";
    await writeFile(PLOT, ratePlot(title, "users", 1, lines, level));
    return figures;
  },
};

export default benchmark;

function users(day: number): number {
  return (day + 1) * USERS_A_DAY;
}

/** Share of experiments that were found uneven by the end of each day. */
function foundByDay(lost: number, random: Random): number[] {
  const found = new Array<number>(DAYS).fill(0);
  for (let run = 0; run < RUNS; run++) {
    const counts = [0, 0];
    let alarmed = false;
    for (let day = 0; day < DAYS; day++) {
      const treated = binomial(USERS_A_DAY, 0.5, random);
      counts[0]! += USERS_A_DAY - treated;
      counts[1]! += treated - binomial(treated, lost, random);
      alarmed ||= sampleRatioP(counts, [0.5, 0.5]) <= SAMPLE_RATIO_ALPHA;
      if (alarmed) found[day]!++;
    }
  }
  return found.map((count) => count / RUNS);
}

function binomial(trials: number, chance: number, random: Random): number {
  let hits = 0;
  if (chance > 0) for (let trial = 0; trial < trials; trial++) if (random() < chance) hits++;
  return hits;
}
