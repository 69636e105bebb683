/** The one sentence that an experiment is run for. */
import type { Analysis, ArmResult } from "./analysis.ts";
import { type Comparison, FEWEST_USERS } from "./comparison.ts";
import type { Experiment } from "./definition.ts";
import type { Plan } from "./plan.ts";
import type { Preference } from "./preference.ts";
import type { Interval } from "./statistics/confidence-sequence.ts";

/**
 * What to do: `ship` an arm; `keep` the control, as the arms are worse or no better; go on while
 * `undecided`; `distrust` what was measured; for two equal arms, `sound` or not.
 */
export type VerdictKind = "ship" | "keep" | "undecided" | "distrust" | "sound";

export interface Verdict {
  readonly kind: VerdictKind;
  /** The arm to ship. */
  readonly arm: string | null;
  readonly sentence: string;
}

type Found = Omit<Analysis, "verdict">;

/** People do other things on Saturdays; an answer of less than a week says so. */
const WHOLE_WEEK = 7;

/** Decides by what was found, worst news first. */
export function verdictOn(experiment: Experiment, found: Found, plan: Plan | null): Verdict {
  if (!found.sampleRatio.trusted) return distrust(found.arms);
  if (experiment.mode === "interleaving") return onPreference(experiment, found, plan);
  const few = found.arms.find(({ users }) => users < FEWEST_USERS);
  if (few !== undefined) {
    return undecided(
      `${few.arm} has ${few.users} of the ${FEWEST_USERS} users that it takes to judge an arm.`,
    );
  }
  if (found.primary.some(({ effect }) => effect === null)) {
    return undecided(
      `the ${experiment.primary} of ${experiment.arms[0]!.name} are nothing to compare with yet.`,
    );
  }
  if (isAA(experiment)) return onEqualArms(found);
  return onArms(experiment, found, plan);
}

function onArms(experiment: Experiment, found: Found, plan: Plan | null): Verdict {
  const { primary } = found;
  const metric = experiment.primary;
  const harmed = new Map(found.guardrails.filter(isWorse).map((bad) => [bad.arm, bad]));
  const better = primary.filter(isBetter).sort((a, b) => b.effect!.relative - a.effect!.relative);
  const winner = better.find(({ arm }) => !harmed.has(arm));
  if (winner !== undefined) {
    return {
      kind: "ship",
      arm: winner.arm,
      sentence: `${winner.arm} ${lifts(winner)}: ship it.${asides(experiment, found, winner.arm)}`,
    };
  }
  const [spoiled] = better;
  if (spoiled !== undefined) {
    return keep(
      `${spoiled.arm} ${lifts(spoiled)}, but ${lifts(harmed.get(spoiled.arm)!)}: do not ship it.`,
    );
  }
  const open = primary.filter((each) => !isWorse(each) && !isSmall(each, experiment.minimumEffect));
  if (open.length === 0) {
    const told = primary.map((each) =>
      isWorse(each)
        ? `${each.arm} ${lifts(each)}`
        : `${each.arm} changes ${metric} by less than ${percent(experiment.minimumEffect)} % ${range(each.interval!)}`,
    );
    return keep(`${told.join("; ")}: keep ${experiment.arms[0]!.name}.`);
  }
  const told = open.map(({ arm, effect, interval }) => {
    return `the effect of ${arm} on ${metric} is ${signed(effect!.relative)} %, and may be anything in ${range(interval!)}`;
  });
  return undecided(`${told.join("; ")}. ${outlook(found, plan)}`);
}

function onPreference(experiment: Experiment, found: Found, plan: Plan | null): Verdict {
  const [control, arm] = experiment.arms.map(({ name }) => name) as [string, string];
  const preference = found.preference!;
  if (preference.interval === null) {
    return undecided(
      `${preference.users} users have seen the mixed lists, and it takes ${FEWEST_USERS} with some who clicked.`,
    );
  }
  const votes = `${preference.wins} users prefer ${arm}, ${preference.losses} ${control}, ${preference.ties} neither`;
  const margin = `${signed(preference.margin)} points ${range(preference.interval)}`;
  if (isAA(experiment)) return onEqualRankings(preference, `${votes}, ${margin}`);
  if (preference.interval.low > 0) {
    return { kind: "ship", arm, sentence: `${votes}, ${margin}: ship ${arm}.${early(found)}` };
  }
  if (preference.interval.high < 0) return keep(`${votes}, ${margin}: keep ${control}.`);
  return undecided(`${votes}, ${margin}. ${outlook(found, plan)}`);
}

