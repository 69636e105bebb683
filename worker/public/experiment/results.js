/**
 * @typedef {{ low: number, high: number }} Interval
 *
 * @typedef {object} Comparison
 * @property {string} metric
 * @property {string} arm
 * @property {string | null} segment
 * @property {{ control: number, arm: number }} users
 * @property {{ relative: number, control: number, arm: number, varianceReduction: number } | null} effect
 * @property {Interval | null} interval
 * @property {number} p
 *
 * @typedef {{ day: string, arm: string, relative: number, interval: Interval, p: number }} DailyEffect
 * @typedef {{ arm: string, share: number, users: number, expectedUsers: number, mean: number | null }} ArmResult
 * @typedef {{ arm: string, from: number, users: number }} Bin
 *
 * @typedef {object} Analysis
 * @property {{ kind: string, arm: string | null, sentence: string }} verdict
 * @property {readonly ArmResult[]} arms
 * @property {{ p: number, trusted: boolean }} sampleRatio
 * @property {readonly Comparison[]} primary
 * @property {readonly Comparison[]} guardrails
 * @property {readonly Comparison[]} segments
 * @property {readonly DailyEffect[]} daily
 * @property {readonly Bin[]} distribution
 * @property {{ users: number, wins: number, ties: number, losses: number, margin: number, interval: Interval | null } | null} preference
 * @property {number} days
 *
 * @typedef {object} Results
 * @property {{ id: string, name: string, mode: "split" | "interleaving", arms: readonly { name: string }[], primary: string, minimumEffect: number }} experiment
 * @property {string} status
 * @property {string | null} startedAt
 * @property {string | null} stoppedAt
 * @property {string | null} shippedArm
 * @property {string} judgedUntil
 * @property {{ sentence: string } | null} plan
 * @property {Analysis} analysis
 */

/** A relative change in percent: "+4.1 %". @param {number} value */
export function change(value) {
  return `${value < 0 ? "−" : "+"}${(Math.abs(value) * 100).toFixed(1)} %`;
}

/** @param {Interval} interval */
export function range({ low, high }) {
  return `${change(low)} to ${change(high)}`;
}

/** A probability, without false precision. @param {number} value */
export function probability(value) {
  if (value >= 0.9995) return "1";
  return value < 0.001 ? "below 0.001" : value.toFixed(3);
}
