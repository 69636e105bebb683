/** Two rankings in one list, so that what a user takes from it tells which is better. */
import { hashId } from "../release/hash.ts";

/** An item of an interleaved list, and the ranking that put it there: 0 the control, 1 its rival. */
export interface Drafted<Item> {
  readonly item: Item;
  readonly team: 0 | 1;
}

/**
 * Team-draft interleaving (Radlinski, Kurup & Joachims 2008, CIKM, algorithm 2): in each round both
 * rankings pick their best item that is not in the list yet, in an order that a coin decides. An item
 * counts for the ranking that picked it.
 *
 * The coin is a hash of the seed, the round and what both would pick, so that the same lists give the
 * same mixture wherever it is made, and a longer list begins with the shorter one.
 *
 * @param rankings the control's and the rival's, best first, each without repetitions.
 * @param idOf names an item; the same one has the same name in both.
 * @param seed differs between experiments and users.
 */
export function teamDraft<Item>(
  rankings: readonly [readonly Item[], readonly Item[]],
  idOf: (item: Item) => string,
  seed: string,
  length: number,
): Drafted<Item>[] {
  const drafted: Drafted<Item>[] = [];
  const taken = new Set<string>();
  const next = [0, 0];
  const best = (team: 0 | 1): Item | undefined => {
    const ranking = rankings[team];
    while (next[team]! < ranking.length && taken.has(idOf(ranking[next[team]!]!))) next[team]!++;
    return ranking[next[team]!];
  };
  const pick = (team: 0 | 1) => {
    const item = best(team);
    if (item === undefined || drafted.length === length) return;
    taken.add(idOf(item));
    drafted.push({ item, team });
  };
  for (let round = 0; drafted.length < length; round++) {
    const candidates = ([0, 1] as const).map(best);
    if (candidates.every((item) => item === undefined)) break;
    const names = candidates.map((item) => (item === undefined ? "" : idOf(item)));
    const first = coin(`${seed}\n${round}\n${names.join("\n")}`);
    pick(first);
    pick(first === 0 ? 1 : 0);
  }
  return drafted;
}

function coin(text: string): 0 | 1 {
  return hashId(text, 0).hi >>> 31 === 0 ? 0 : 1;
}
