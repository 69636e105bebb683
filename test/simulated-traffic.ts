/** Users of an experiment who never were, written where real ones would be. */
import type { Database } from "../drizzle/database.ts";
import { seededRandom } from "../trainer/random.ts";

const START = Date.UTC(2026, 1, 2);
const DAY = 86_400_000;
const USERS_A_DAY = 240;
const ARMS = [
  { name: "today", share: 0.5, release: null, parameters: {} },
  { name: "fresh", share: 0.5, release: "r2", parameters: {} },
];

/** Notes an experiment of two arms that has begun; day 0 is its first. */
export async function defineSimulated(
  database: Database,
  id: string,
  mode: "split" | "interleaving",
): Promise<void> {
  await database.pool.query(
    `insert into experiments (id, name, mode, arms, salt, guardrails, minimum_effect, status, started_at)
     values ($1, $2, $3, $4, $1, '{active}', 0.2, 'running', $5)`,
    [id, `An experiment: ${id}`, mode, JSON.stringify(ARMS), moment(0, 0)],
  );
}

/** So many days of 240 new users each, who click now and then, and half as often again in one arm. */
export async function simulateTraffic(database: Database, id: string, days: number): Promise<void> {
  const { exposed, clicks } = traffic(days);
  const { pool } = database;
  await pool.query("delete from exposures where experiment_id = $1", [id]);
  await pool.query("delete from events where source = $1", [id]);
  await pool.query(
    `insert into users (user_id, first_seen_at)
     select "user", at - make_interval(days => (hashtext("user") % 2) * 3)
     from jsonb_to_recordset($1) as row("user" text, at timestamptz) on conflict do nothing`,
    [JSON.stringify(exposed)],
  );
  await pool.query(
    `insert into exposures select $1, "user", arm, at, at, 1
     from jsonb_to_recordset($2) as row("user" text, arm text, at timestamptz)`,
    [id, JSON.stringify(exposed)],
  );
  await pool.query(
    `insert into events (event_id, user_id, item_id, type, occurred_at, source)
     select $1 || number, "user", 'i', 'click', at, $1
     from rows from (jsonb_to_recordset($2) as ("user" text, at timestamptz))
       with ordinality as row("user", at, number)`,
    [id, JSON.stringify(clicks)],
  );
  await pool.query("update experiments set stopped_at = $2 where id = $1", [id, moment(days, 0)]);
}

/** A moment of an experiment, ISO 8601. */
export function moment(day: number, hour: number): string {
  return new Date(START + day * DAY + hour * 3_600_000).toISOString();
}

function traffic(days: number) {
  const random = seededRandom(7);
  const exposed = [];
  const clicks = [];
  for (let number = 0; number < days * USERS_A_DAY; number++) {
    const user = `u${number}`;
    const first = Math.floor(number / USERS_A_DAY);
    const arm = random() < 0.5 ? "today" : "fresh";
    const rate = -0.25 * Math.log(1 - random()) * (arm === "fresh" ? 1.5 : 1);
    exposed.push({ user, arm, at: moment(first, 1) });
    for (let day = first; day < days; day++) {
      if (random() < rate) clicks.push({ user, at: moment(day, 2 + 20 * random()) });
    }
  }
  return { exposed, clicks };
}
