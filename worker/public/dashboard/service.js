/**
 * @typedef {object} Release
 * @property {string} release
 * @property {string} status in Postgres
 * @property {string} createdAt ISO 8601
 * @property {string | null} activatedAt
 * @property {string | null} model
 * @property {Readonly<Record<string, { mean: number, ci95: [number, number] }>>} metrics
 * @property {number} bytes
 *
 * @typedef {object} Serving
 * @property {readonly { release: string, share: number }[]} serving
 * @property {string | null} previous what a rollback returns to
 * @property {string | null} changedAt
 *
 * @typedef {Serving & {
 *   staged: { release: string, stagedAt: string, verified: number } | null,
 *   refused: { release: string, refusedAt: string, reason: string } | null,
 *   releases: readonly Release[],
 * }} Releases
 *
 * @typedef {object} Status
 * @property {{ events: number, users: number, items: number, quarantined: number }} stored
 * @property {{ hours: readonly { hour: string, events: number }[], partial: boolean, lastEventAt: string | null, deadLetters: number, quarantined: number }} intake
 * @property {readonly { run: string, at: string, outcome: string, milliseconds: number }[]} cron
 * @property {string | null} trendingComputedAt
 * @property {readonly HourOfTraffic[]} traffic
 * @property {readonly { release: string, createdAt: string, takenAt: string | null, interactions: number, ratingPsi: number | null }[]} drift
 * @property {{ charges: readonly { what: string, used: number, included: number, dollars: number }[], dollars: number }} cost
 *
 * @typedef {{ p50: number | null, p99: number | null }} Percentiles in ms
 *
 * @typedef {object} HourOfTraffic
 * @property {string} hour ISO 8601
 * @property {Readonly<Record<"list" | "fold-in" | "trending" | "fallback" | "none", number>>} answers
 * @property {number} degraded
 * @property {number} errors
 * @property {Readonly<Record<"accepted" | "duplicate" | "rejected", number>>} events
 * @property {Percentiles} wait
 * @property {Percentiles} lag
 */

const KEY = "usher.key";

/** What the service said instead of an answer, in words for the reader. */
export class Refusal extends Error {
  /** @param {string} message @param {boolean} wantsKey whether another API key may help */
  constructor(message, wantsKey) {
    super(message);
    this.name = "Refusal";
    this.wantsKey = wantsKey;
  }
}

/** Keeps the key for as long as this tab is open. @param {string} key */
export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

/** @returns {Promise<Releases>} */
export function askReleases() {
  return ask("/v1/releases", "GET");
}

/** @returns {Promise<Status>} */
export function askStatus() {
  return ask("/v1/status", "GET");
}

/** @param {string} release @returns {Promise<{ state: "serving" | "staged" }>} */
export function activate(release) {
  return ask(`/v1/releases/${encodeURIComponent(release)}/activate`, "POST", {});
}

/** @returns {Promise<{ release: string }>} */
export function rollBack() {
  return ask("/v1/releases/rollback", "POST", {});
}

/**
 * @param {string} path
 * @param {"GET" | "POST"} method
 * @param {unknown} [body]
 * @throws {Refusal}
 */
async function ask(path, method, body) {
  const key = sessionStorage.getItem(KEY);
  const response = await fetch(path, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refusal("The service cannot be reached. It is asked again in a few seconds.", false);
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const said = String(answer.detail ?? `The service answered ${response.status}.`);
  throw new Refusal(said, response.status === 401 || response.status === 403);
}
