/**
 * Fitting the two parts of the shipped model: with settings as they are, or with those that decide
 * on unlike data, regularisation, rank and the sum's share, chosen by the validation users.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Csr } from "../csr.ts";
import type { HeldOut } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { climb } from "./climb.ts";
import { growRank } from "./grow-rank.ts";
import { type HiddenLayer, hiddenLayer } from "./hidden-layer.ts";
import { type LinearFactors, linearFactors } from "./linear-factors.ts";
import type { FitContext } from "./model.ts";
import { mostRank, type RadialSettings } from "./radial-settings.ts";
import { NO_HIDDEN_LAYER, radialWeights } from "./radial-weights.ts";
import { ServedScorer } from "./served-scorer.ts";

export interface RadialParts {
  settings: RadialSettings;
  linear: LinearFactors;
  hidden: HiddenLayer;
  /** Of fitting these very parts, without the search. */
  seconds: number;
}

/** The settings that are searched. */
export type Searched = Pick<RadialSettings, "lambda" | "rank" | "linearShare">;

/** Lambda moves by these, around the default in the middle. */
const LAMBDA_FACTORS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];
/** What the hidden layer counts beside the linear part moves by these; 0 leaves it out. */
const HIDDEN_FACTORS = [0, 0.1, 0.4, 1, 2, 4, 8];
/** A step must gain this share of NDCG@100: a few hundred users tell no finer difference apart. */
const MARGIN = 0.005;

/** Both parts by the settings given. */
export async function fitParts(
  train: Csr,
  settings: RadialSettings,
  { seed, signal }: FitContext,
): Promise<RadialParts> {
  const started = performance.now();
  const linear = linearFactors(train, settings, seed);
  await nextTurn();
  signal?.throwIfAborted();
  const hidden = fitHidden(train, linear, settings, seed);
  return { settings, linear, hidden, seconds: secondsSince(started) };
}

/** The linear part alone, with how long its fit took. */
interface LinearPart {
  settings: RadialSettings;
  linear: LinearFactors;
  seconds: number;
}

type Quality = (settings: RadialSettings, linear: LinearFactors, hidden: HiddenLayer) => number;

/**
 * Lambda climbs from its default for as long as the linear part alone gains by it, and then its rank;
 * then, with the hidden layer over that, the share of the two in the sum.
 */
export async function searchParts(
  train: Csr,
  defaults: RadialSettings,
  validation: HeldOut,
  context: FitContext,
): Promise<RadialParts> {
  const quality: Quality = (settings, linear, hidden) => {
    const scorer = new ServedScorer(radialWeights(linear, hidden, settings, train));
    const ndcg = validationNdcg(scorer, validation);
    scorer.dispose();
    return ndcg;
  };
  const { settings, linear, ...part } = await searchLinear(train, defaults, quality, context);
  const started = performance.now();
  const hidden = fitHidden(train, linear, settings, context.seed);
  const seconds = part.seconds + secondsSince(started);
  if (hidden.units === 0) return { settings, linear, hidden, seconds };
  const shares = HIDDEN_FACTORS.map((factor) => shareBeside(factor, settings.linearShare));
  const { rung: linearShare } = await climb(
    shares,
    (linearShare) => quality({ ...settings, linearShare }, linear, hidden),
    MARGIN,
  );
  const searched = { ...settings, linearShare };
  return {
    settings: searched,
    linear,
    hidden: linearShare < 1 ? hidden : NO_HIDDEN_LAYER,
    seconds,
  };
}

async function searchLinear(
  train: Csr,
  defaults: RadialSettings,
  quality: Quality,
  { seed, signal }: FitContext,
): Promise<LinearPart> {
  const fitted = async (settings: RadialSettings): Promise<LinearPart> => {
    await nextTurn();
    signal?.throwIfAborted();
    const started = performance.now();
    const linear = linearFactors(train, settings, seed);
    return { settings, linear, seconds: secondsSince(started) };
  };
  const worth = ({ settings, linear }: LinearPart) => quality(settings, linear, NO_HIDDEN_LAYER);
  const tried = new Map<number, LinearPart>();
  const lambdas = LAMBDA_FACTORS.map((factor) => factor * defaults.lambda);
  const { rung: lambda } = await climb(
    lambdas,
    async (lambda) => {
      const part = await fitted({ ...defaults, lambda });
      tried.set(lambda, part);
      return worth(part);
    },
    MARGIN,
  );
  return growRank(tried.get(lambda)!, {
    fitted: (rank) => fitted({ ...defaults, lambda, rank }),
    worth,
    most: mostRank(train, defaults),
    margin: MARGIN,
  });
}

/** The linear share w for which the hidden layer's (1 - w) / w is `factor` times the default's. */
function shareBeside(factor: number, linearShare: number): number {
  return linearShare / (linearShare + factor * (1 - linearShare));
}

function fitHidden(
  train: Csr,
  linear: LinearFactors,
  settings: RadialSettings,
  seed: number,
): HiddenLayer {
  const unused = settings.units === 0 || settings.linearShare === 1;
  if (unused || linear.rank === 0) return NO_HIDDEN_LAYER;
  return hiddenLayer(train, linear, settings, seed);
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
