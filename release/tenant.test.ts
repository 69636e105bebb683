import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkedTenant,
  nameApart,
  parseTenantQuotas,
  parseTenants,
  tenantPrefix,
  tenantsText,
} from "./tenant.ts";

const tenant = fc.oneof(
  fc.constantFrom("a", "ab", "b"),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,29}$/),
);
/** Ids as requests have them: up to 128 bytes, of any characters, those of our own names before all. */
const id = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.stringMatching(/^(t\/[ab]?\/{0,128}[ab]?){1,3}$/),
  )
  .filter((text) => new TextEncoder().encode(text).length <= 128);

test("names given by two tenants, or by nobody's tenant, are never the same", () => {
  fc.assert(
    fc.property(tenant, id, tenant, id, (one, name, other, otherName) => {
      fc.pre(one !== other || name !== otherName);
      expect(nameApart(one, name)).not.toBe(nameApart(other, otherName));
      expect(nameApart(one, name)).not.toBe(otherName);
    }),
  );
});

test("no tenant's keys begin like another's", () => {
  fc.assert(
    fc.property(tenant, fc.string(), tenant, (one, key, other) => {
      fc.pre(one !== other);
      expect((tenantPrefix(one) + key).startsWith(tenantPrefix(other))).toBe(false);
    }),
  );
});

test.each(["", "A", "a/b", "a.b", "..", "a b", "-a", "1a", "a_b", "a\u001fb", "a".repeat(31)])(
  "%j is no tenant's name",
  (text) => expect(() => checkedTenant(text)).toThrow("is no tenant's name"),
);

test("the list of tenants is read as it was written, once each", () => {
  expect(parseTenants(tenantsText(["shop", "acme", "shop"]))).toEqual(["acme", "shop"]);
  expect(parseTenants(null)).toEqual([]);
  expect(() => parseTenants('{"v":1,"tenants":["../x"]}')).toThrow("tenants.0");
  expect(() => parseTenants("acme")).toThrow("tenants");
});

test("quotas are read as they were written, and a key from before there were any has none", () => {
  const quotas = new Map([
    ["acme", { eventsADay: 5, items: 0 }],
    ["constructor", { answersADay: 7 }],
    ["shop", {}],
    ["gone", { items: 1 }],
  ]);
  const names = ["shop", "acme", "constructor"];
  expect(parseTenantQuotas(tenantsText(names, quotas))).toEqual(
    new Map([
      ["acme", { eventsADay: 5, items: 0 }],
      ["constructor", { answersADay: 7 }],
      ["shop", {}],
    ]),
  );
  const before = '{"v":1,"tenants":["acme"]}';
  expect(parseTenantQuotas(before)).toEqual(new Map([["acme", {}]]));
  expect(tenantsText(["acme"], new Map([["acme", {}]]))).toBe(before);
  const negative = '{"v":2,"tenants":["acme"],"quotas":[["acme",{"items":-1}]]}';
  expect(() => parseTenantQuotas(negative)).toThrow("quotas.0.1.items");
});
