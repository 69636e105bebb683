/**
 * Popularity: every profile gets the same scores, the summed weight of each item.
 */
import type { Csr } from "../csr.ts";
import type { FitReport, Recommender } from "./model.ts";

export class Popularity implements Recommender {
  readonly name = "popularity";
  readonly kind = "baseline";
  /** In 64 bits: a sum of single precision stands still at 16 million. */
  #weights = new Float64Array(0);

  async fit(train: Csr): Promise<FitReport> {
    const started = performance.now();
    this.#weights = new Float64Array(train.cols);
    train.indices.forEach((item, at) => {
      this.#weights[item]! += train.values[at]!;
    });
    return { seconds: (performance.now() - started) / 1000, epochs: 0, curve: [] };
  }

  score(profiles: Csr, out: Float32Array): void {
    for (let row = 0; row < profiles.rows; row++) out.set(this.#weights, row * profiles.cols);
  }

  settings(): Record<string, unknown> {
    return {};
  }

  served(): undefined {
    return undefined;
  }

  dispose(): void {}
}
