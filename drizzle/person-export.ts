/** Everything that the database holds about a person, read without holding it in memory. */
import type { PoolClient } from "@neondatabase/serverless";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";
import type { PersonFinder } from "./kept-about.ts";

/** Rows fetched together, and letters: one has up to 128 KB. */
const ROWS = 1_000;
const LETTERS = 20;
/** Whoever reads slower than this, in ms between two fetches, is cut off: a snapshot is held open. */
const IDLE_MS = 120_000;

/** Parts of the record, and the rows in them; `$1` is the user, or the needles of the last two. */
const OWN = {
  events: "select to_jsonb(e) as row from events e where user_id = $1 order by seq",
  exposures: "select to_jsonb(x) as row from exposures x where user_id = $1 order by experiment_id",
  servedLists:
    "select to_jsonb(l) as row from served_lists l where user_id = $1 order by served_at, id",
};
const ARCHIVED = `select to_json(max(newest_at)) #>> '{}' as until from archived_files`;
const HOLDS = "exists (select from unnest($1::text[]) as needle where position(needle in";
const KEPT = {
  quarantined: `select to_jsonb(q) as row from quarantine q where ${HOLDS} raw) > 0) order by id`,
  deadLetters: `select to_jsonb(d) as row from dead_letters d where ${HOLDS} body) > 0) order by id`,
};

/**
 * The record as the text of one JSON object, piece by piece: `user`, `archivedUntil`, and lists of
 * events, exposures, served lists, rows in quarantine and dead letters. Events up to `archivedUntil`
 * (ISO 8601, or null) may have left the database: `usher archive export` finds those in the files. All of it is of one moment, and a piece is at
 * most a thousand rows, however much there is.
 *
 * @throws UsherError `DATABASE_FAILED`, before the first piece when the database is away.
 */
export async function* exportPerson(
  database: Database,
  userId: string,
  finder: PersonFinder,
): AsyncGenerator<string> {
  const client: PoolClient = await explained("Reading a user", () => database.pool.connect());
  let whole = false;
  try {
    await explained("Reading a user", async () => {
      await client.query("begin isolation level repeatable read read only");
      await client.query(`set local idle_in_transaction_session_timeout = ${IDLE_MS}`);
    });
    const { rows } = await client.query(
      "select to_jsonb(u) as row from users u where user_id = $1",
      [userId],
    );
    yield `{"user":${JSON.stringify((rows[0] as { row: unknown } | undefined)?.row ?? null)}`;
    const archived = await client.query(ARCHIVED);
    yield `,"archivedUntil":${JSON.stringify((archived.rows[0] as { until: string | null }).until)}`;
    for (const [name, query] of Object.entries(OWN)) {
      yield* list(name, fetched(client, query, userId, ROWS));
    }
    const rowsKept = fetched(client, KEPT.quarantined, finder.needles, ROWS);
    yield* list("quarantined", about(rowsKept, isRow));
    const letters = fetched(client, KEPT.deadLetters, finder.needles, LETTERS);
    yield* list("deadLetters", about(letters, isLetter));
    yield "}";
    await client.query("commit");
    whole = true;
  } finally {
    // A connection left in the middle is closed, not given back.
    client.release(!whole);
  }

  function isRow({ source, raw }: Record<string, unknown>): boolean {
    return finder.isRowAbout(String(source), String(raw));
  }
  function isLetter({ body }: Record<string, unknown>): boolean {
    return finder.letterWithout(String(body)).removed > 0;
  }
}

async function* list(
  name: string,
  pages: AsyncIterable<readonly Record<string, unknown>[]>,
): AsyncGenerator<string> {
  yield `,"${name}":[`;
  let first = true;
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield (first ? "" : ",") + rows.map((row) => JSON.stringify(row)).join(",");
    first = false;
  }
  yield "]";
}

async function* about(
  pages: AsyncIterable<readonly Record<string, unknown>[]>,
  test: (row: Record<string, unknown>) => boolean,
): AsyncGenerator<Record<string, unknown>[]> {
  for await (const rows of pages) yield rows.filter(test);
}

/** The rows of a query by a cursor of the database's own: it, too, makes them as they are asked for. */
async function* fetched(
  client: PoolClient,
  query: string,
  parameter: unknown,
  count: number,
): AsyncGenerator<Record<string, unknown>[]> {
  await client.query(`declare reading no scroll cursor for ${query}`, [parameter]);
  for (;;) {
    const { rows } = await client.query(`fetch ${count} from reading`);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row as Record<string, unknown>);
  }
  await client.query("close reading");
}
