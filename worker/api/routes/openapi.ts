import { toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type { Context } from "hono";
import * as v from "valibot";
import { incomingEvent } from "../../../events/event.ts";
import { ANSWERS } from "../answer-schemas.ts";
import type { ApiContext } from "../environment.ts";
import { ROUTES, type Route } from "../route-table.ts";
import { listSchema, userWishSchema } from "../wish.ts";
import { resultsSchema } from "./experiment-results.ts";
import { searchSchema } from "./items.ts";
import { profileSchema } from "./profile-recommendations.ts";
import { purgeSchema } from "./purge-releases.ts";

type ObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** Schemas of what routes take: the very ones that check requests. */
const QUERIES: Partial<Record<Route, ObjectSchema>> = {
  "GET /v1/users/:userId/recommendations": userWishSchema,
  "GET /v1/items": searchSchema,
  "GET /v1/items/:itemId/similar": listSchema,
  "GET /v1/trending": listSchema,
  "GET /v1/experiments/:id/results": resultsSchema,
};
const eventSchema = v.strictObject({
  ...incomingEvent.entries,
  occurredAt: v.pipe(
    v.nullish(v.union([v.string(), v.number()])),
    v.description("ISO 8601, or epoch milliseconds; now, where it is left out."),
  ),
});
/** Bodies by name, beside the answers. */
const ASKED = {
  Event: eventSchema,
  ProfileWish: profileSchema,
  Purge: purgeSchema,
  Events: v.union([eventSchema, v.array(eventSchema), v.object({ events: v.array(eventSchema) })]),
};
const BODIES: Partial<Record<Route, keyof typeof ASKED>> = {
  "POST /v1/recommendations": "ProfileWish",
  "POST /v1/events": "Events",
  "POST /v1/releases/purge": "Purge",
};
const ANSWERED: Partial<Record<Route, keyof typeof ANSWERS>> = {
  "GET /v1/users/:userId/recommendations": "Recommendations",
  "POST /v1/recommendations": "Recommendations",
  "GET /v1/items": "FoundItems",
  "GET /v1/items/:itemId": "OneItem",
  "GET /v1/items/:itemId/similar": "RankedItems",
  "GET /v1/trending": "RankedItems",
  "POST /v1/events": "ReceivedEvents",
};

let written: string | null = null;

/** `GET /openapi.json`: the interface for machines, made from the schemas when first asked for. */
export function openApi(_: Context<ApiContext>): Response {
  written ??= JSON.stringify(describeApi());
  return new Response(written, {
    headers: { "content-type": "application/json", "cache-control": "public, max-age=3600" },
  });
}

/** The OpenAPI 3.1 document. */
export function describeApi() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [route, summary] of Object.entries(ROUTES)) {
    const [method = "", path = ""] = route.split(" ");
    const template = path.replace(/:(\w+)/g, "{$1}");
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(route, summary) };
  }
  const schemas = toJsonSchemaDefs(
    { ...ASKED, ...ANSWERS },
    {
      typeMode: "input",
      errorMode: "ignore",
      overrideRef: ({ referenceId }) => refTo(referenceId),
    },
  );
  return {
    openapi: "3.1.0",
    info: { title: "Usher", version: "1" },
    paths,
    components: { schemas },
  };
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

function json(name: string, type = "application/json") {
  return { content: { [type]: { schema: { $ref: refTo(name) } } } };
}

function operation(route: string, summary: string) {
  const query = QUERIES[route as Route];
  const body = BODIES[route as Route];
  const answer = ANSWERED[route as Route];
  const inPath = [...route.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1, maxLength: 128 },
  }));
  return {
    summary,
    parameters: [...inPath, ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined ? {} : { requestBody: { required: true, ...json(body) } }),
    responses: {
      [route === "POST /v1/events" ? "202" : "200"]: {
        description: "The answer.",
        ...(answer === undefined ? {} : json(answer)),
      },
      "4XX": PROBLEM,
      "503": PROBLEM,
    },
  };
}

const PROBLEM = {
  description: "What is wrong and what to do (RFC 9457).",
  ...json("Problem", "application/problem+json"),
};

/** A list is written with commas or by repeating its name. */
function queryParameters(schema: ObjectSchema) {
  return Object.entries(asJson(schema).properties ?? {}).map(([name, described]) => ({
    name,
    in: "query",
    required: false,
    schema: described,
  }));
}

function asJson(schema: ObjectSchema) {
  const { $schema: _, ...json } = toJsonSchema(schema, { typeMode: "input" });
  return json;
}
