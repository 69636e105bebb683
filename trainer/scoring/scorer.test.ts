import { expect, test } from "vitest";
import { linearWeights } from "../../release/model.ts";
import { type Csr, csrFromRows, rowIndices } from "../csr.ts";
import { encodeProfiles } from "../models/encode.ts";
import { type Random, seededRandom } from "../random.ts";
import { layOut } from "./layout.ts";
import { packHidden } from "./pack-hidden.ts";
import { packItems } from "./quantise.ts";
import { Scorer } from "./scorer.ts";

interface Case {
  items: number;
  dimensions: number;
  users: number;
  /** Share of the items that a user has seen. */
  density: number;
  listLength?: number;
  element?: (random: Random, item: number, dimension: number) => number;
}

const bell = (random: Random) => random() + random() + random() - 1.5;

function prepare(of: Case, seed = 1) {
  const random = seededRandom(seed);
  const { items, dimensions, users, density, listLength = 20, element = bell } = of;
  const rows = Float32Array.from({ length: items * dimensions }, (_, at) =>
    element(random, Math.floor(at / dimensions), at % dimensions),
  );
  const profiles = csrFromRows(
    Array.from({ length: users }, () =>
      Array.from({ length: items }, (_, item) => [item, 1] as const).filter(
        () => random() < density,
      ),
    ),
    items,
  );
  return { served: linearWeights(rows, dimensions), profiles, listLength };
}

type Prepared = ReturnType<typeof prepare>;

function scored({ served, profiles, listLength }: Prepared, users?: Uint32Array) {
  const { dimensions, linear, hidden } = served;
  const layout = layOut({ items: profiles.cols, dimensions, linear, hidden, threads: 1 });
  const memory = new WebAssembly.Memory({
    initial: layout.pages,
    maximum: layout.pages,
    shared: true,
  });
  expect(packItems(memory, layout, served.rows)).toBe(-1);
  packHidden(memory, layout, served);
  const scorer = new Scorer({ served, profiles, memory, layout, thread: 0 }, listLength);
  const lists = new Map<number, [number, number][]>();
  const all = users ?? Uint32Array.from({ length: profiles.rows }, (_, user) => user);
  scorer.score(
    all,
    (user, best) =>
      lists.set(
        user,
        Array.from(best.items, (item, at) => [item, best.scores[at]!]),
      ),
    () => {},
  );
  return lists;
}

/** The score as documented: 16 interleaved sums in f32, added pairwise. */
function plainScore(user: Float32Array, row: Float32Array): number {
  const sums = new Float32Array(16);
  user.forEach((value, k) => {
    sums[k % 16] = sums[k % 16]! + Math.fround(value * row[k]!);
  });
  const add = (a: number, b: number) => Math.fround(a + b);
  const lanes = [0, 1, 2, 3].map((lane) =>
    add(add(sums[lane]!, sums[lane + 4]!), add(sums[lane + 8]!, sums[lane + 12]!)),
  );
  return add(add(lanes[0]!, lanes[1]!), add(lanes[2]!, lanes[3]!));
}

/** The plain way: score everything, leave out the seen, sort. */
function plainLists({ served, profiles, listLength }: Prepared) {
  const { dimensions, rows } = served;
  const vectors = new Float32Array(profiles.rows * dimensions);
  encodeProfiles(served, profiles, vectors);
  return new Map(
    Array.from({ length: profiles.rows }, (_, user) => {
      const seen = new Set(rowIndices(profiles, user));
      const vector = vectors.subarray(user * dimensions, (user + 1) * dimensions);
      const list = Array.from({ length: profiles.cols }, (_, item): [number, number] => [
        item,
        plainScore(vector, rows.subarray(item * dimensions, (item + 1) * dimensions)),
      ]);
      const best = list.filter(([item]) => !seen.has(item)).sort((a, b) => b[1] - a[1]);
      return [user, best.slice(0, listLength)];
    }),
  );
}

