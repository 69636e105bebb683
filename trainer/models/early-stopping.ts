/**
 * Early stopping: train while the held-out users gain, and go back to the best epoch.
 */
export class EarlyStopping {
  readonly #patience: number;
  #bestEpoch = 0;
  #best = Number.NEGATIVE_INFINITY;

  /** @param patience epochs without a new best after which to stop */
  constructor(patience: number) {
    this.#patience = patience;
  }

  get bestEpoch(): number {
    return this.#bestEpoch;
  }

  /** Notes the epoch's figure; `improved` says whether its weights are the ones to keep. */
  note(epoch: number, figure: number): { improved: boolean; stop: boolean } {
    if (figure > this.#best) {
      this.#best = figure;
      this.#bestEpoch = epoch;
      return { improved: true, stop: false };
    }
    return { improved: false, stop: epoch - this.#bestEpoch >= this.#patience };
  }
}
