/** People who use the service: each kind asks for something else, and knows what a right answer is. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../trainer/random.ts";
import type { Ledger } from "./ledger.ts";
import type { Released, ReleasedListsReader } from "./released-lists.ts";

/** What all visitors share. */
export interface Site {
  readonly api: string;
  readonly releases: ReleasedListsReader;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Users `1` to `users` are known to the first release. */
  readonly users: number;
  readonly itemIds: readonly string[];
}

type Visit = (site: Site) => Promise<void>;

/** Visits with their shares of the traffic, which sum to 1. */
const VISITS: readonly (readonly [number, Visit])[] = [
  [0.6, readsTheList],
  [0.12, readsAFilteredPage],
  [0.1, asksForAProfile],
  [0.08, looksAtSimilarItems],
  [0.1, ratesAndReadsAgain],
];

/** One visitor: visit after visit, with a short pause between, until `over`. */
export async function visitUntil(site: Site, over: () => boolean, pauseMs: number): Promise<void> {
  while (!over()) {
    const visit = drawVisit(site.random());
    try {
      await visit(site);
    } catch (error) {
      site.ledger.wrong("no answer", `${visit.name}: ${(error as Error).message}`);
    }
    await sleep(pauseMs);
  }
}

function drawVisit(point: number): Visit {
  let rest = point;
  for (const [share, visit] of VISITS) {
    rest -= share;
    if (rest < 0) return visit;
  }
  return VISITS[0]![1];
}

async function readsTheList(site: Site): Promise<void> {
  const userId = someUser(site);
  const { response, release, released, degraded } = await ask(site, `/recommend/${userId}`);
  const items = (await response.text()).split(",");
  requireItems(site, items, released, release);
  if (response.headers.get("usher-source") !== "list" || degraded) return;
  if (items.join() !== (await released.lists.listOf(userId))?.join()) {
    site.ledger.wrong("not the release's list", `user ${userId}, ${release}: ${items}`);
  }
}

async function readsAFilteredPage(site: Site): Promise<void> {
  const path = `/v1/users/${someUser(site)}/recommendations?limit=10&category=Drama&explain=true`;
  const { response, release, released } = await ask(site, path);
  const answer = (await response.json()) as { release: string; items: readonly Item[] };
  if (answer.release !== release) {
    site.ledger.wrong("two releases in one answer", `${answer.release} and ${release}`);
  }
  requireItems(site, ids(answer.items), released, release);
  const others = answer.items.filter(({ categories }) => !categories.includes("Drama"));
  if (others.length > 0) site.ledger.wrong("filter passed over", ids(others).join());
}

async function asksForAProfile(site: Site): Promise<void> {
  const rated = Array.from({ length: 5 }, () => someItem(site));
  const ratings = rated.map((itemId) => ({ itemId, value: 1 + Math.floor(site.random() * 5) }));
  const { response, release, released } = await ask(site, "/v1/recommendations", { ratings });
  const answer = (await response.json()) as { items: readonly Item[] };
  const items = ids(answer.items);
  requireItems(site, items, released, release);
  if (items.some((id) => rated.includes(id))) {
    site.ledger.wrong("a rated item comes back", `${items} for ${rated}`);
  }
}

async function looksAtSimilarItems(site: Site): Promise<void> {
  const itemId = someItem(site);
  const { response, release, released } = await ask(site, `/v1/items/${itemId}/similar`);
  const answer = (await response.json()) as { items: readonly Item[] };
  const items = ids(answer.items);
  requireItems(site, items, released, release);
  if (items.includes(itemId)) site.ledger.wrong("an item is like itself", itemId);
}

/** Read your own writes: what was just rated must be gone from an answer that has the cursor. */
async function ratesAndReadsAgain(site: Site): Promise<void> {
  const known = site.random() < 0.8;
  const userId = known ? someUser(site) : `new-${Math.floor(site.random() * 1e9)}`;
  const { response: before } = await ask(site, `/recommend/${userId}`);
  const items = (await before.text()).split(",");
  const itemId = items[Math.floor(site.random() * items.length)]!;
  const eventId = `soak-${site.ledger.acceptedEvents.length}-${Math.floor(site.random() * 1e9)}`;
  const value = 1 + Math.floor(site.random() * 5);
  const posted = await fetch(`${site.api}/v1/events`, {
    method: "POST",
    body: JSON.stringify({ eventId, userId, itemId, type: "rate", value }),
  });
  if (posted.status !== 202) {
    site.ledger.wrong("event refused", `${posted.status}: ${await posted.text()}`);
    return;
  }
  site.ledger.acceptedEvents.push(eventId);
  const { cursor } = (await posted.json()) as { cursor: string };
  const after = await ask(site, `/recommend/${userId}?after=${cursor}`);
  const now = (await after.response.text()).split(",");
  requireItems(site, now, after.released, after.release);
  if (!after.degraded && now.includes(itemId)) {
    site.ledger.wrong("own rating not seen", `user ${userId}, item ${itemId}: ${now}`);
  }
}

interface Item {
  readonly id: string;
  readonly categories: readonly string[];
}

interface Asked {
  readonly response: Response;
  readonly release: string;
  readonly released: Released;
  readonly degraded: boolean;
}

async function ask({ api, ledger, releases }: Site, path: string, body?: unknown): Promise<Asked> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(api + path, init);
  if (response.status !== 200) {
    throw new Error(`${path}: ${response.status} ${(await response.text()).slice(0, 200)}`);
  }
  const release = response.headers.get("usher-release") ?? "";
  const degraded = response.headers.has("usher-degraded");
  if (degraded) ledger.degraded++;
  ledger.answered(release);
  return { response, release, released: await releases.of(release), degraded };
}

function requireItems(
  { ledger }: Site,
  items: readonly string[],
  { itemIds }: Released,
  release: string,
): void {
  if (items.length === 0) ledger.wrong("empty", release);
  if (new Set(items).size !== items.length) ledger.wrong("an item twice", items.join());
  const strange = items.filter((id) => !itemIds.has(id));
  if (strange.length > 0) ledger.wrong("items of another release", `${release}: ${strange}`);
}

/** A few users ask often, most seldom. */
function someUser({ random, users }: Site): string {
  return String(Math.floor(users ** random()));
}

function someItem({ random, itemIds }: Site): string {
  return itemIds[Math.floor(itemIds.length * random() ** 2)]!;
}

function ids(items: readonly Item[]): string[] {
  return items.map(({ id }) => id);
}
