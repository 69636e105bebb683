import { Hono } from "hono";
import * as v from "valibot";
import type { Account } from "./account.ts";
import { envelope, jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";

const BucketSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/)),
});
const NO_BUCKET = {
  status: 404,
  code: 10006,
  message: "The specified bucket does not exist.",
} as const;

/** R2 buckets: their names, not what is in them. */
export function bucketRoutes(account: Account) {
  const routes = new Hono<FaultVariables>();
  routes.get("/", (c) =>
    c.json(envelope({ buckets: [...account.buckets].map((name) => ({ name })) })),
  );
  routes.get("/:bucket", (c) => {
    const name = c.req.param("bucket");
    return account.buckets.has(name) ? c.json(envelope({ name })) : refuse(c, NO_BUCKET);
  });
  routes.post("/", async (c) => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(BucketSchema, body.value);
    if (!asked.success)
      return refuse(c, { status: 400, code: 10005, message: "invalid bucket name" });
    const { name } = asked.output;
    if (account.buckets.has(name)) {
      const message = "The bucket you tried to create already exists, and you own it.";
      return refuse(c, { status: 409, code: 10004, message });
    }
    account.buckets.add(name);
    return c.json(envelope({ name }));
  });
  routes.delete("/:bucket", (c) =>
    account.buckets.delete(c.req.param("bucket")) ? c.json(envelope({})) : refuse(c, NO_BUCKET),
  );
  return routes;
}
