import type { Context } from "hono";
import { askDatabase } from "../ask-database.ts";
import type { ApiContext } from "../environment.ts";
import { forgetTombstones } from "../erased-users.ts";
import { requireScope } from "../keys.ts";
import { idParameter } from "../parameters.ts";

type PeopleContext = Context<ApiContext, "/v1/users/:userId">;

/** `GET /v1/users/:userId/export`: everything that is held about a user, from every store. */
export async function exportPerson(c: Context<ApiContext, "/v1/users/:userId/export">) {
  await requireScope(c, "read");
  const userId = idParameter("userId", c.req.param("userId"));
  const [database, liveProfile] = await Promise.all([
    askDatabase("people", () => c.env.PEOPLE.export(userId)),
    c.env.LIVE_PROFILES.getByName(userId).recent(0),
  ]);
  const body = {
    userId,
    exportedAt: new Date().toISOString(),
    database,
    liveProfile: { events: liveProfile.events },
    served: "Lists made for this user are at GET /v1/users/:userId/recommendations.",
  };
  return c.body(JSON.stringify(body), 200, {
    "content-type": "application/json",
    "content-disposition": 'attachment; filename="export.json"',
    "cache-control": "no-store",
  });
}

/**
 * `DELETE /v1/users/:userId`: forgets a user, with a receipt of what is done and what happens when.
 *
 * The database first: from then on nothing brings the user back, whatever fails after. Asked again,
 * it finishes what was left.
 */
export async function erasePerson(c: PeopleContext) {
  await requireScope(c, "operate");
  const userId = idParameter("userId", c.req.param("userId"));
  const database = await askDatabase("people", () => c.env.PEOPLE.erase(userId));
  const profileEvents = await c.env.LIVE_PROFILES.getByName(userId).erase();
  forgetTombstones(c.env.RELEASES);
  const { requestedAt, ...rows } = database;
  const receipt = {
    userId,
    requestedAt,
    done: [
      { store: "database", rows },
      { store: "live profile", events: profileEvents },
      { store: "served lists", what: "not served any more; everywhere within a minute" },
      { store: "intake", what: "events of this user are refused, also from replays and redrives" },
    ],
    pending: [
      {
        store: "releases",
        when: "the next release holds no list of this user; retention removes older ones",
      },
      {
        store: "snapshots",
        when: "rewritten without this user by the next usher datasets compact",
      },
    ],
  };
  return c.json(receipt, 200, { "cache-control": "no-store" });
}
