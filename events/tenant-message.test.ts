import { expect, test } from "vitest";
import { messagesByTenant } from "./tenant-message.ts";

const delivered = (id: string, body: unknown) => ({ id, body, attempts: 1 });

test("messages are sorted by whose they are, in order, out of their envelopes", () => {
  const messages = [
    delivered("1", { tenant: "acme", message: { v: 1 } }),
    delivered("2", { v: 1 }),
    delivered("3", { tenant: "beta", message: { v: 1 } }),
    delivered("4", { tenant: "acme", message: { v: 2 } }),
  ];
  const sorted = messagesByTenant(messages);
  expect([...sorted.keys()]).toEqual(["acme", null, "beta"]);
  expect(sorted.get("acme")).toEqual([
    { id: "1", body: { v: 1 }, delivered: messages[0] },
    { id: "4", body: { v: 2 }, delivered: messages[3] },
  ]);
  expect(sorted.get(null)).toEqual([{ id: "2", body: { v: 1 }, delivered: messages[1] }]);
});

test.each([
  { tenant: "../beta", message: {} },
  { tenant: "Acme", message: {} },
  { tenant: 7, message: {} },
  { tenant: "acme", message: {}, more: true },
  { message: {} },
  "acme",
  null,
])("%j is no tenant's: it is left to the deployment as it came", (body) => {
  expect([...messagesByTenant([delivered("1", body)]).entries()]).toEqual([
    [null, [{ id: "1", body, delivered: delivered("1", body) }]],
  ]);
});
