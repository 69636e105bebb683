import type { Context } from "hono";
import * as v from "valibot";
import type { Account } from "./account.ts";
import { jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";

const QuerySchema = v.object({
  query: v.pipe(v.string(), v.includes("workersInvocationsAdaptive")),
  variables: v.object({ account: v.string(), script: v.string(), since: v.string() }),
});

/**
 * `POST graphql`: requests and errors of a Worker by version. Of GraphQL it knows the one dataset,
 * `workersInvocationsAdaptive`, and answers the form that a query for it by `scriptVersion` gets.
 */
export function workersAnalytics(account: Account) {
  return async (c: Context<FaultVariables>): Promise<Response> => {
    if (!account.permissions.has("Account Analytics")) {
      const message = "not authorized for that account";
      return c.json({ data: null, errors: [{ message, extensions: { code: "authz" } }] });
    }
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(QuerySchema, body.value);
    if (!asked.success) return refuse(c, { status: 400, code: 10012, message: "unknown query" });
    const script = account.scripts.get(asked.output.variables.script);
    const groups = [...(script?.versions.keys() ?? [])].map((id) => ({
      dimensions: { scriptVersion: id },
      sum: account.traffic(id),
    }));
    const accounts = [{ workersInvocationsAdaptive: groups }];
    return c.json({ data: { viewer: { accounts } }, errors: null });
  };
}
