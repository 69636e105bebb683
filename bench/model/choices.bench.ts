/**
 * What the choices behind the shipped model cost and give: ratings as weights, a half-life, popularity
 * damping. On the ratings in USHER_BENCH_DATA; without it on synthetic ones.
 */
import { type Csr, keepValues, rowIndices, selectRows } from "../../trainer/csr.ts";
import type { Dataset } from "../../trainer/dataset.ts";
import { bootstrapDifference } from "../../trainer/evaluation/bootstrap.ts";
import { SplitForms, type SplitKind } from "../../trainer/evaluation/forms.ts";
import { type Measurement, measure } from "../../trainer/evaluation/measure.ts";
import type { HeldOut, Split } from "../../trainer/evaluation/split.ts";
import { RadialAutoencoder } from "../../trainer/models/radial-autoencoder.ts";
import type { RadialSettings } from "../../trainer/models/radial-settings.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { benchDataset } from "./dataset.ts";

const SEEDS = [1, 2, 3];
const HALF_LIVES = [1460, 730, 365, 180];
const DAMPINGS = [0.025, 0.05, 0.1, 0.2, 0.3, 0.5];
/** From here on a rating says that somebody liked it. */
const LIKED = 4;

const benchmark: Benchmark = {
  title: "what weights by rating and age, and popularity damping, cost and give, 3 splits",

  async run(say): Promise<Figures> {
    const { name, dataset } = await benchDataset();
    const figures: Record<string, number> = {};
    const note = (choice: string, values: Record<string, number>) => {
      for (const [figure, value] of Object.entries(values)) {
        figures[`${choice}_${figure}_${name}`] = value;
      }
      const words = Object.entries(values).map(
        ([figure, value]) => `${figure} ${value.toFixed(4)}`,
      );
      say(`${choice}: ${words.join(", ")}`);
    };
    if (dataset.rated.includes(1)) await measureStars(dataset, note);
    for (const split of ["strong", "temporal"] as const) {
      if (dataset.times.every((time) => time > 0)) await measureAge(dataset, split, note);
    }
    await measureDamping(dataset, note);
    return figures;
  },
};

export default benchmark;

type Note = (choice: string, values: Record<string, number>) => void;

/** Weights by stars against every rating as 1: all that is to be found, and the liked alone. */
async function measureStars(dataset: Dataset, note: Note): Promise<void> {
  const rounds = SEEDS.map((seed) => new SplitForms(dataset, { seed }));
  const alike = rounds.map(({ weights }) => withValues(weights, binary));
  const stars = rounds.map(({ weights }) => weights);
  const ratings = rounds.map((forms) => forms.of({ learnsFrom: "ratings" }).test.targets);
  const [one, other] = [await ndcgs(alike), await ndcgs(stars)];
  note("stars", gain(other, one));
  const liked = (splits: Split[]) =>
    splits.map((split, at) => ({ ...split, test: likedOf(split.test, ratings[at]!) }));
  note("stars_liked", gain(await ndcgs(liked(stars)), await ndcgs(liked(alike))));
}

async function measureAge(dataset: Dataset, split: SplitKind, note: Note): Promise<void> {
  const splits = (halfLifeDays?: number) =>
    SEEDS.map(
      (seed) => new SplitForms(dataset, { split, seed, weighting: { halfLifeDays } }).weights,
    );
  const ageless = await ndcgs(splits());
  for (const days of HALF_LIVES) {
    note(`half_life_${days}_${split}`, gain(await ndcgs(splits(days)), ageless));
  }
}

async function measureDamping(dataset: Dataset, note: Note): Promise<void> {
  const splits = SEEDS.map((seed) => new SplitForms(dataset, { seed }).weights);
  const plain = await measured(splits);
  for (const damping of [0, ...DAMPINGS]) {
    const damped = damping === 0 ? plain : await measured(splits, { popularityDamping: damping });
    const over = (figure: (one: Measurement) => number) =>
      damped.reduce((sum, one) => sum + figure(one), 0) / damped.length;
    note(`damping_${damping}`, {
      ...gain(damped.map(ndcgOf), plain.map(ndcgOf)),
      coverage20: over(({ overall }) => overall["coverage@20"]!),
      gini20: over(({ overall }) => overall["gini@20"]!),
      novelty20: over(({ perUser }) => mean(perUser["novelty@20"]!)),
    });
  }
}

/** One fit and one measurement a split, with the model's own settings. */
async function measured(
  splits: readonly Split[],
  settings: Partial<RadialSettings> = {},
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [at, { train, test }] of splits.entries()) {
    const model = new RadialAutoencoder(settings);
    await model.fit(train, { seed: SEEDS[at]! });
    measurements.push(measure(model, test, train));
    model.dispose();
  }
  return measurements;
}

async function ndcgs(splits: readonly Split[]): Promise<Float64Array[]> {
  return (await measured(splits)).map(ndcgOf);
}

function ndcgOf({ perUser }: Measurement): Float64Array {
  return perUser["ndcg@100"]!;
}

/** NDCG@100 of the choice, and what it gains over the other with its paired interval, in percent. */
function gain(ours: readonly Float64Array[], theirs: readonly Float64Array[]) {
  const [one, other] = [joined(ours), joined(theirs)];
  const difference = bootstrapDifference(one, other, 1);
  const percent = (value: number) => (100 * value) / mean(other);
  return {
    ndcg100: mean(one),
    gain: percent(difference.mean),
    low: percent(difference.ci95[0]),
    high: percent(difference.ci95[1]),
  };
}

/** The held-out users who liked anything, with that alone to be found. */
function likedOf({ users, profiles, targets }: HeldOut, ratings: Csr): HeldOut {
  const liked = keepValues(
    targets,
    Uint8Array.from(ratings.values, (value) => (value >= LIKED ? 1 : 0)),
  );
  const rows = Array.from(users.keys()).filter((row) => rowIndices(liked, row).length > 0);
  return {
    users: Uint32Array.from(rows, (row) => users[row]!),
    profiles: selectRows(profiles, rows),
    targets: selectRows(liked, rows),
  };
}

function withValues(split: Split, weigh: (matrix: Csr) => Csr): Split {
  const side = (held: HeldOut) => ({ ...held, profiles: weigh(held.profiles) });
  return { train: weigh(split.train), validation: side(split.validation), test: side(split.test) };
}

function binary(matrix: Csr): Csr {
  return { ...matrix, values: new Float32Array(matrix.values.length).fill(1) };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
