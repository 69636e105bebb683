import fc from "fast-check";
import { expect, test } from "vitest";
import { resourceNames } from "./names.ts";
import { configuredFor } from "./wrangler-config.ts";

const TEXT = `# A comment with "usher-api" and id = "x" in it.
name = "usher-consumer"   # beside it
[vars]
DEAD_QUEUE = "usher-events-dead"
OTHER = "usher-api"
[[kv_namespaces]]
binding = "RELEASES"
id = "old"
[[queues.consumers]]
queue = "usher-events"
dead_letter_queue = "usher-events-dead"
[[ratelimits]]
name = "EVENTS_LIMIT"
namespace_id = "1001"
[[services]]
service = "usher-api"
`;

test("names and the namespace's id are put in; comments and all else stay", () => {
  expect(configuredFor(TEXT, resourceNames("shop"), "0abc")).toBe(
    TEXT.replace('name = "usher-consumer"', 'name = "shop-consumer"')
      .replace('= "usher-events-dead"\nOTHER', '= "shop-events-dead"\nOTHER')
      .replace('id = "old"', 'id = "0abc"')
      .replace('queue = "usher-events"\n', 'queue = "shop-events"\n')
      .replace('dead_letter_queue = "usher-events-dead"', 'dead_letter_queue = "shop-events-dead"')
      .replace('service = "usher-api"', 'service = "shop-api"'),
  );
});

test("doing it again changes nothing, and another name takes its place", () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, name, (first, second) => {
      const once = configuredFor(TEXT, resourceNames(first), "1");
      expect(configuredFor(once, resourceNames(first), "1")).toBe(once);
      const other = configuredFor(once, resourceNames(second), "2");
      expect(other).toBe(configuredFor(TEXT, resourceNames(second), "2"));
    }),
  );
});

test.each(["", "Shop", "1shop", "shop-", "shop_1", "a".repeat(41)])("%j names nothing", (name) => {
  expect(() => resourceNames(name)).toThrow(/cannot name a deployment/);
});
