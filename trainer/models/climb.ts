/**
 * Choosing one setting by the validation users: up or down a ladder for as long as it gains.
 */
export interface Climbed<Rung> {
  rung: Rung;
  figure: number;
  /** How many rungs were tried. */
  tried: number;
}

/**
 * Starts in the middle of `ladder` and goes on in the direction that gains until it no longer does.
 * Each rung is tried once at most. Right for settings with one best value, as regularisation has.
 *
 * @param ladder ascending values, at least one
 * @param measure quality with a rung, higher is better
 * @param margin share of the figure that a step must gain to be taken: less is chance. Default 0.
 */
export async function climb<Rung>(
  ladder: readonly Rung[],
  measure: (rung: Rung) => Promise<number> | number,
  margin = 0,
): Promise<Climbed<Rung>> {
  let best = Math.floor(ladder.length / 2);
  let figure = await measure(ladder[best]!);
  let tried = 1;
  for (const step of [1, -1]) {
    let climbed = false;
    while (ladder[best + step] !== undefined) {
      const next = await measure(ladder[best + step]!);
      tried++;
      // A figure that is not a number is no gain.
      if (!(next > figure * (1 + margin))) break;
      best += step;
      figure = next;
      climbed = true;
    }
    if (climbed) break;
  }
  return { rung: ladder[best]!, figure, tried };
}
