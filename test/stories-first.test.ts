import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isStory } from "./stories-first.ts";

const file = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

test.each([
  ["bench/soak/soak.test.ts", true],
  ["worker/consumer/consumer.test.ts", true],
  ["bin/setup/setup.test.ts", true],
  ["drizzle/events.test.ts", true],
  ["release/keys.test.ts", false],
  ["trainer/random.test.ts", false],
])("%s is begun early: %s", async (name, early) => {
  expect(await isStory(file(name))).toBe(early);
});
