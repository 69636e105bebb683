import { WorkerEntrypoint } from "cloudflare:workers";
import { openDatabase } from "../../drizzle/database.ts";
import { type ErasedRows, eraseUser, publishTombstones } from "../../drizzle/erasures.ts";
import { type ErasedKept, eraseKept } from "../../drizzle/kept-about.ts";
import { exportPerson } from "../../drizzle/person-export.ts";
import { personFinder } from "../../events/named-person.ts";
import { TOMBSTONES_KEY } from "../../release/keys.ts";
import { tombstoneOf } from "../../release/tombstone.ts";
import { byteStream } from "./byte-stream.ts";
import type { ConsumerEnv } from "./environment.ts";
import { methodsOf } from "./tenant-methods.ts";

/** Releases older than this are gone by retention: their lists need no tombstones. */
const TOMBSTONE_MS = 90 * 86_400_000;

/**
 * What the API Worker asks the database about people, over a service binding: its own bundle holds
 * no Postgres driver.
 */
export class People extends WorkerEntrypoint<ConsumerEnv> {
  /** The same questions about a tenant's data. */
  of(tenant: string): Omit<People, "of"> {
    return methodsOf(People, this.ctx, this.env, tenant);
  }

  /** Everything that the database holds about a user, as the bytes of one JSON object. */
  async export(userId: string): Promise<ReadableStream<Uint8Array>> {
    const database = this.#open();
    const record = exportPerson(database, userId, personFinder(userId));
    try {
      // Read before the stream is handed over: a database that is away is an answer, not a torn one.
      const first = await record.next();
      return byteStream(begunWith(first, record), () => this.ctx.waitUntil(database.close()));
    } catch (error) {
      this.ctx.waitUntil(database.close());
      throw error;
    }
  }

  /** Forgets a user in the database, and tells the edge to serve nothing that was made for them. */
  async erase(userId: string): Promise<ErasedRows & ErasedKept> {
    const database = this.#open();
    try {
      const erased = await eraseUser(database, userId, tombstoneOf(userId));
      // From the table rather than by adding to the key: two erasures at once lose neither.
      await publishTombstones(database, Date.now() - TOMBSTONE_MS, (tombstones) =>
        this.env.RELEASES.put(TOMBSTONES_KEY, JSON.stringify(tombstones)),
      );
      return { ...erased, ...(await eraseKept(database, personFinder(userId))) };
    } finally {
      this.ctx.waitUntil(database.close());
    }
  }

  #open() {
    const { DATABASE_URL, DATABASE_WS_PROXY } = this.env;
    return openDatabase(DATABASE_URL, { wsProxy: DATABASE_WS_PROXY, connections: 1 });
  }
}

async function* begunWith<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>) {
  if (first.done !== true) yield first.value;
  yield* rest;
}
