/**
 * From ceilings to lists: which panels and items can matter to a user, and their exact scores.
 *
 * A panel's ceiling less its width is a score that some unseen item of it reaches. The 20th highest
 * of these floors is therefore a threshold that 20 items reach, and a panel whose ceiling is not
 * above it holds none of the best (thresholds as in LEMP, Teflioudi et al. 2015, section 3).
 *
 * What reads panels and rows goes through them in order for all users of a block together: one after
 * another they would fetch them from far away at random.
 */
import { Best } from "./best.ts";
import { PANEL_ITEMS, PEAKS } from "./layout.ts";
import { PanelPairs } from "./panel-pairs.ts";

/** What is known of the scores of a block's users. All but exact scores are in units of `scales`. */
export interface BlockScores {
  /** The highest that a score in each panel can be: users x stride. */
  readonly ceilings: Float32Array;
  readonly ceilingStride: number;
  readonly panelCount: number;
  /** How far below its ceiling the best score of a panel can be. */
  readonly widths: Float32Array;
  readonly scales: Float32Array;
  /** Items in the catalogue: the last panel may be filled up with others. */
  readonly items: number;
  /** 32 floors of a user, of different items, the highest of all among them; into `peaks`. */
  findPeaks(user: number): void;
  readonly peaks: Float32Array;
  /** Puts the panels in which a user's ceilings are above a threshold into `found`. */
  findAbove(user: number, threshold: number): number;
  readonly found: Uint32Array;
  /** Puts the ceilings of a user's scores of the items of a panel into `estimates`. */
  estimate(user: number, panel: number): void;
  readonly estimates: Float32Array;
  exact(user: number, item: number): number;
}

/** The seen items of a block's users: `indices[offsets[user] .. offsets[user + 1])`, ascending. */
interface Seen {
  readonly rows: number;
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
}

export class Finder {
  readonly #scores: BlockScores;
  readonly #lists: readonly Best[];
  readonly #thresholds: Float64Array;
  readonly #floors: Best;
  readonly #sortedPeaks = new Float32Array(PEAKS);
  readonly #pairs: PanelPairs;
  /** A bit for each item of a panel that cannot be chosen: users x panels. */
  readonly #hidden: Uint8Array;
  #seen: Seen = { rows: 0, offsets: new Uint32Array(1), indices: new Uint32Array() };

  /** @param length items of a list. */
  constructor(scores: BlockScores, users: number, length: number) {
    this.#scores = scores;
    this.#lists = Array.from({ length: users }, () => new Best(length));
    this.#thresholds = new Float64Array(users);
    this.#floors = new Best(length);
    this.#pairs = new PanelPairs(scores.panelCount);
    this.#hidden = new Uint8Array(users * scores.panelCount);
  }

  /** The best unseen items of each user of the block; good until the next call. */
  find(seen: Seen): readonly Best[] {
    this.#seen = seen;
    this.#hideSeen();
    for (let user = 0; user < seen.rows; user++) this.#choosePanels(user);
    this.#pairs.drain((panel, user) => this.#look(user, panel));
    return this.#lists;
  }

  /** Corrects the ceilings of panels with items that cannot be chosen: seen, or beyond the last. */
  #hideSeen(): void {
    const { ceilings, ceilingStride } = this.#scores;
    this.#markHidden();
    this.#pairs.drain((panel, user) => {
      ceilings[user * ceilingStride + panel] = this.#highestUnseen(user, panel);
    });
  }

  /** Notes the panels with hidden items, and a bit for each of those. */
  #markHidden(): void {
    const { rows, offsets, indices } = this.#seen;
    const { items, panelCount } = this.#scores;
    const hidden = this.#hidden.fill(0);
    const beyond = items % PANEL_ITEMS === 0 ? 0 : 256 - 2 ** (items % PANEL_ITEMS);
    for (let user = 0; user < rows; user++) {
      const start = user * panelCount;
      const last = start + panelCount - 1;
      if (beyond !== 0) this.#pairs.add(panelCount - 1, user);
      hidden[last] = beyond;
      for (let at = offsets[user]!; at < offsets[user + 1]!; at++) {
        const item = indices[at]!;
        const panel = Math.floor(item / PANEL_ITEMS);
        if (hidden[start + panel] === 0) this.#pairs.add(panel, user);
        hidden[start + panel]! |= 1 << (item % PANEL_ITEMS);
      }
    }
  }

  #highestUnseen(user: number, panel: number): number {
    const { estimates, panelCount } = this.#scores;
    const hidden = this.#hidden[user * panelCount + panel]!;
    this.#scores.estimate(user, panel);
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < PANEL_ITEMS; at++) {
      if ((hidden >> at) % 2 === 0) highest = Math.max(highest, estimates[at]!);
    }
    return highest;
  }

  /** Sets a user's threshold and notes the panels that can hold more. */
  #choosePanels(user: number): void {
    const { ceilings, ceilingStride, widths, found } = this.#scores;
    const start = user * ceilingStride;
    const count = this.#scores.findAbove(user, this.#reachedAtLeast(user));
    const floors = this.#floors;
    floors.count = 0;
    for (let at = 0; at < count; at++) {
      const panel = found[at]!;
      floors.offer(panel, ceilings[start + panel]! - widths[panel]!);
    }
    const threshold = floors.last;
    this.#thresholds[user] = threshold;
    this.#lists[user]!.count = 0;
    for (let at = 0; at < count; at++) {
      const panel = found[at]!;
      if (ceilings[start + panel]! > threshold) this.#pairs.add(panel, user);
    }
  }

  /** A first guess at the threshold, on the safe side: from a few floors rather than from all. */
  #reachedAtLeast(user: number): number {
    const length = this.#floors.scores.length;
    if (length > PEAKS) return Number.NEGATIVE_INFINITY;
    this.#scores.findPeaks(user);
    this.#sortedPeaks.set(this.#scores.peaks);
    return this.#sortedPeaks.sort()[PEAKS - length]!;
  }

  /** Gives exact scores to the items of a panel that can matter, and raises the threshold. */
  #look(user: number, panel: number): void {
    const { ceilings, ceilingStride, panelCount, estimates, scales } = this.#scores;
    let threshold = this.#thresholds[user]!;
    // Risen since the panel was chosen.
    if (!(ceilings[user * ceilingStride + panel]! > threshold)) return;
    const list = this.#lists[user]!;
    const hidden = this.#hidden[user * panelCount + panel]!;
    this.#scores.estimate(user, panel);
    for (let at = 0; at < PANEL_ITEMS; at++) {
      if (!(estimates[at]! > threshold) || (hidden >> at) % 2 === 1) continue;
      const item = panel * PANEL_ITEMS + at;
      list.offer(item, this.#scores.exact(user, item));
      threshold = Math.max(threshold, list.last / scales[user]!);
    }
    this.#thresholds[user] = threshold;
  }
}
