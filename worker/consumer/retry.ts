/** Longest wait that the platform takes for a message, in seconds. */
const MOST_SECONDS = 12 * 3_600;

/**
 * Seconds before a message is delivered again: `firstSeconds`, doubled with every attempt.
 *
 * Up to a quarter is added by `chance` (0..1), so that what failed together does not come back
 * together onto a database that is just getting up.
 */
export function retryDelaySeconds(attempts: number, firstSeconds: number, chance: number): number {
  const delay = firstSeconds * 2 ** (Math.max(attempts, 1) - 1) * (1 + chance / 4);
  return Math.min(Math.round(delay), MOST_SECONDS);
}
