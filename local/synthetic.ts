import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { seededRandom } from "../trainer/random.ts";

/** How large a synthetic catalogue is, and the seed that makes it the same everywhere. */
export interface SyntheticShape {
  readonly users: number;
  readonly items: number;
  /** Ratings a user gives, on average; activity has a long tail. */
  readonly ratingsPerUser: number;
  readonly seed: number;
}

export const DEFAULT_SHAPE: SyntheticShape = {
  users: 900,
  items: 1800,
  ratingsPerUser: 70,
  seed: 1,
};

const GENRES = [
  "Adventure",
  "Animation",
  "Comedy",
  "Crime",
  "Documentary",
  "Drama",
  "Fantasy",
  "Horror",
  "Mystery",
  "Romance",
  "Sci-Fi",
  "Thriller",
];
const OPENINGS = ["The", "A", "Beyond the", "Return of the", "Under the", "Last"];
const ADJECTIVES = [
  "Silent",
  "Crimson",
  "Hidden",
  "Golden",
  "Broken",
  "Distant",
  "Electric",
  "Frozen",
  "Little",
  "Wild",
];
const NOUNS = [
  "Harbour",
  "Garden",
  "Signal",
  "Voyage",
  "Orchard",
  "Lantern",
  "Mirror",
  "Railway",
  "Island",
  "Comet",
  "Theatre",
  "Winter",
];
const START = Date.UTC(2024, 0, 1) / 1000;
const TWO_YEARS = 2 * 365 * 86_400;

/**
 * Writes a synthetic MovieLens-shaped folder: same seed, same bytes.
 *
 * Items fall into clusters of one or two genres, popularity has a long tail (Zipf), each user has a
 * taste over two or three genres and rates what fits it higher. A recommender that learns tastes
 * therefore beats popularity on it; nothing else about it resembles real people.
 */
export async function writeSynthetic(folder: string, shape: SyntheticShape): Promise<void> {
  const random = seededRandom(shape.seed);
  const items = Array.from({ length: shape.items }, (_, index) => makeItem(index, random));
  const partial = `${folder}.part`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const movies = items.map((item) => `${item.id},"${item.title}",${item.genres.join("|")}\n`);
  await writeFile(path.join(partial, "movies.csv"), `movieId,title,genres\n${movies.join("")}`);
  const ratings = ["userId,movieId,rating,timestamp\n"];
  for (let user = 1; user <= shape.users; user++) {
    rateAsUser(user, items, shape.ratingsPerUser, random, (line) => ratings.push(line));
  }
  await writeFile(path.join(partial, "ratings.csv"), ratings.join(""));
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
}

interface SyntheticItem {
  readonly id: number;
  readonly title: string;
  readonly genres: readonly string[];
  readonly popularity: number;
}

function makeItem(index: number, random: () => number): SyntheticItem {
  const first = pick(GENRES, random);
  const second = random() < 0.4 ? pick(GENRES, random) : first;
  const year = 1960 + Math.floor(65 * Math.sqrt(random()));
  const name = `${pick(OPENINGS, random)} ${pick(ADJECTIVES, random)} ${pick(NOUNS, random)}`;
  return {
    id: index + 1,
    title: `${name} ${index + 1} (${year})`,
    genres: [...new Set([first, second])],
    popularity: 1 / (1 + Math.floor(random() * 400)) ** 0.8,
  };
}

function rateAsUser(
  user: number,
  items: readonly SyntheticItem[],
  ratingsPerUser: number,
  random: () => number,
  write: (line: string) => void,
): void {
  const taste = new Set([pick(GENRES, random), pick(GENRES, random), pick(GENRES, random)]);
  const affinity = items.map((item) => share(item.genres, taste));
  const weights = items.map((item, index) => item.popularity * (0.05 + affinity[index]! ** 2));
  const cumulative = cumulate(weights);
  // Log-normal activity: most people rate a few dozen items, a few rate hundreds.
  const wanted = Math.round((ratingsPerUser / 1.6) * Math.exp(normal(random)));
  const count = Math.min(Math.max(wanted, 12), Math.floor(items.length / 3));
  const rated = new Set<number>();
  for (let tries = 0; rated.size < count && tries < count * 20; tries++) {
    rated.add(draw(cumulative, random));
  }
  let time = START + Math.floor(random() * TWO_YEARS);
  for (const index of rated) {
    const liking = 2.6 + 1.6 * affinity[index]! + 0.8 * normal(random);
    const value = Math.min(5, Math.max(0.5, Math.round(liking * 2) / 2));
    time += 30 + Math.floor(random() * 3600);
    write(`${user},${items[index]!.id},${value.toFixed(1)},${time}\n`);
  }
}

function share(genres: readonly string[], taste: ReadonlySet<string>): number {
  return genres.filter((genre) => taste.has(genre)).length / genres.length;
}

function cumulate(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let index = 0; index < weights.length; index++) {
    sum += weights[index]!;
    sums[index] = sum;
  }
  return sums;
}

/** An index drawn in proportion to its weight, by binary search in the running sums. */
function draw(cumulative: Float64Array, random: () => number): number {
  const target = random() * cumulative[cumulative.length - 1]!;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** Standard normal by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
