import { armName, type Exposure } from "../../experiments/assignment.ts";
import type { CatalogueView } from "../../release/catalogue.ts";
import type { RankedItem, Reason, Recommendations } from "./recommendations.ts";

/** One item as the JSON routes write it. */
export interface ItemJson {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year?: number;
}

/** An item by the release's catalogue. */
export function itemAsJson(catalogue: CatalogueView, index: number): ItemJson {
  const year = catalogue.year(index);
  return {
    id: catalogue.id(index),
    title: catalogue.title(index),
    categories: catalogue.categories(index),
    ...(year === undefined ? {} : { year }),
  };
}

/** Ranked items with what ranked them and, where asked for, why. */
export function rankedAsJson(catalogue: CatalogueView, items: readonly RankedItem[]) {
  return items.map(({ index, score, because, side }) => {
    const own = side?.release.catalogue ?? catalogue;
    return {
      ...itemAsJson(own, index),
      score: rounded(score),
      ...(because === undefined ? {} : reasonsAsJson(own, score, because)),
    };
  });
}

/** The contributions and the rest add up to the score, digit by digit as they are written. */
function reasonsAsJson(catalogue: CatalogueView, score: number, reasons: readonly Reason[]) {
  const because = reasons.map(({ index, contribution }) => ({
    id: catalogue.id(index),
    title: catalogue.title(index),
    contribution: rounded(contribution),
  }));
  const named = because.reduce((sum, { contribution }) => sum + contribution, 0);
  return { because, rest: Number((rounded(score) - named).toFixed(6)) };
}

/** What every JSON answer of ranked items says of itself. */
export function recommendationsAsJson(answer: Recommendations) {
  const { release, source, completed, degraded, next, restarted, unknownCategories } = answer;
  const { exposures } = answer;
  return {
    release: release.id,
    ...(exposures.length === 0 ? {} : { experiments: exposures.map(exposureAsJson) }),
    source,
    ...(completed === null ? {} : { completed }),
    ...(degraded === null ? {} : { degraded }),
    ...(restarted === null ? {} : { restarted }),
    ...(unknownCategories.length === 0 ? {} : { unknownCategories }),
    items: rankedAsJson(release.catalogue, answer.items),
    next,
  };
}

function exposureAsJson(exposure: Exposure) {
  return { id: exposure.experiment.id, arm: armName(exposure) };
}

/** Lists keep 8 bits of a score: more digits would only pretend. */
function rounded(score: number): number {
  return Number(score.toPrecision(4));
}
