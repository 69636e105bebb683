import type { Context } from "hono";
import { askDatabase } from "../ask-database.ts";
import { askedBy } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { forgetTombstones } from "../erased-users.ts";
import { heldByReleases } from "../held-by-releases.ts";
import { requireScope } from "../keys.ts";
import { idParameter } from "../parameters.ts";

type PeopleContext = Context<ApiContext, "/v1/users/:userId">;

/**
 * `GET /v1/users/:userId/export`: everything that is held about a user, from every store.
 *
 * What the database holds passes through as it is read, however much it is; an answer that breaks off
 * is no JSON, so that it cannot be taken for the whole.
 */
export async function exportPerson(c: Context<ApiContext, "/v1/users/:userId/export">) {
  await requireScope(c, "read");
  const userId = idParameter("userId", c.req.param("userId"));
  const [database, liveProfile, releases] = await Promise.all([
    askDatabase("people", () => c.env.PEOPLE.export(userId)),
    c.env.LIVE_PROFILES.getByName(userId).recent(0),
    heldByReleases(askedBy(c), userId),
  ]);
  const around = {
    userId,
    exportedAt: new Date().toISOString(),
    liveProfile: { events: liveProfile.events },
    releases,
  };
  const body = database.pipeThrough(enclosed(around, "database"));
  return c.body(body, 200, {
    "content-type": "application/json",
    "content-disposition": 'attachment; filename="export.json"',
    "cache-control": "no-store",
  });
}

/** Puts the bytes of a JSON value into an object, as its last member. */
function enclosed(object: object, name: string): TransformStream<Uint8Array, Uint8Array> {
  const encoder = new TextEncoder();
  const start = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:`;
  return new TransformStream({
    start: (controller) => controller.enqueue(encoder.encode(start)),
    flush: (controller) => controller.enqueue(encoder.encode("}")),
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
      {
        store: "served lists",
        what: "not made any more, everywhere within a minute; caches may show one that they hold for up to 11 minutes",
      },
      { store: "intake", what: "events of this user are refused, also from replays and redrives" },
    ],
    pending: [
      {
        store: "dead letters in Workers KV",
        when: "events of this user are dropped by the next usher redrive",
      },
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
