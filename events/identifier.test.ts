import fc from "fast-check";
import { expect, test } from "vitest";
import { identifierFault, utf8Length } from "./identifier.ts";

test("the length in UTF-8 is what an encoder would write", () => {
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      expect(utf8Length(text)).toBe(encoder.encode(text).length);
    }),
  );
});

test("an id has 1 to 128 bytes, not characters", () => {
  expect(identifierFault("")).toBe("is empty");
  expect(identifierFault("é".repeat(64))).toBeNull();
  expect(identifierFault("é".repeat(65))).toBe("has 130 bytes, more than 128");
});

test("an id that Postgres could not store is refused", () => {
  expect(identifierFault("a\u0000b")).toBe("holds a control character");
  expect(identifierFault("a\nb")).toBe("holds a control character");
  expect(identifierFault("a\ud800")).toBe("is not well-formed Unicode");
  expect(identifierFault('日本 🎬, it\'s "fine"')).toBeNull();
});
