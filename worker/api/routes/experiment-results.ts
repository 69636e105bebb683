import type { Context } from "hono";
import * as v from "valibot";
import { resultsCsv } from "../../../experiments/results-csv.ts";
import type { ApiContext } from "../environment.ts";
import { requireScope } from "../keys.ts";
import { idParameter } from "../parameters.ts";
import { checked } from "../wish.ts";
import { judged } from "./experiments.ts";

/** In which form results are wanted. */
export const resultsSchema = v.strictObject({
  format: v.optional(v.picklist(["json", "csv"], "it takes json or csv"), "json"),
});

/** `GET /v1/experiments/:id/results`: the verdict on an experiment and all that it rests on. */
export async function experimentResults(c: Context<ApiContext, "/v1/experiments/:id/results">) {
  await requireScope(c, "operate");
  const id = idParameter("experiment", c.req.param("id"));
  const { format } = checked(resultsSchema, c.req.query());
  const results = await judged(() => c.env.OPERATIONS.experimentResults(id));
  const headers = { "cache-control": "no-store" };
  if (format === "json") return c.json(results, 200, headers);
  return c.body(resultsCsv(results), 200, {
    ...headers,
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="${results.experiment.id}.csv"`,
  });
}
