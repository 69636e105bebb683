/**
 * Fitting the two parts of the shipped model: with settings as they are, or with the two that decide
 * on unlike data, regularisation and the sum's share, chosen by the validation users.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Csr } from "../csr.ts";
import type { HeldOut } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { climb } from "./climb.ts";
import { type HiddenLayer, hiddenLayer } from "./hidden-layer.ts";
import { type LinearFactors, linearFactors } from "./linear-factors.ts";
import type { FitContext } from "./model.ts";
import type { RadialSettings } from "./radial-settings.ts";
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
export type Searched = Pick<RadialSettings, "lambda" | "linearShare">;

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

/**
 * Lambda climbs from its default for as long as the linear part alone gains by it; then, with the
 * hidden layer over that, the share of the two in the sum.
 */
export async function searchParts(
  train: Csr,
  defaults: RadialSettings,
  validation: HeldOut,
  { seed, signal }: FitContext,
): Promise<RadialParts> {
  const quality = (settings: RadialSettings, linear: LinearFactors, hidden: HiddenLayer) => {
    const scorer = new ServedScorer(radialWeights(linear, hidden, settings, train));
    const ndcg = validationNdcg(scorer, validation);
    scorer.dispose();
    return ndcg;
  };
  const tried = new Map<number, { linear: LinearFactors; seconds: number }>();
  const lambdas = LAMBDA_FACTORS.map((factor) => factor * defaults.lambda);
  const { rung: lambda } = await climb(
    lambdas,
    async (lambda) => {
      await nextTurn();
      signal?.throwIfAborted();
      const settings = { ...defaults, lambda };
      const started = performance.now();
      const linear = linearFactors(train, settings, seed);
      tried.set(lambda, { linear, seconds: secondsSince(started) });
      return quality(settings, linear, NO_HIDDEN_LAYER);
    },
    MARGIN,
  );
  const { linear, seconds: linearSeconds } = tried.get(lambda)!;
  const settings = { ...defaults, lambda };
  const started = performance.now();
  const hidden = fitHidden(train, linear, settings, seed);
  const seconds = linearSeconds + secondsSince(started);
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
