import type { Comparison } from "../experiments/comparison.ts";
import type { ExperimentResults } from "../experiments/results.ts";
import type { Interval } from "../experiments/statistics/confidence-sequence.ts";

/** Results for a person: the verdict first, then arms, effects, guardrails and segments. */
export function resultsInWords({ experiment, status, plan, analysis }: ExperimentResults): string {
  const { verdict, arms, sampleRatio, primary, guardrails, segments, preference } = analysis;
  const ratio = sampleRatio.trusted ? "as intended" : "uneven";
  return [
    verdict.sentence,
    "",
    `${experiment.name} (${experiment.id}), ${status}, day ${analysis.days}, decided by ${experiment.primary}`,
    ...(plan === null ? [] : [`  planned    ${plan.sentence}`]),
    ...arms.map(
      ({ arm, users, expectedUsers, mean }) =>
        `  arm        ${arm}: ${users} users (${expectedUsers} expected), ${mean?.toFixed(4) ?? "-"} ${experiment.primary} each`,
    ),
    ...(arms.length === 0 ? [] : [`  shares     ${ratio} (p ${sampleRatio.p.toPrecision(2)})`]),
    ...(preference === null
      ? []
      : [
          `  preference ${preference.wins} for ${experiment.arms[1]?.name}, ${preference.losses} for ${experiment.arms[0]?.name}, ${preference.ties} for neither`,
        ]),
    ...primary.map((each) => `  effect     ${told(each)}`),
    ...guardrails.map((each) => `  guardrail  ${told(each)}`),
    ...segments.map((each) => `  segment    ${each.segment} users: ${told(each)}`),
  ].join("\n");
}

function told({ arm, metric, effect, interval, p }: Comparison): string {
  if (effect === null || interval === null) return `${arm}, ${metric}: too little to tell`;
  return `${arm}, ${metric}: ${signed(effect.relative)} % ${range(interval)}, p ${p.toPrecision(2)}`;
}

function range({ low, high }: Interval): string {
  return `[${signed(low)}, ${signed(high)}]`;
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${(value * 100).toFixed(1)}`;
}
