/**
 * What a few users would see: the lists as a person can judge them. Users are not named.
 */
import { topK } from "../../release/topk.ts";
import { type Csr, columnCounts, rowIndices, selectRows } from "../csr.ts";
import type { Dataset } from "../dataset.ts";
import type { Recommender } from "../models/model.ts";

/** A title and its categories as the customer's catalogue has them. */
interface ShownItem {
  title: string;
  categories: readonly string[];
}

export interface Example {
  /** How many interactions the user has in all. */
  interactions: number;
  /** What they rated highest, the less popular first where equal; `rating` null where implicit. */
  liked: (ShownItem & { rating: number | null })[];
  /** The first of their list, best first. */
  list: ShownItem[];
}

/** Users shown, at these places of all users by activity. */
const PLACES = [0.1, 0.4, 0.7, 0.95];
const LIKED = 6;
const LISTED = 10;

type Metadata = ReadonlyMap<string, { title: string; categories: readonly string[] }>;

/**
 * Lists for users from little to very active. Fewer where there are not enough users who could be
 * shown anything.
 *
 * @param profiles all users' profiles as the model is fed them: users x items
 */
export function exampleLists(
  model: Pick<Recommender, "score">,
  dataset: Dataset,
  profiles: Csr,
  metadata: Metadata,
): Example[] {
  const popularity = columnCounts(dataset.matrix);
  const shown = (item: number): ShownItem => {
    const itemId = dataset.itemIds[item]!;
    const { title = itemId, categories = [] } = metadata.get(itemId) ?? {};
    return { title, categories };
  };
  return pickUsers(dataset).map((user) => {
    const scores = new Float32Array(profiles.cols);
    model.score(selectRows(profiles, [user]), scores);
    const { items } = topK(scores, LISTED, rowIndices(profiles, user));
    return {
      interactions: rowIndices(dataset.matrix, user).length,
      liked: favourites(dataset, user, popularity).map(({ item, rating }) => ({
        ...shown(item),
        rating,
      })),
      list: Array.from(items, shown),
    };
  });
}

/** Distinct users at the chosen places; who has seen all but everything is passed over. */
function pickUsers({ matrix }: Dataset): number[] {
  const size = (user: number) => rowIndices(matrix, user).length;
  const users = Array.from({ length: matrix.rows }, (_, user) => user)
    .filter((user) => matrix.cols - size(user) >= LISTED)
    .sort((a, b) => size(a) - size(b) || a - b);
  const places = PLACES.map((place) => users[Math.floor(place * users.length)]);
  return [...new Set(places)].filter((user) => user !== undefined);
}

function favourites({ matrix, rated }: Dataset, user: number, popularity: Uint32Array) {
  const own: { item: number; rating: number | null }[] = [];
  for (let at = matrix.offsets[user]!; at < matrix.offsets[user + 1]!; at++) {
    own.push({ item: matrix.indices[at]!, rating: rated[at] === 1 ? matrix.values[at]! : null });
  }
  own.sort(
    (a, b) => (b.rating ?? 0) - (a.rating ?? 0) || popularity[a.item]! - popularity[b.item]!,
  );
  return own.slice(0, LIKED);
}
