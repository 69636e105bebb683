import type { Exposure } from "../../experiments/assignment.ts";
import type { CatalogueView } from "../../release/catalogue.ts";
import { answerHeaders, isHeld } from "./answer.ts";
import { fixedCorsHeaders } from "./cors.ts";
import { edgeStore, type HeldList } from "./edge-store.ts";
import type { ApiEnv } from "./environment.ts";
import { isKnownUnerased } from "./erased-users.ts";
import { noteShown } from "./exposures.ts";
import { loggedRequests, logListFromMemory } from "./log-request.ts";
import type { ServedRelease } from "./served-release.ts";
import { telemetry, trafficOf } from "./telemetry.ts";
import type { Tally } from "./traffic.ts";
import { WrittenLists } from "./written-lists.ts";

const LIST = { source: "list", completed: null, degraded: null, variant: "l" } as const;
const PATH = "/recommend/";
const TEXT = "text/plain; charset=utf-8";
/** Half of what is kept of a tenant's lists as they were written: an isolate may serve dozens. */
const TENANT_LISTS_BYTES = 256 * 1024;
/** Ids that need no decoding, and cannot be too long in bytes. */
const PLAIN_ID = /^[A-Za-z0-9_.~-]{1,128}$/;

/**
 * `GET /recommend/:userId` of a warm isolate, before any routing: most requests are this one, and
 * routing alone would cost as much as the answer.
 *
 * @param path where in the URL the path begins: behind a tenant's name, where there is one.
 * @returns null for every other request, which the app answers.
 */
export function answerFromMemory(
  request: Request,
  env: ApiEnv,
  context: ExecutionContext,
  path = pathStart(request.url),
): Response | null {
  if (request.method !== "GET") return null;
  const { url } = request;
  if (!url.startsWith(PATH, path)) return null;
  const userId = url.slice(path + PATH.length);
  if (!PLAIN_ID.test(userId)) return null;
  const waitUntil = (work: Promise<unknown>) => {
    context.waitUntil(work);
    // Every few seconds the pointer is read again behind an answer: what was counted leaves with it,
    // and no other answer looks at the clock.
    telemetry(env, (flush) => context.waitUntil(flush));
  };
  const held = edgeStore(env).heldList(userId, waitUntil);
  if (held === null || !isKnownUnerased(env.RELEASES, userId, waitUntil)) return null;
  const { release, shard, row, exposures } = held;
  const prepared = exposures.length === 0 ? preparedFor(release, env) : triedFor(held, env);
  if (prepared === null) return null;
  const { etag, headers, answers, written, logged } = prepared;
  answers.count++;
  if (logged) logListFromMemory(release.id, env.TENANT?.name);
  if (exposures.length > 0) {
    const items = Array.from(shard.items(row), (index) => release.catalogue.id(index));
    noteShown(env, waitUntil, userId, exposures, { release: release.id, items, teams: null });
  }
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifNoneMatch !== null && isHeld(ifNoneMatch, etag)) {
    return new Response(null, { status: 304, headers });
  }
  const bytes =
    written.get(userId) ?? written.set(userId, joinedIds(release.catalogue, shard.items(row)));
  return new Response(bytes, { headers });
}

/** Where the path begins in a URL. */
export function pathStart(url: string): number {
  return url.indexOf("/", url.indexOf("//") + 2);
}

interface Prepared {
  readonly etag: string;
  readonly headers: Headers;
  readonly answers: Tally;
  readonly logged: boolean;
  readonly written: WrittenLists;
}

const known = new WeakMap<ServedRelease, Prepared | null>();
/** The same for lists of experiments, by arms: a pointer that is read anew brings new arms. */
const tried = new WeakMap<ServedRelease, WeakMap<object, Prepared | null>>();

/** The headers of every list of a release, made once; null where they depend on who asks. */
function preparedFor(release: ServedRelease, env: ApiEnv): Prepared | null {
  const before = known.get(release);
  if (before !== undefined) return before;
  const written = new WrittenLists(env.TENANT === undefined ? undefined : TENANT_LISTS_BYTES);
  const prepared = prepare(release, [], env, written);
  known.set(release, prepared);
  return prepared;
}

/** The same for whoever is in one experiment; who is in several is rare enough to be prepared anew. */
function triedFor({ release, exposures }: HeldList, env: ApiEnv): Prepared | null {
  const untried = preparedFor(release, env);
  if (untried === null) return null;
  const { written } = untried;
  const [{ arm } = { arm: null }, ...others] = exposures;
  if (arm === null || others.length > 0) return prepare(release, exposures, env, written);
  const arms = tried.get(release) ?? new WeakMap<object, Prepared | null>();
  tried.set(release, arms);
  const before = arms.get(arm);
  if (before !== undefined) return before;
  const prepared = prepare(release, exposures, env, written);
  arms.set(arm, prepared);
  return prepared;
}

function prepare(
  release: ServedRelease,
  exposures: readonly Exposure[],
  env: ApiEnv,
  written: WrittenLists,
): Prepared | null {
  const shared = fixedCorsHeaders(env);
  if (shared === null) return null;
  const headers = answerHeaders({ ...LIST, release, exposures }, TEXT, env.TENANT?.name);
  return {
    etag: headers["etag"]!,
    headers: new Headers({ ...headers, ...shared }),
    answers: trafficOf(env).tally("answers", { release: release.id, source: LIST.source }),
    logged: loggedRequests(env) === "all",
    written,
  };
}

/** Item ids, comma-separated. A comma inside an id would read as two ids: it travels percent-encoded. */
export function joined(ids: readonly string[]): string {
  return ids.map((id) => id.replaceAll(",", "%2C")).join(",");
}

/** The same of item indices, without an array between. */
function joinedIds(catalogue: CatalogueView, indices: ArrayLike<number>): string {
  let text = "";
  for (let at = 0; at < indices.length; at++) {
    const id = catalogue.id(indices[at]!);
    text += (at === 0 ? "" : ",") + (id.includes(",") ? id.replaceAll(",", "%2C") : id);
  }
  return text;
}
