/**
 * Quality of the shipped model against EASE on the same held-out users, and how soon it is there.
 * On the ratings in USHER_BENCH_DATA; without it on synthetic ones.
 */
import { foldIn } from "../../release/foldin.ts";
import { buildModel, ModelView } from "../../release/model.ts";
import { topK } from "../../release/topk.ts";
import { rowIndices } from "../../trainer/csr.ts";
import { bootstrapDifference } from "../../trainer/evaluation/bootstrap.ts";
import { measure } from "../../trainer/evaluation/measure.ts";
import { rankHeldOut } from "../../trainer/evaluation/ranking.ts";
import { type HeldOut, type Split, splitStrong } from "../../trainer/evaluation/split.ts";
import { validationNdcg } from "../../trainer/evaluation/validation.ts";
import { Ease } from "../../trainer/models/ease.ts";
import type { Recommender } from "../../trainer/models/model.ts";
import { RadialAutoencoder } from "../../trainer/models/radial-autoencoder.ts";
import { interactionWeights } from "../../trainer/weights.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { benchDataset } from "./dataset.ts";

const SEEDS = [1, 2, 3, 4, 5];
/** Tried for EASE's lambda, as multiples of the root of the number of interactions. */
const LAMBDAS = [0.5, 0.8, 1.2];

/** What one split says: NDCG@100 of each test user, seconds, and how true the edge is. */
interface Round {
  ease: Float64Array;
  linear: Float64Array;
  radial: Float64Array;
  easeSeconds: number;
  linearSeconds: number;
  radialSeconds: number;
  edgeAgreement: number;
}

async function run(say: (line: string) => void): Promise<Figures> {
  const { name, dataset } = await benchDataset();
  const weights = interactionWeights(dataset);
  const { rows, cols, indices } = weights;
  say(`${name}: ${rows} users, ${cols} items, ${indices.length} interactions`);
  const rounds: Round[] = [];
  for (const seed of SEEDS) {
    const round = await measureSeed(splitStrong(weights, { seed }), seed);
    say(
      `seed ${seed}: EASE ${mean(round.ease).toFixed(4)} in ${round.easeSeconds.toFixed(1)} s, ` +
        `radial ${mean(round.radial).toFixed(4)} in ${round.radialSeconds.toFixed(1)} s, ` +
        `its linear part ${mean(round.linear).toFixed(4)} in ${round.linearSeconds.toFixed(1)} s`,
    );
    rounds.push(round);
  }
  return named(figuresOf(rounds), name);
}

async function measureSeed(split: Split, seed: number): Promise<Round> {
  const ease = await tunedEase(split);
  const easeUsers = perUser(ease.model, split);
  ease.model.dispose();
  const linear = new RadialAutoencoder({ units: 0 });
  const { seconds: linearSeconds } = await linear.fit(split.train, { seed });
  const linearUsers = perUser(linear, split);
  linear.dispose();
  const radial = new RadialAutoencoder();
  const { validation } = split;
  const { seconds: radialSeconds } = await radial.fit(split.train, { seed, validation });
  const radialUsers = perUser(radial, split);
  const edgeAgreement = agreementWithEdge(radial, split.test);
  radial.dispose();
  return {
    ease: easeUsers,
    linear: linearUsers,
    radial: radialUsers,
    easeSeconds: ease.seconds,
    linearSeconds,
    radialSeconds,
    edgeAgreement,
  };
}

/** EASE with the lambda that is best on the validation users; the seconds are one fit's. */
async function tunedEase(split: Split): Promise<{ model: Ease; seconds: number }> {
  const root = Math.sqrt(split.train.indices.length);
  let best: { model: Ease; seconds: number; quality: number } | undefined;
  for (const factor of LAMBDAS) {
    const model = new Ease(factor * root);
    const { seconds } = await model.fit(split.train);
    const quality = validationNdcg(model, split.validation);
    if (best === undefined || quality > best.quality) {
      best?.model.dispose();
      best = { model, seconds, quality };
    } else model.dispose();
  }
  return best!;
}

function perUser(model: Recommender, { test, train }: Split): Float64Array {
  return measure(model, test, train).perUser["ndcg@100"]!;
}

/** Share of the trainer's top 20 that the quantised model gives at the edge: mean over the users. */
function agreementWithEdge(model: RadialAutoencoder, { profiles, targets, users }: HeldOut) {
  const view = ModelView.from(buildModel(model.served()!));
  const ours = rankHeldOut(model, { profiles, targets, users }, 20);
  const scores = new Float32Array(profiles.cols);
  let sum = 0;
  ours.forEach((listed, user) => {
    const items = rowIndices(profiles, user);
    const start = profiles.offsets[user]!;
    foldIn(view, { items, weights: profiles.values.subarray(start, start + items.length) }, scores);
    const folded = new Set(topK(scores, 20, items).items);
    sum += listed.filter((item) => folded.has(item)).length / Math.max(1, listed.length);
  });
  return sum / ours.length;
}

function figuresOf(rounds: readonly Round[]): Figures {
  const ease = joined(rounds.map((round) => round.ease));
  const linear = joined(rounds.map((round) => round.linear));
  const radial = joined(rounds.map((round) => round.radial));
  const gain = bootstrapDifference(radial, ease, 1);
  const overRounds = (figure: (round: Round) => number) =>
    rounds.reduce((sum, round) => sum + figure(round), 0) / rounds.length;
  const linearSeconds = overRounds((round) => round.linearSeconds);
  const radialSeconds = overRounds((round) => round.radialSeconds);
  return {
    ndcg100_vs_ease: mean(radial) / mean(ease),
    ndcg100_gain_low: gain.ci95[0],
    ndcg100_gain_high: gain.ci95[1],
    ndcg100: mean(radial),
    ndcg100_ease: mean(ease),
    ndcg100_linear_part: mean(linear),
    seconds_to_ease_quality: mean(linear) >= mean(ease) ? linearSeconds : radialSeconds,
    ease_seconds: overRounds((round) => round.easeSeconds),
    fit_seconds: radialSeconds,
    edge_top20_agreement: overRounds((round) => round.edgeAgreement),
  };
}

/** Figures end in the name of the ratings they come from. */
function named(figures: Figures, dataset: string): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${name}_${dataset}`, value]),
  );
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const benchmark: Benchmark = {
  title: "NDCG@100 of the shipped model against EASE with tuned lambda, 5 splits",
  run,
};
export default benchmark;
