/**
 * What comes out of a training: everything of a release but its lists, or the card of a candidate that
 * the gate refused.
 */
import { buildCatalogue, type CatalogueItem } from "../release/catalogue.ts";
import { UsherError } from "../release/error.ts";
import { KV_VALUE_BYTES } from "../release/limits.ts";
import { buildModel } from "../release/model.ts";
import type { Assessment } from "./assess.ts";
import { type Card, makeCard } from "./card/card.ts";
import { exampleLists } from "./card/examples.ts";
import { type Csr, columnCounts } from "./csr.ts";
import type { Dataset } from "./dataset.ts";
import { sizes } from "./evaluation/evaluate.ts";
import type { ListsJob } from "./lists-job.ts";
import { planLists } from "./lists-plan.ts";
import type { Recommender, ServedModel } from "./models/model.ts";
import { CHOSEN_MODEL } from "./models/registry.ts";
import { shardsOfProfiles } from "./profiles.ts";
import { sketchOf } from "./sketch.ts";
import type { ItemMetadata, TrainInput } from "./train.ts";
import { interactionWeights } from "./weights.ts";

/** What the manifest and the card say beyond the values. */
export interface Findings extends Assessment {
  code: string;
}

/** The card of a candidate that never became a release. */
export function refusedCard(input: TrainInput, model: Recommender, findings: Findings): Card {
  const { dataset, items, previous, options } = input;
  const profiles = interactionWeights(dataset, { halfLifeDays: options?.halfLifeDays });
  const facts = {
    code: findings.code,
    model: { name: model.name, settings: model.settings() },
    gate: findings.verdict,
  };
  const card = makeCard({
    facts,
    dataset,
    assessment: findings,
    previous,
    // A model of ratings is fed something else, and cannot be shipped anyway.
    examples: model.learnsFrom === "ratings" ? [] : exampleLists(model, dataset, profiles, items),
  });
  return { ...card, release: null, createdAt: (options?.now ?? new Date()).toISOString() };
}

/**
 * Everything of the release but its lists.
 *
 * Throws `MODEL_NOT_SERVABLE`, `DIVERSITY_INVALID`.
 *
 * @param model fitted on all users.
 * @param profiles what it was fitted on: users x items, weights.
 */
export function jobOf(
  input: TrainInput,
  model: Recommender,
  profiles: Csr,
  findings: Findings,
): ListsJob {
  const { dataset, options, previous } = input;
  const served = model.served();
  if (served === undefined) {
    throw new UsherError(
      "MODEL_NOT_SERVABLE",
      `${model.name} has no weights that the edge can serve; ship ${CHOSEN_MODEL}.`,
    );
  }
  const createdAt = options?.now ?? new Date();
  const items = catalogueItems(dataset, input.items);
  const { plan, hashes } = planLists(dataset.userIds, { diversity: options?.diversity });
  const { hashSeed } = plan;
  const profileShards = [...shardsOfProfiles({ profiles, userIds: dataset.userIds, hashSeed })];
  const facts = factsOf(input, model, served, findings, profileShards.length);
  const examples = exampleLists(model, dataset, profiles, input.items);
  return {
    served,
    profiles,
    hashes,
    plan,
    ...(plan.diversity?.perCategory && { categories: items.map((item) => item.categories) }),
    createdAt,
    values: [
      { key: "catalogue", value: buildCatalogue(items) },
      ...modelParts(buildModel(served)),
      ...profileShards,
    ],
    facts,
    card: makeCard({ facts, dataset, assessment: findings, previous, examples }),
  };
}

/** What the manifest says beside values and lists. */
function factsOf(
  { dataset, options }: TrainInput,
  model: Recommender,
  served: ServedModel,
  findings: Findings,
  profileShards: number,
): ListsJob["facts"] {
  return {
    code: findings.code,
    dataset: {
      hash: dataset.hash,
      watermark: dataset.watermark,
      ...(options?.takenAt === undefined ? {} : { takenAt: options.takenAt.toISOString() }),
      ...sizes(dataset.matrix),
      sketch: sketchOf(dataset),
    },
    model: {
      name: model.name,
      kind: served.hidden > 0 ? "hybrid" : "linear",
      dimensions: served.dimensions,
      settings: {
        ...model.settings(),
        weighting: "stars",
        halfLifeDays: options?.halfLifeDays ?? null,
      },
    },
    metrics: findings.metrics,
    baseline: findings.baseline,
    gate: findings.verdict,
    profiles: { shardCount: profileShards },
  };
}

/** A model in parts that fit a value each. */
function modelParts(model: ArrayBuffer): ListsJob["values"] {
  const parts = Array.from({ length: Math.ceil(model.byteLength / KV_VALUE_BYTES) });
  return parts.map((_, part) => ({
    key: `model/${part}`,
    value: model.slice(part * KV_VALUE_BYTES, (part + 1) * KV_VALUE_BYTES),
  }));
}

function catalogueItems(
  dataset: Dataset,
  metadata: ReadonlyMap<string, ItemMetadata>,
): CatalogueItem[] {
  const popularity = columnCounts(dataset.matrix);
  return dataset.itemIds.map((itemId, column) => {
    const known = metadata.get(itemId);
    return {
      itemId,
      title: known?.title ?? itemId,
      categories: [...(known?.categories ?? [])],
      popularity: popularity[column]!,
      ...(known?.year == null ? {} : { year: known.year }),
    };
  });
}
