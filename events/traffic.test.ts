import fc from "fast-check";
import { expect, test } from "vitest";
import { labelled, labelsOf } from "./traffic.ts";

test("the same labels are the same text, in whatever order they are given", () => {
  expect(labelled({ source: "list", release: "r1" })).toBe("release=r1,source=list");
  expect(labelled({ release: "r1", source: "list" })).toBe("release=r1,source=list");
  expect(labelled({})).toBe("");
});

test("labels are read back, and no value can pass for another label", () => {
  const value = fc.string({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value), (labels) => {
      const clean = Object.entries(labels).map(([key, text]) => [key, text.replace(/[,=]/g, "_")]);
      expect(labelsOf(labelled(labels))).toEqual(Object.fromEntries(clean));
    }),
  );
  expect(labelled({ release: "r1,release=r2" })).toBe("release=r1_release_r2");
});
