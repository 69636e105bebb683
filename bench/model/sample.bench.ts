/**
 * What it costs to learn from a share of the users: NDCG@100 of users whom no share has seen, and the
 * seconds of the fit. On the ratings in USHER_BENCH_DATA; without it on synthetic ones.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bootstrapDifference } from "../../trainer/evaluation/bootstrap.ts";
import { measure } from "../../trainer/evaluation/measure.ts";
import { type Split, splitStrong } from "../../trainer/evaluation/split.ts";
import { onASample } from "../../trainer/models/on-a-sample.ts";
import { RadialAutoencoder } from "../../trainer/models/radial-autoencoder.ts";
import { interactionWeights } from "../../trainer/weights.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { benchDataset } from "./dataset.ts";
import { type SampledQuality, samplePlot } from "./sample-plot.ts";

const SHARES = [0.05, 0.1, 0.25, 0.5, 1];
const SEEDS = [1, 2, 3, 4, 5];
const PLOTS = fileURLToPath(new URL("../../docs/benchmarks/", import.meta.url));

/** One share of one split: NDCG@100 of each test user, and seconds. */
interface Trial {
  readonly perUser: Float64Array;
  readonly seconds: number;
}

async function run(say: (line: string) => void): Promise<Figures> {
  const { name, dataset } = await benchDataset();
  const weights = interactionWeights(dataset);
  say(`${name}: ${weights.rows} users, ${weights.cols} items`);
  const splits = SEEDS.map((seed) => splitStrong(weights, { seed }));
  const results: SampledQuality[] = [];
  const seconds: number[] = [];
  let whole: Float64Array | undefined;
  // The whole first: every share is compared with it, user by user.
  for (const share of [...SHARES].reverse()) {
    const trials: Trial[] = [];
    for (const [at, split] of splits.entries())
      trials.push(await fitShare(split, share, SEEDS[at]!));
    const perUser = Float64Array.from(trials.flatMap((trial) => Array.from(trial.perUser)));
    whole ??= perUser;
    const { mean, ci95 } = bootstrapDifference(perUser, whole, 1);
    const best = average(whole);
    results.unshift({
      share,
      ratio: 1 + mean / best,
      low: 1 + ci95[0] / best,
      high: 1 + ci95[1] / best,
    });
    seconds.unshift(average(trials.map((trial) => trial.seconds)));
    say(
      `${percent(share)} of the users: NDCG@100 ${average(perUser).toFixed(4)}, ${seconds[0]!.toFixed(1)} s`,
    );
  }
  await mkdir(PLOTS, { recursive: true });
  await writeFile(`${PLOTS}sample-users-${name}.svg`, samplePlot(results));
  return figuresOf(results, seconds, name);
}

async function fitShare(split: Split, share: number, seed: number): Promise<Trial> {
  const model = onASample(new RadialAutoencoder(), share);
  try {
    const { seconds } = await model.fit(split.train, { seed });
    return { perUser: measure(model, split.test, split.train).perUser["ndcg@100"]!, seconds };
  } finally {
    model.dispose();
  }
}

function figuresOf(results: readonly SampledQuality[], seconds: readonly number[], name: string) {
  const figures: Record<string, number> = {};
  results.forEach(({ share, ratio, low, high }, at) => {
    const suffix = `${Math.round(share * 100)}pct_${name}`;
    figures[`sample_ndcg100_ratio_${suffix}`] = ratio;
    figures[`sample_ndcg100_ratio_low_${suffix}`] = low;
    figures[`sample_ndcg100_ratio_high_${suffix}`] = high;
    figures[`sample_fit_seconds_${suffix}`] = seconds[at]!;
  });
  return figures;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function average(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

const benchmark: Benchmark = {
  title: "NDCG@100 kept when the model learns from 5 to 100 % of the users, 5 splits",
  run,
};
export default benchmark;
