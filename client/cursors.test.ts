import { expect, test } from "vitest";
import { recentCursors } from "./cursors.ts";

test("a backend's memory does not grow with its users: those heard of last are kept", () => {
  const cursors = recentCursors();
  for (let user = 0; user < 10_000; user++) cursors.set(`u${user}`, "old");
  cursors.set("u0", "new");
  cursors.set("one more", "new");
  expect([cursors.get("u0"), cursors.get("u1"), cursors.get("u2")]).toEqual([
    ...["new", undefined, "old"],
  ]);
});
