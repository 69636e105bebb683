import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { type CloudflareAccount, read } from "../setup/cloudflare.ts";
import type { VersionTraffic } from "./judge.ts";

const QUERY = `query ($account: string!, $script: string!, $since: Time!) {
  viewer {
    accounts(filter: { accountTag: $account }) {
      workersInvocationsAdaptive(limit: 100, filter: { scriptName: $script, datetime_geq: $since }) {
        dimensions { scriptVersion }
        sum { requests errors }
      }
    }
  }
}`;

const GroupSchema = v.object({
  dimensions: v.object({ scriptVersion: v.string() }),
  sum: v.object({ requests: v.number(), errors: v.number() }),
});
const AnswerSchema = v.object({
  data: v.nullish(
    v.object({
      viewer: v.object({
        accounts: v.array(v.object({ workersInvocationsAdaptive: v.array(GroupSchema) })),
      }),
    }),
  ),
  errors: v.nullish(v.array(v.object({ message: v.string() }))),
});

/**
 * Requests and errors of each version of a Worker since a moment, from Cloudflare's analytics (which
 * is a minute or two behind). Errors are exceptions and limits; a 5xx answer of our own is counted by
 * the API itself.
 *
 * @throws UsherError `ANALYTICS_REFUSED`.
 */
export async function trafficByVersion(
  cloudflare: CloudflareAccount,
  script: string,
  since: Date,
): Promise<Map<string, VersionTraffic>> {
  const variables = { account: cloudflare.id, script, since: since.toISOString() };
  const answer = await cloudflare.client.send("POST", "/graphql", { query: QUERY, variables });
  const { data, errors } = read(AnswerSchema, answer);
  if (data === null || data === undefined) {
    throw new UsherError(
      "ANALYTICS_REFUSED",
      `Cloudflare's analytics refused: ${errors?.map(({ message }) => message).join("; ")}. The token needs "Account > Account Analytics > Read".`,
    );
  }
  const groups = data.viewer.accounts[0]?.workersInvocationsAdaptive ?? [];
  return new Map(groups.map(({ dimensions, sum }) => [dimensions.scriptVersion, sum]));
}
