import { WorkerEntrypoint } from "cloudflare:workers";
import { openDatabase } from "../../drizzle/database.ts";
import { type Measures, readMeasures } from "../../drizzle/measures.ts";
import type { ConsumerEnv } from "./environment.ts";

/** A scrape gives up after 10 s by default: before that it is told that the database is away, in ms. */
const DATABASE_TIMEOUT_MS = 5_000;

/** What the API Worker asks the database for `/metrics`, over a service binding. */
export class Measuring extends WorkerEntrypoint<ConsumerEnv> {
  async read(): Promise<Measures> {
    const { DATABASE_URL, DATABASE_WS_PROXY } = this.env;
    const database = openDatabase(DATABASE_URL, {
      wsProxy: DATABASE_WS_PROXY,
      connections: 1,
      timeoutMs: DATABASE_TIMEOUT_MS,
    });
    try {
      return await readMeasures(database);
    } finally {
      this.ctx.waitUntil(database.close());
    }
  }
}
