/** The few special functions that judging needs, from jStat. */
/// <reference path="./jstat.d.ts" />
import jstat from "jstat";

/** The value that a standard normal variable stays below with this probability. */
export function normalQuantile(probability: number): number {
  return jstat.normal.inv(probability, 0, 1);
}

/** The natural logarithm of the gamma function. */
export function logGamma(value: number): number {
  return jstat.gammaln(value);
}
