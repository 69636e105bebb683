import type { Recommendations } from "./recommend.ts";

/** One item as the JSON routes write it. */
export interface ItemJson {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year?: number;
  readonly score: number;
}

/** Names the ranked items by the release's catalogue. */
export function itemsAsJson(answer: Recommendations): ItemJson[] {
  const { catalogue } = answer.release;
  return answer.items.map(({ index, score }) => {
    const year = catalogue.year(index);
    return {
      id: catalogue.id(index),
      title: catalogue.title(index),
      categories: catalogue.categories(index),
      ...(year === undefined ? {} : { year }),
      // Lists keep 8 bits of a score: more digits would only pretend.
      score: Number(score.toPrecision(4)),
    };
  });
}
