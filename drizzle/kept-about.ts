/** Every statement about what quarantine and dead letters hold about a person. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** How a person is found in text that could not be read. */
export interface PersonFinder {
  /** Texts of which one stands in everything that names the user. */
  readonly needles: readonly string[];
  isRowAbout(source: string, raw: string): boolean;
  /** A letter's body without the user; null when nothing is left of it. */
  letterWithout(body: string): { readonly body: string | null; readonly removed: number };
}

/** What was taken out about a user. */
export interface ErasedKept {
  /** Rows of quarantine. */
  readonly quarantined: number;
  /** Dead letters that went whole, and events taken out of dead letters. */
  readonly letters: number;
  readonly letterEvents: number;
}

/** Rows and letters looked at together: a few megabytes. */
const PAGE = 200;

interface Row {
  readonly id: number;
  readonly source: string;
  readonly raw: string;
}

interface Letter {
  readonly id: number;
  readonly body: string;
}

/**
 * Takes a user out of quarantine and dead letters: rows go, letters lose the events about the user
 * and go when nothing is left. Done after the erasure itself: it looks at every row, and takes no
 * lock that would hold intake back.
 */
export async function eraseKept(database: Database, finder: PersonFinder): Promise<ErasedKept> {
  return explained("Erasing what could not be stored", async () => {
    let quarantined = 0;
    for await (const rows of pages<Row>(database, ROWS, finder.needles)) {
      const about = rows.filter(({ source, raw }) => finder.isRowAbout(source, raw));
      await forget(database, "quarantine", about);
      quarantined += about.length;
    }
    let letters = 0;
    let letterEvents = 0;
    for await (const page of pages<Letter>(database, LETTERS, finder.needles)) {
      const changed = page
        .map(({ id, body }) => ({ id, ...finder.letterWithout(body) }))
        .filter(({ removed }) => removed > 0);
      const whole = changed.filter(({ body }) => body === null);
      await forget(database, "dead_letters", whole);
      for (const { id, body } of changed) {
        if (body === null) continue;
        await database.db.execute(sql`update dead_letters set body = ${body} where id = ${id}`);
      }
      letters += whole.length;
      letterEvents += changed.reduce((sum, { removed }) => sum + removed, 0);
    }
    return { quarantined, letters, letterEvents };
  });
}

const ROWS = sql`select id::double precision as id, source, raw, raw as text from quarantine`;
const LETTERS = sql`select id::double precision as id, body, body as text from dead_letters`;

/** Rows of a table whose text holds one of the needles, in pages. */
async function* pages<R extends { readonly id: number }>(
  database: Database,
  table: ReturnType<typeof sql>,
  needles: readonly string[],
): AsyncGenerator<R[]> {
  for (let after = 0; ; ) {
    const { rows } = await database.db.execute(sql`
      select * from (${table}) as kept where id > ${after} and exists (
        select from jsonb_array_elements_text(${JSON.stringify(needles)}::jsonb) as needle
        where position(needle in kept.text) > 0)
      order by id limit ${PAGE}`);
    if (rows.length === 0) return;
    after = (rows.at(-1) as unknown as R).id;
    yield rows as unknown as R[];
  }
}

async function forget(
  database: Database,
  table: "quarantine" | "dead_letters",
  rows: readonly { readonly id: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = JSON.stringify(rows.map(({ id }) => id));
  await database.db.execute(sql`
    delete from ${sql.identifier(table)}
    where id in (select value::bigint from jsonb_array_elements(${ids}::jsonb))`);
}
