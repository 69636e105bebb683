/** What an experiment is, as the person who defines it says it. */
import * as v from "valibot";
import { shareOf } from "../release/running-experiment.ts";

/**
 * What is measured of each user, over the events from the user's first exposure on: numbers of
 * `clicks`, `plays` and `ratings`; `liked`, 1 with any rating of 4 or more; `active`, 1 with any
 * event; `minutes` watched.
 */
export const METRIC_NAMES = ["clicks", "plays", "ratings", "liked", "active", "minutes"] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

const MOST_ARMS = 5;
const MOST_GUARDRAILS = 5;
/** Sums of decimal shares miss 1 in their last bits. */
const SHARE_SLACK = 1e-9;

const slug = (what: string) =>
  v.pipe(
    v.string(`${what} is a text`),
    v.regex(/^[a-z0-9-]{1,40}$/, `${what} takes 1 to 40 of a-z, 0-9 and -`),
  );
const between = (low: number, high: number) => {
  const told = `it takes a number above ${low} and below ${high}`;
  return v.pipe(v.number(told), v.gtValue(low, told), v.ltValue(high, told));
};
const metric = v.picklist(METRIC_NAMES, `it takes one of ${METRIC_NAMES.join(", ")}`);
const shareTold = "it takes a share of the users above 0, at most 1";
const diversityTold = "it takes a number of 0 to 1";

const arm = v.strictObject({
  name: slug("the name of an arm"),
  /** Share of all users. */
  share: v.pipe(v.number(shareTold), v.gtValue(0, shareTold), v.maxValue(1, shareTold)),
  /** The release that it serves; null is whatever the pointer serves. */
  release: v.optional(v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(80))), null),
  parameters: v.optional(
    v.strictObject({
      /** 0 ranks by score alone, 1 by how much items differ from those before them. */
      diversity: v.optional(
        v.pipe(v.number(diversityTold), v.minValue(0, diversityTold), v.maxValue(1, diversityTold)),
      ),
    }),
    {},
  ),
});

/** Schema of {@link Experiment}; what is left out is filled in. */
export const experimentSchema = v.pipe(
  v.strictObject({
    id: slug("the id"),
    name: v.pipe(v.string("it takes a text"), v.minLength(1, "it is empty"), v.maxLength(120)),
    /** Experiments of one layer never share a user. */
    layer: v.optional(slug("the layer"), "default"),
    /** `split`: each user sees one arm. `interleaving`: everybody in it sees both, mixed. */
    mode: v.optional(
      v.picklist(["split", "interleaving"], "it takes split or interleaving"),
      "split",
    ),
    /** 2 to 5, the control first; interleaving compares exactly 2. */
    arms: v.pipe(
      v.array(arm, "it takes a list of arms"),
      v.minLength(2, "an experiment has at least 2 arms"),
      v.maxLength(MOST_ARMS, `an experiment has at most ${MOST_ARMS} arms`),
    ),
    /** Makes who is in which arm independent of every other experiment; the id by default. */
    salt: v.optional(v.pipe(v.string(), v.maxLength(80)), ""),
    primary: v.optional(metric, "clicks"),
    /** Metrics that must not become worse. */
    guardrails: v.optional(v.pipe(v.array(metric), v.maxLength(MOST_GUARDRAILS)), []),
    /** The least change of the primary metric worth finding, relative: 0.05 is 5 %. */
    minimumEffect: v.optional(between(0, 10), 0.05),
    /** How often an experiment without an effect may find one. */
    alpha: v.optional(between(0, 0.5), 0.05),
    /** How often an effect of the least size is to be found. */
    power: v.optional(between(0.5, 1), 0.8),
  }),
  v.check(({ arms }) => distinct(arms.map(({ name }) => name)), "arms: two arms have one name"),
  v.check(
    (experiment) => shareOf(experiment) <= 1 + SHARE_SLACK,
    "arms: their shares come to more than all users",
  ),
  v.check(
    ({ mode, arms }) => mode === "split" || arms.length === 2,
    "arms: interleaving compares exactly 2",
  ),
  v.check(({ guardrails }) => distinct(guardrails), "guardrails: one is named twice"),
  v.transform((experiment) => ({
    ...experiment,
    salt: experiment.salt === "" ? experiment.id : experiment.salt,
  })),
);

/** An experiment between releases or serving parameters. */
export type Experiment = v.InferOutput<typeof experimentSchema>;

/** An experiment as it is sent, before defaults are filled in. */
export type ExperimentInput = v.InferInput<typeof experimentSchema>;

function distinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
