import { DurableObject } from "cloudflare:workers";
import type { UsherEvent } from "../../events/event.ts";
import type { ProfileEvent } from "../../events/profile.ts";

/** Events are kept at most this long: by then every cycle has learned from them. */
const PROFILE_KEEP_MS = 7 * 86_400_000;
/** Events kept of one user: more than anyone does between two releases. */
const MOST_EVENTS = 1_000;

/** What recording did; `known` are event ids that were here already. */
export type Recorded =
  | { readonly erased: false; readonly known: string[] }
  | { readonly erased: true };

/** Recent events in order of arrival, and how new the newest call is that was recorded, in epoch ms. */
export interface Recent {
  readonly events: ProfileEvent[];
  readonly receivedUpTo: number;
}

/**
 * One user's recent events, strongly consistent: what a call has recorded, every later read sees,
 * wherever it comes from. The object's SQLite holds what no release contains yet.
 */
export class LiveProfile extends DurableObject {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
  }

  /** Before whatever asks of them: the alarm may have left this very object without any. */
  #createTables(): void {
    this.#sql.exec(`
      create table if not exists events (arrival integer primary key, event_id text not null unique,
        item_id text not null, type text not null, value real, occurred_at integer not null,
        received_at integer not null);
      create table if not exists marks (name text primary key, value integer not null)`);
  }

  /** Adds a call's events; one known by its id changes nothing. */
  async record(events: readonly UsherEvent[], receivedAt: number): Promise<Recorded> {
    this.#createTables();
    if (this.#mark("erased") !== null) return { erased: true };
    const known: string[] = [];
    for (const event of events) {
      const { rowsWritten } = this.#sql.exec(
        `insert into events (event_id, item_id, type, value, occurred_at, received_at)
         values (?, ?, ?, ?, ?, ?) on conflict do nothing`,
        event.eventId,
        event.itemId,
        event.type,
        event.value,
        event.occurredAt,
        receivedAt,
      );
      if (rowsWritten === 0) known.push(event.eventId);
    }
    this.#sql.exec(
      "delete from events where arrival <= (select max(arrival) from events) - ?",
      MOST_EVENTS,
    );
    this.#setMark("received", Math.max(receivedAt, this.#mark("received") ?? 0));
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(receivedAt + PROFILE_KEEP_MS);
    }
    return { erased: false, known };
  }

  /**
   * The events that a release does not contain. The others stay until their week is over: a rollback
   * or another arm may serve the user with a release that knows less.
   *
   * @param containedBefore epoch ms: whatever was received earlier is in the release that serves.
   */
  recent(containedBefore: number): Recent {
    this.#createTables();
    const rows = this.#sql.exec<{
      item_id: string;
      type: ProfileEvent["type"];
      value: number | null;
      occurred_at: number;
    }>(
      `select item_id, type, value, occurred_at from events where received_at >= ? order by arrival`,
      containedBefore,
    );
    const events = rows
      .toArray()
      .map(({ item_id: itemId, type, value, occurred_at: occurredAt }) => {
        return { itemId, type, value, occurredAt };
      });
    return { events, receivedUpTo: this.#mark("received") ?? 0 };
  }

  /** Forgets everything, and takes nothing about this user any more. @returns events forgotten. */
  async erase(): Promise<number> {
    this.#createTables();
    const [row] = this.#sql.exec<{ count: number }>("select count(*) as count from events");
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#createTables();
    this.#setMark("erased", 1);
    return row?.count ?? 0;
  }

  override async alarm(): Promise<void> {
    this.#createTables();
    this.#sql.exec("delete from events where received_at <= ?", Date.now() - PROFILE_KEEP_MS);
    const [oldest] = this.#sql.exec<{ at: number | null }>(
      "select min(received_at) as at from events",
    );
    if (oldest?.at != null) await this.ctx.storage.setAlarm(oldest.at + PROFILE_KEEP_MS);
    // An object that stores nothing costs nothing.
    else if (this.#mark("erased") === null) await this.ctx.storage.deleteAll();
  }

  #mark(name: "received" | "erased"): number | null {
    const query = "select value from marks where name = ?";
    return this.#sql.exec<{ value: number }>(query, name).toArray()[0]?.value ?? null;
  }

  #setMark(name: "received" | "erased", value: number): void {
    this.#sql.exec("insert or replace into marks (name, value) values (?, ?)", name, value);
  }
}
