/**
 * The model that Usher ships: a linear autoencoder (`linear-factors.ts`) and, over its code of a
 * profile, a radial basis function layer (`hidden-layer.ts`), summed. Both are fitted to give a
 * profile back from a part of it, both have linear outputs, so that a score is one product of an
 * encoded profile (`encode.ts`) and an item's row. The equations and how this came to be the choice:
 * docs/models.md.
 */
import { UsherError } from "../../release/error.ts";
import { openBackend } from "../backend.ts";
import type { Csr } from "../csr.ts";
import type { FitContext, FitReport, Recommender, ServedModel } from "./model.ts";
import { fitParts, type Searched, searchParts } from "./radial-parts.ts";
import { defaultSettings, type RadialSettings } from "./radial-settings.ts";
import { radialWeights } from "./radial-weights.ts";
import { ServedScorer } from "./served-scorer.ts";

export class RadialAutoencoder implements Recommender {
  readonly name = "radial-autoencoder";
  readonly kind = "neural";
  readonly #given: Partial<RadialSettings>;
  /** What validation users chose, for fits without any. */
  #found: Partial<Searched> = {};
  #settings: RadialSettings | undefined;
  #served: ServedModel | undefined;
  /** Made when first scored. */
  #scorer: ServedScorer | undefined;

  /** @param settings what to set by hand; the rest follows the data */
  constructor(settings: Partial<RadialSettings> = {}) {
    this.#given = settings;
  }

  async fit(train: Csr, context: FitContext): Promise<FitReport> {
    const started = performance.now();
    await openBackend();
    this.dispose();
    const settings = {
      ...defaultSettings(context.sizedBy ?? train),
      ...this.#found,
      ...this.#given,
    };
    const { validation } = context;
    const parts =
      validation === undefined || this.#isSetByHand()
        ? await fitParts(train, settings, context)
        : await searchParts(train, settings, validation, context);
    const joining = performance.now();
    this.#settings = parts.settings;
    this.#served = radialWeights(parts.linear, parts.hidden, parts.settings, train);
    const now = performance.now();
    const seconds = parts.seconds + (now - joining) / 1000;
    const searchSeconds = (now - started) / 1000 - seconds;
    if (validation !== undefined) {
      const { lambda, rank, linearShare } = parts.settings;
      this.#found = { lambda, rank, linearShare };
    }
    return { seconds, epochs: 0, curve: [], searchSeconds };
  }

  score(profiles: Csr, out: Float32Array): void {
    if (this.#served === undefined) {
      throw new UsherError("MODEL_NOT_FITTED", "radial-autoencoder: fit it before scoring.");
    }
    this.#scorer ??= new ServedScorer(this.#served);
    this.#scorer.score(profiles, out);
  }

  settings(): Record<string, unknown> {
    return { ...this.#settings };
  }

  served(): ServedModel | undefined {
    return this.#served;
  }

  dispose(): void {
    this.#scorer?.dispose();
    this.#scorer = undefined;
  }

  /** Whoever sets one of the searched settings, as tuning does, wants no search. */
  #isSetByHand(): boolean {
    const { lambda, rank, linearShare } = this.#given;
    return [lambda, rank, linearShare].some((setting) => setting !== undefined);
  }
}
