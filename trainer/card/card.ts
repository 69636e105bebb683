/**
 * The model card of a release (Mitchell et al. 2019): what it learned from, how good it is and for
 * whom, beside `manifest.json` as `card.json` for machines and `card.html` for people.
 */
import type { Manifest } from "../../release/manifest.ts";
import type { Assessment } from "../assess.ts";
import type { CleaningReport } from "../cleaning-report.ts";
import type { Dataset } from "../dataset.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";
import type { PreviousRelease } from "../gate.ts";
import type { FitReport } from "../models/model.ts";
import { type DatasetSummary, summariseDataset } from "./dataset-facts.ts";
import type { Example } from "./examples.ts";

/** What a card has in common with a manifest. */
interface About extends Pick<Manifest, "createdAt" | "code" | "gate"> {
  /** Null for a candidate that the gate refused: it never became a release. */
  release: string | null;
  model: Pick<Manifest["model"], "name" | "settings">;
}

export interface Card extends About {
  format: 1;
  dataset: DatasetSummary;
  cleaning: CleaningReport;
  /** Of all models that were measured; none when there were too few users. */
  evaluation: Evaluation;
  /** Of the model on the training users; null when it was not measured. */
  fit: FitReport | null;
  /** The release that served when this one was trained. */
  previous: Pick<PreviousRelease, "release" | "metrics"> | null;
  examples: Example[];
}

/** A card before its release has a name. */
export type CardDraft = Omit<Card, "release" | "createdAt">;

interface CardInput {
  facts: Pick<About, "code" | "model" | "gate">;
  dataset: Dataset;
  assessment: Pick<Assessment, "evaluation" | "fit">;
  previous?: PreviousRelease | null | undefined;
  examples: Example[];
}

/** Gathers what is known once a model is trained. */
export function makeCard(input: CardInput): CardDraft {
  const { facts, dataset, assessment, previous, examples } = input;
  const { code, gate } = facts;
  const { name, settings } = facts.model;
  return {
    format: 1,
    code,
    model: { name, settings },
    gate,
    dataset: summariseDataset(dataset),
    cleaning: dataset.report,
    evaluation: assessment.evaluation,
    fit: assessment.fit,
    previous: previous ? { release: previous.release, metrics: previous.metrics } : null,
    examples,
  };
}
