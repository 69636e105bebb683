import { toJsonSchema } from "@valibot/to-json-schema";
import type { Context } from "hono";
import type * as v from "valibot";
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
const BODIES: Partial<Record<Route, ObjectSchema>> = {
  "POST /v1/recommendations": profileSchema,
  "POST /v1/releases/purge": purgeSchema,
};

let written: string | null = null;

/** `GET /openapi.json`: the interface for machines, made from the schemas when first asked for. */
export function openApi(_: Context<ApiContext>): Response {
  written ??= JSON.stringify(describeApi());
  return new Response(written, {
    headers: { "content-type": "application/json", "cache-control": "public, max-age=3600" },
  });
}

function describeApi() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [route, summary] of Object.entries(ROUTES)) {
    const [method = "", path = ""] = route.split(" ");
    const template = path.replace(/:(\w+)/g, "{$1}");
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(route, summary) };
  }
  return { openapi: "3.1.0", info: { title: "Usher", version: "1" }, paths };
}

function operation(route: string, summary: string) {
  const query = QUERIES[route as Route];
  const body = BODIES[route as Route];
  const inPath = [...route.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1, maxLength: 128 },
  }));
  return {
    summary,
    parameters: [...inPath, ...(query === undefined ? [] : queryParameters(query))],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: asJson(body) } },
          },
        }),
    responses: {
      [route === "POST /v1/events" ? "202" : "200"]: { description: "The answer." },
      "4XX": PROBLEM,
      "503": PROBLEM,
    },
  };
}

const PROBLEM = {
  description: "What is wrong and what to do (RFC 9457).",
  content: { "application/problem+json": { schema: { type: "object" } } },
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
