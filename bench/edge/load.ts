/** The load of one measurement, in a process of its own: JSON on standard input, JSON on standard output. */
import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import type { Load, LoadResult } from "./measure.ts";

const load = JSON.parse(readFileSync(0, "utf8")) as Load;
const result = await autocannon({
  url: load.url,
  connections: load.connections,
  duration: load.seconds,
  requests: load.requests.map(({ method, path, body }) => ({
    method,
    path,
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  })),
});
const summary: LoadResult = {
  perSecond: result.requests.total / result.duration,
  total: result.requests.total,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failed: result.non2xx + result.errors + result.timeouts,
};
console.log(JSON.stringify(summary));
