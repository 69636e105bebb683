import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

test("a cursor tells when its call was received, and differs between calls", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8.64e13 }), fc.array(fc.string()), (at, ids) => {
      const cursor = encodeCursor(at, ids);
      expect(decodeCursor(cursor)).toBe(at);
      expect(cursor).not.toBe(encodeCursor(at, [...ids, "another"]));
      expect(encodeURIComponent(cursor)).toBe(cursor);
    }),
  );
});

test.each(["", "now", "abc-123", "-00000000", "0123456789-00000000", "a-0000000g"])(
  "%o is no cursor",
  (text) => expect(decodeCursor(text)).toBeNull(),
);