const cases: Record<string, Case> = {
  "a few hundred users": { items: 700, dimensions: 64, users: 230, density: 0.05 },
  "dimensions that are no multiple of four": {
    items: 300,
    dimensions: 37,
    users: 50,
    density: 0.1,
  },
  "one dimension": { items: 300, dimensions: 1, users: 20, density: 0.1 },
  "one item": { items: 1, dimensions: 8, users: 9, density: 0.5 },
  "fewer items than a list has": { items: 13, dimensions: 8, users: 40, density: 0.5 },
  "one user": { items: 100, dimensions: 16, users: 1, density: 0.1 },
  "users who have seen nothing": { items: 100, dimensions: 16, users: 8, density: 0 },
  "users who have seen everything": { items: 100, dimensions: 16, users: 8, density: 1 },
  "lists of a hundred": { items: 500, dimensions: 16, users: 20, density: 0.1, listLength: 100 },
  "more items than 16 bits can name": { items: 70_001, dimensions: 4, users: 3, density: 0.0005 },
  "ties everywhere": {
    items: 400,
    dimensions: 6,
    users: 60,
    density: 0.1,
    element: (random) => Math.round(2 * random() - 1),
  },
  "equal rows": { items: 200, dimensions: 8, users: 30, density: 0.1, element: () => 0.25 },
  "rows of very different lengths": {
    items: 500,
    dimensions: 20,
    users: 60,
    density: 0.05,
    element: (random, item) => bell(random) * 10 ** ((item % 13) - 6),
  },
  "rows of one large number": {
    items: 300,
    dimensions: 32,
    users: 60,
    density: 0.05,
    element: (random, item, d) => (d === item % 32 ? 1 + random() / 1e6 : 1e-4 * bell(random)),
  },
  "rows of nothing": { items: 100, dimensions: 8, users: 20, density: 0.1, element: () => 0 },
  "numbers at the edge of f32": {
    items: 200,
    dimensions: 8,
    users: 20,
    density: 0.05,
    element: (random, item) => bell(random) * (item % 2 === 0 ? 1e-30 : 1e-22),
  },
};

test.each(Object.entries(cases))("%s get the plain way's lists, bit for bit", (_, of) => {
  for (const seed of [1, 2, 3]) {
    const prepared = prepare(of, seed);
    const lists = scored(prepared);
    for (const [user, list] of plainLists(prepared)) {
      expect(lists.get(user)).toEqual(list);
    }
  }
});

test("a user's list does not depend on who is scored beside them", () => {
  const prepared = prepare(cases["a few hundred users"]!);
  const together = scored(prepared);
  for (const user of [0, 7, 229]) {
    expect(scored(prepared, Uint32Array.of(user)).get(user)).toEqual(together.get(user));
  }
});

test("a block ends early when its users have seen very much", () => {
  const of = { items: 3_000, dimensions: 4, users: 100, density: 0.9 };
  const prepared = prepare(of);
  expect(scored(prepared)).toEqual(plainLists(prepared));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e30])("a weight of %s is found out", (bad) => {
  const prepared = prepare({ items: 30, dimensions: 4, users: 3, density: 0.3 });
  const layout = layOut({ items: 30, dimensions: 4, linear: 4, hidden: 0, threads: 1 });
  const memory = new WebAssembly.Memory({ initial: 99, maximum: 99, shared: true });
  prepared.served.rows[4 * 7 + 2] = bad;
  expect(packItems(memory, layout, prepared.served.rows)).toBe(7);
});

test("a user whose vector is not finite is named", () => {
  const prepared = prepare({ items: 30, dimensions: 4, users: 3, density: 0.3 });
  const profiles: Csr = { ...prepared.profiles, values: prepared.profiles.values.slice() };
  profiles.values[profiles.offsets[1]!] = Number.NaN;
  expect(() => scored({ ...prepared, profiles })).toThrow(/user 1 of the dataset/);
});
