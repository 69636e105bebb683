/** Every statement about items. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";
import { items } from "./schema.ts";

/** What is known about an item beside its events. */
export interface ItemRow {
  readonly itemId: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year: number | null;
  /** Whatever else is known; left out, what was stored stays. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Stores items, newest description wins; an item described as before is not touched. */
export async function upsertItems(database: Database, rows: readonly ItemRow[]): Promise<void> {
  if (rows.length === 0) return;
  // One statement may not name an item twice: the last description of a batch stands.
  const latest = [...new Map(rows.map((row) => [row.itemId, row])).values()];
  const statement = sql`
    insert into items (item_id, title, categories, year, attributes)
    select "itemId", title, array(select jsonb_array_elements_text(categories)), year,
      coalesce(attributes, '{}')
    from jsonb_to_recordset(${JSON.stringify(latest)}::jsonb)
      as row("itemId" text, title text, categories jsonb, year smallint, attributes jsonb)
    on conflict (item_id) do update
      set title = excluded.title, categories = excluded.categories, year = excluded.year,
        attributes = items.attributes || excluded.attributes, updated_at = now()
      where (items.title, items.categories, items.year)
          is distinct from (excluded.title, excluded.categories, excluded.year)
        or not items.attributes @> excluded.attributes`;
  await explained(`Storing ${latest.length} items`, () => database.db.execute(statement));
}

/** Every item that has been described. */
export async function readItems(database: Database): Promise<ItemRow[]> {
  return database.db
    .select({
      itemId: items.itemId,
      title: items.title,
      categories: items.categories,
      year: items.year,
    })
    .from(items);
}
