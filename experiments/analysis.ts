/** From what an experiment brought to what it says. */
import { type Comparison, compare, type Group, groupOf, type Question } from "./comparison.ts";
import type { Experiment, MetricName } from "./definition.ts";
import {
  type ExperimentOutcomes,
  type OutcomeBin,
  type OutcomeDay,
  SEGMENTS,
  type Segment,
} from "./outcomes.ts";
import { type Plan, tuningOf } from "./plan.ts";
import { type Preference, preferenceOn } from "./preference.ts";
import type { Interval } from "./statistics/confidence-sequence.ts";
import { SAMPLE_RATIO_ALPHA, sampleRatioP } from "./statistics/sample-ratio.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

/** An arm's users and outcome so far. */
export interface ArmResult {
  readonly arm: string;
  /** Of the users of the experiment, intended. */
  readonly share: number;
  readonly users: number;
  readonly expectedUsers: number;
  /** Of the primary metric by user, as it is, without adjustment; null without users. */
  readonly mean: number | null;
}

/** Whether the arms have the users that they should have. */
export interface SampleRatio {
  /** The least of all days: always valid. */
  readonly p: number;
  readonly trusted: boolean;
}

/** A comparison, as it stood at the end of a day. */
export interface DailyEffect {
  readonly day: string;
  readonly arm: string;
  readonly relative: number;
  readonly interval: Interval;
  readonly p: number;
}

/** What is known of an experiment, for a decision. */
export interface Analysis {
  readonly verdict: Verdict;
  readonly arms: readonly ArmResult[];
  readonly sampleRatio: SampleRatio;
  /** The primary metric: each arm beside the control. */
  readonly primary: readonly Comparison[];
  readonly guardrails: readonly Comparison[];
  /** The primary metric among new and returning users: worth a look, decides nothing. */
  readonly segments: readonly Comparison[];
  readonly daily: readonly DailyEffect[];
  readonly distribution: readonly OutcomeBin[];
  /** Of an interleaving: the whole of the answer. */
  readonly preference: Preference | null;
  readonly days: number;
}

/** Judges an experiment by its outcomes so far; to look again tomorrow costs nothing. */
export function analyse(
  experiment: Experiment,
  outcomes: ExperimentOutcomes,
  plan: Plan | null,
): Analysis {
  const judged = new Judged(experiment, outcomes, plan);
  const found = {
    arms: judged.arms(),
    sampleRatio: judged.sampleRatio(),
    primary: judged.primary(judged.lastDay),
    guardrails: judged.guardrails(),
    segments: judged.segments(),
    daily: judged.daily(),
    distribution: outcomes.bins,
    preference: judged.preference(),
    days: judged.dayNames.length,
  };
  return { verdict: verdictOn(experiment, found, plan), ...found };
}

/** The outcomes of one experiment, by the questions that are put to them. */
class Judged {
  readonly dayNames: readonly string[];
  readonly #experiment: Experiment;
  readonly #outcomes: ExperimentOutcomes;
  readonly #plan: Plan | null;
  readonly #rows: ReadonlyMap<string, readonly OutcomeDay[]>;

  constructor(experiment: Experiment, outcomes: ExperimentOutcomes, plan: Plan | null) {
    this.#experiment = experiment;
    this.#outcomes = outcomes;
    this.#plan = plan;
    const rows = experiment.mode === "split" ? outcomes.days : outcomes.preferences;
    this.dayNames = [...new Set(rows.map(({ day }) => day))].sort();
    this.#rows = Map.groupBy(outcomes.days, ({ metric, arm, day }) => keyOf(metric, arm, day));
  }

  get lastDay(): string | undefined {
    return this.dayNames.at(-1);
  }

  arms(): ArmResult[] {
    const { arms, primary, mode } = this.#experiment;
    if (mode === "interleaving") return [];
    const groups = arms.map(({ name }) => this.#group(primary, name, this.lastDay));
    const total = groups.reduce((sum, { users }) => sum + users, 0);
    const whole = arms.reduce((sum, { share }) => sum + share, 0);
    return arms.map(({ name, share }, at) => {
      const { users, sum } = groups[at]!;
      return {
        arm: name,
        share: share / whole,
        users,
        expectedUsers: Math.round((total * share) / whole),
        mean: users === 0 ? null : sum / users,
      };
    });
  }

  sampleRatio(): SampleRatio {
    const { arms, primary, mode } = this.#experiment;
    if (mode === "interleaving") return { p: 1, trusted: true };
    const shares = arms.map(({ share }) => share);
    const values = this.dayNames.map((day) =>
      sampleRatioP(
        arms.map(({ name }) => this.#group(primary, name, day).users),
        shares,
      ),
    );
    const p = Math.min(1, ...values);
    return { p, trusted: p > SAMPLE_RATIO_ALPHA };
  }

  primary(day: string | undefined): Comparison[] {
    const { primary, alpha } = this.#experiment;
    return compare(this.#questions([primary], [null], day), alpha);
  }

  guardrails(): Comparison[] {
    const { guardrails, alpha } = this.#experiment;
    return compare(this.#questions(guardrails, [null], this.lastDay), alpha);
  }

  segments(): Comparison[] {
    const { primary, alpha } = this.#experiment;
    return compare(this.#questions([primary], SEGMENTS, this.lastDay), alpha);
  }

  daily(): DailyEffect[] {
    if (this.#experiment.mode === "interleaving") return this.#dailyPreference();
    return this.dayNames.flatMap((day) =>
      this.primary(day).flatMap(({ arm, effect, interval, p }) =>
        effect === null || interval === null
          ? []
          : [{ day, arm, relative: effect.relative, interval, p }],
      ),
    );
  }

  preference(): Preference | null {
    if (this.#experiment.mode === "split") return null;
    const { alpha } = this.#experiment;
    const last = this.#outcomes.preferences.at(-1);
    const empty = { day: "", users: 0, userDays: 0, wins: 0, losses: 0 };
    return preferenceOn(last ?? empty, alpha, this.#tuning());
  }

  #dailyPreference(): DailyEffect[] {
    const arm = this.#experiment.arms[1]!.name;
    return this.#outcomes.preferences.flatMap((row) => {
      const { margin, interval, p } = preferenceOn(row, this.#experiment.alpha, this.#tuning());
      return interval === null ? [] : [{ day: row.day, arm, relative: margin, interval, p }];
    });
  }

  #tuning() {
    return tuningOf(this.#experiment, this.#plan, this.#experiment.arms[1]!.name);
  }

  #questions(
    metrics: readonly MetricName[],
    segments: readonly (Segment | null)[],
    day: string | undefined,
  ): Question[] {
    const { arms, mode } = this.#experiment;
    const [control, ...others] = arms;
    if (mode === "interleaving" || control === undefined) return [];
    return others.flatMap(({ name: arm }) =>
      metrics.flatMap((metric) =>
        segments.map((segment) => ({
          metric,
          arm,
          segment,
          control: this.#group(metric, control.name, day, segment),
          treated: this.#group(metric, arm, day, segment),
          tuning: tuningOf(this.#experiment, this.#plan, arm),
        })),
      ),
    );
  }

  #group(
    metric: MetricName,
    arm: string,
    day: string | undefined,
    segment?: Segment | null,
  ): Group {
    const rows = this.#rows.get(keyOf(metric, arm, day ?? "")) ?? [];
    return groupOf(segment == null ? rows : rows.filter((row) => row.segment === segment));
  }
}

function keyOf(metric: MetricName, arm: string, day: string): string {
  return `${metric} ${arm} ${day}`;
}
