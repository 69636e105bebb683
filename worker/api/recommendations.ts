import type { Exposure } from "../../experiments/assignment.ts";
import type { WaitUntil } from "./deadline.ts";
import type { EdgeStore } from "./edge-store.ts";
import type { Taste } from "./fold-in.ts";
import type { ServedRelease } from "./served-release.ts";

/**
 * Where an answer's items come from: the precomputed list, a fold-in computed for this answer, what
 * is trending (completed by what is popular), or the list inside the Worker's own bundle.
 */
export type Source = "list" | "fold-in" | "trending" | "fallback";

/** One of the user's own items that brought another, and what it added to that one's score. */
export interface Reason {
  readonly index: number;
  readonly contribution: number;
}

/** One recommended item: its index in the release's catalogue, and the score that ranked it. */
export interface RankedItem {
  readonly index: number;
  readonly score: number;
  /** The user's own items that brought it, those that brought most first; where asked for. */
  readonly because?: readonly Reason[];
  /** Of an interleaved answer: the ranking that put it there. */
  readonly side?: Side;
}

/** One of the two rankings of an interleaved answer; the indices of its items are of its own release. */
export interface Side {
  readonly release: ServedRelease;
  /** 0 the control, 1 its rival. */
  readonly team: 0 | 1;
  readonly taste: Taste | null;
}

/** Items of one release in order, before they are written as text or JSON. */
export interface Recommendations {
  readonly release: ServedRelease;
  readonly source: Source;
  /** What completed the answer when its source had fewer items than asked for. */
  readonly completed: Source | null;
  readonly items: readonly RankedItem[];
  /** Which layers failed and were gone around, or null. */
  readonly degraded: string | null;
  /** What the answer depends on beside release and address, for its ETag. */
  readonly variant: string;
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
  /** The experiments that its user is in. */
  readonly exposures: readonly Exposure[];
  /** The release that is interleaved with the first, or null. */
  readonly rival: ServedRelease | null;
  /** Why the answer begins again rather than where its cursor points, or null. */
  readonly restarted: string | null;
  readonly unknownCategories: readonly string[];
}

/** The ids of an answer's items, best first. */
export function itemIds({ release, items }: Pick<Recommendations, "release" | "items">): string[] {
  return items.map(({ index, side }) => (side?.release ?? release).catalogue.id(index));
}

/** What every answer is made with: this isolate's store, and a way to go on behind the answer. */
export interface Asked {
  readonly store: EdgeStore;
  readonly waitUntil: WaitUntil;
}

/** What failed on the way to an answer, for its `degraded`. */
export class Degradations {
  readonly #reasons: string[] = [];

  /** @param layer "list", "model": what was gone around. */
  add(layer: string, error: unknown): void {
    this.#reasons.push(`${layer}: ${error instanceof Error ? error.message : String(error)}`);
  }

  get text(): string | null {
    return this.#reasons.length === 0 ? null : this.#reasons.join("; ");
  }
}