function onEqualArms({ primary }: Found): Verdict {
  const different = primary.find(({ interval }) => interval!.low > 0 || interval!.high < 0);
  if (different === undefined) {
    const told = primary.map(({ arm, interval }) => `${arm} ${range(interval!)}`).join(", ");
    return {
      kind: "sound",
      arm: null,
      sentence: `The arms are equal and no difference shows: ${told}. The set-up is sound.`,
    };
  }
  return {
    kind: "distrust",
    arm: null,
    sentence: `Do not trust this set-up: the arms are equal, yet ${different.arm} ${lifts(different)}.`,
  };
}

function onEqualRankings({ interval }: Preference, told: string): Verdict {
  const sound = interval!.low <= 0 && interval!.high >= 0;
  return sound
    ? {
        kind: "sound",
        arm: null,
        sentence: `The rankings are equal and no preference shows: ${told}. The set-up is sound.`,
      }
    : {
        kind: "distrust",
        arm: null,
        sentence: `Do not trust this set-up: the rankings are equal, yet ${told}.`,
      };
}

/** An A/A control: arms that serve the same in the same way. */
function isAA({ arms }: Experiment): boolean {
  const contents = arms.map(({ release, parameters }) =>
    JSON.stringify([release, parameters.diversity ?? null]),
  );
  return new Set(contents).size === 1;
}

function distrust(arms: readonly ArmResult[]): Verdict {
  const [worst] = arms.toSorted((a, b) => lacking(b) - lacking(a));
  const missing = Math.max(0.1, lacking(worst!) * 100).toPrecision(2);
  return {
    kind: "distrust",
    arm: null,
    sentence: `Do not trust this: about ${missing} % of ${worst!.arm}'s users are missing. Find out where they went, and start again.`,
  };
}

/** Share of an arm's users that are not there, going by the other arms. */
function lacking({ users, share, expectedUsers }: ArmResult): number {
  const total = expectedUsers / share;
  const fair = ((total - users) / (1 - share)) * share;
  return fair === 0 ? 0 : 1 - users / fair;
}

function asides(experiment: Experiment, found: Found, arm: string): string {
  const margin = -experiment.minimumEffect;
  const unsure = found.guardrails.filter(
    (each) => each.arm === arm && (each.interval === null || each.interval.low < margin),
  );
  const told = unsure.map(({ metric, interval }) =>
    interval ? `${metric} ${range(interval)}` : metric,
  );
  const open = told.length === 0 ? "" : ` Not yet sure to be unharmed: ${told.join(", ")}.`;
  return open + early(found);
}

function early({ days }: Found): string {
  return days >= WHOLE_WEEK ? "" : ` It has run ${days} of the ${WHOLE_WEEK} days of a week.`;
}

function outlook({ days, arms, preference }: Found, plan: Plan | null): string {
  const users = preference?.users ?? arms.reduce((sum, each) => sum + each.users, 0);
  const far = `day ${days}, ${users.toLocaleString("en")} users`;
  if (plan?.days == null || plan.users === null) return `It goes on (${far}).`;
  const planned = `${plan.days} days and ${plan.users.toLocaleString("en")} users`;
  if (days < plan.days || users < plan.users) return `It goes on (${far}; planned: ${planned}).`;
  return `It had what was planned (${planned}): an effect of the size that was looked for is unlikely.`;
}

function isBetter({ interval }: Comparison): boolean {
  return interval !== null && interval.low > 0;
}

function isWorse({ interval }: Comparison): boolean {
  return interval !== null && interval.high < 0;
}

function isSmall({ interval }: Comparison, minimumEffect: number): boolean {
  return interval !== null && interval.low > -minimumEffect && interval.high < minimumEffect;
}

function lifts({ metric, effect, interval }: Comparison): string {
  const verb = effect!.relative >= 0 ? "lifts" : "lowers";
  return `${verb} ${metric} by ${percent(Math.abs(effect!.relative))} % ${range(interval!)}`;
}

function range({ low, high }: Interval): string {
  return `[${signed(low)}, ${signed(high)}]`;
}

function signed(value: number): string {
  return `${value >= 0 ? "+" : "−"}${percent(Math.abs(value))}`;
}

function percent(value: number): string {
  return (value * 100).toFixed(1);
}

function keep(sentence: string): Verdict {
  return { kind: "keep", arm: null, sentence };
}

function undecided(why: string): Verdict {
  return { kind: "undecided", arm: null, sentence: `Not decided: ${why}` };
}
