import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { teamDraft } from "./interleave.ts";

const ids = (drafted: { item: string }[]) => drafted.map(({ item }) => item);
const same = (item: string) => item;
const ranking = fc.uniqueArray(fc.constantFrom(..."abcdefghijklmnop"), { maxLength: 12 });
const lists = fc.tuple(ranking, ranking);

describe("a team draft", () => {
  test("holds every item of both lists once, while there is room", () => {
    fc.assert(
      fc.property(lists, fc.string(), fc.nat(25), (rankings, seed, length) => {
        const drafted = ids(teamDraft(rankings, same, seed, length));
        const union = new Set(rankings.flat());
        expect(new Set(drafted).size).toBe(drafted.length);
        expect(drafted.length).toBe(Math.min(length, union.size));
        for (const item of drafted) expect(union).toContain(item);
      }),
    );
  });

  test("gives both teams the same number of picks after each round, while both have items", () => {
    fc.assert(
      fc.property(lists, fc.string(), ([a, b], seed) => {
        const apart: [string[], string[]] = [a.map((id) => `a-${id}`), b.map((id) => `b-${id}`)];
        const rounds = Math.min(a.length, b.length);
        const teams = teamDraft(apart, same, seed, rounds * 2).map(({ team }) => team);
        for (let round = 0; round < rounds; round++) {
          expect(teams.slice(round * 2, round * 2 + 2).sort()).toEqual([0, 1]);
        }
      }),
    );
  });

  test("keeps each team's picks in its own order", () => {
    fc.assert(
      fc.property(lists, fc.string(), (rankings, seed) => {
        const drafted = teamDraft(rankings, same, seed, 20);
        for (const team of [0, 1] as const) {
          const places = drafted
            .filter((one) => one.team === team)
            .map(({ item }) => rankings[team].indexOf(item));
          expect(places).toEqual(places.toSorted((x, y) => x - y));
          expect(places).not.toContain(-1);
        }
      }),
    );
  });

  test("is the same for the same lists, and begins as the shorter one does", () => {
    fc.assert(
      fc.property(lists, fc.string(), fc.nat(12), (rankings, seed, length) => {
        const long = teamDraft(rankings, same, seed, 24);
        expect(teamDraft(rankings, same, seed, length)).toEqual(long.slice(0, length));
      }),
    );
  });

  test("lets each team begin half of the time, in every round", () => {
    const a = Array.from({ length: 10 }, (_, n) => `a${n}`);
    const b = Array.from({ length: 10 }, (_, n) => `b${n}`);
    const users = 4_000;
    const first = new Array<number>(10).fill(0);
    for (let user = 0; user < users; user++) {
      const drafted = teamDraft([a, b], same, `salt\n${user}`, 20);
      first.forEach((count, round) => {
        first[round] = count + drafted[round * 2]!.team;
      });
    }
    // Five standard errors of a half.
    const bound = 5 * Math.sqrt(0.25 / users);
    for (const count of first) expect(Math.abs(count / users - 0.5)).toBeLessThan(bound);
  });

  test("of two equal lists is that list", () => {
    const list = [..."abcdef"];
    expect(ids(teamDraft([list, list], same, "seed", 6))).toEqual(list);
  });
});
