import fc from "fast-check";
import { expect, test } from "vitest";
import { experimentTag, releaseTag } from "./cache-tag.ts";

test("no tenant gives a tag that another tenant's answers carry, whatever release it names", () => {
  const tenant = fc.oneof(
    fc.constantFrom("a", "a-release-b", undefined),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,29}$/),
  );
  const release = fc.oneof(fc.constantFrom("r", "b-release-r", "b.release-r"), fc.string());
  fc.assert(
    fc.property(tenant, release, tenant, release, (one, its, other, theirs) => {
      fc.pre(one !== other);
      expect(releaseTag(its, one)).not.toBe(releaseTag(theirs, other));
      expect(experimentTag(its, one)).not.toBe(experimentTag(theirs, other));
    }),
  );
});
