import fc from "fast-check";
import { expect, test } from "vitest";
import { listId, packExposures, type ShownList, type UserExposure } from "./exposures.ts";
import { utf8Length } from "./identifier.ts";
import { parseMessage } from "./message.ts";

const FLUSH = "00000000-0000-4000-8000-000000000001";
const list: fc.Arbitrary<ShownList> = fc.record({
  id: fc.uuid(),
  release: fc.constant("r1"),
  servedAt: fc.nat(),
  items: fc.array(fc.constantFrom("a", "ü", "a long id of an item"), { maxLength: 20 }),
  teams: fc.constant(null),
});
const exposure: fc.Arbitrary<UserExposure> = fc.record({
  experimentId: fc.constantFrom("one", "two"),
  userId: fc.constantFrom("ada", "bob", "çelik"),
  arm: fc.constant("new"),
  firstAt: fc.nat(),
  lastAt: fc.nat(),
  answers: fc.integer({ min: 1, max: 9 }),
  lists: fc.array(list, { maxLength: 12 }),
});

test("packed exposures lose no answer and no list, and every message is small and can be read", () => {
  fc.assert(
    fc.property(fc.array(exposure, { maxLength: 12 }), (exposures) => {
      const messages = packExposures(exposures, () => FLUSH, 2_000);
      const packed = messages.flatMap((message) => message.exposures);
      const answers = (of: readonly UserExposure[]) =>
        of.reduce((sum, one) => sum + one.answers, 0);
      expect(answers(packed)).toBe(answers(exposures));
      expect(packed.flatMap((one) => one.lists)).toEqual(exposures.flatMap((one) => one.lists));
      for (const message of messages) {
        expect(utf8Length(JSON.stringify(message))).toBeLessThan(2_200);
        expect(parseMessage(message)).toMatchObject({ ok: true, kind: "exposures" });
      }
    }),
  );
});

test("a message of exposures that is not as it should be is told by its field", () => {
  const [message] = packExposures(
    [
      {
        experimentId: "one",
        userId: "ada",
        arm: "new",
        firstAt: 1,
        lastAt: 1,
        answers: 1,
        lists: [],
      },
    ],
    () => FLUSH,
  );
  const bad = { ...message, exposures: [{ ...message!.exposures[0], userId: "" }] };
  expect(parseMessage(bad)).toEqual({
    ok: false,
    reason: "exposures.0.userId: is no id of 1..128 bytes",
  });
});

test("a list has one name for an hour, and another for anything else", () => {
  const shown = { release: "r1", servedAt: 3_600_000, items: ["a", "b"], teams: null };
  const name = listId("one", "ada", shown);
  expect(listId("one", "ada", { ...shown, servedAt: 7_199_999 })).toBe(name);
  const others = [
    listId("one", "ada", { ...shown, servedAt: 7_200_000 }),
    listId("one", "ada", { ...shown, items: ["b", "a"] }),
    listId("one", "ada", { ...shown, teams: [0, 1] }),
    listId("one", "bob", shown),
    listId("two", "ada", shown),
  ];
  expect(new Set([name, ...others]).size).toBe(6);
});
