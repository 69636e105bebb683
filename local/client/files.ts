import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { interfaceText, type JsonSchema } from "./type-text.ts";

/** Queries by the name that the client gives them, and a route that takes each. */
const WISHES = {
  UserWish: "/v1/users/{userId}/recommendations",
  ListWish: "/v1/trending",
  SearchWish: "/v1/items",
} as const;

/** What the service takes and the client never sends. */
const NOT_ASKED = ["Events", "Purge"];

/** Loaded by its address: the Worker's sources are typed for another runtime than these. */
const DESCRIPTION = new URL("../../worker/api/routes/openapi.ts", import.meta.url);

/** The client's types of what is asked and answered, as `/openapi.json` describes it. */
export async function interfaceFile(): Promise<string> {
  const { describeApi } = (await import(DESCRIPTION.href)) as { describeApi: () => Described };
  const { paths, components } = describeApi();
  const wishes = Object.entries(WISHES).map(([name, path]) => {
    const asked = paths[path]!["get"]!.parameters.filter((parameter) => parameter.in === "query");
    const properties = Object.fromEntries(asked.map((one) => [one.name, one.schema]));
    return interfaceText(name, { type: "object", properties });
  });
  const types = Object.entries(components.schemas)
    .filter(([name]) => !NOT_ASKED.includes(name))
    .map(([name, schema]) => interfaceText(name, schema));
  return `/** Written by \`npm run client\` from /openapi.json: change the service's schemas instead. */\n\n${[...wishes, ...types].join("\n")}`;
}

/** The client as one minified module, for pages. */
export async function bundledClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../client/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    legalComments: "none",
  });
  return outputFiles[0]!.text;
}

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Record<string, { parameters: readonly { name: string; in: string; schema: JsonSchema }[] }>
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}
