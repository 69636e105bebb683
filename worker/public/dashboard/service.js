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
 *
 * @typedef {object} Experiment
 * @property {string} id
 * @property {string} name
 * @property {"split" | "interleaving"} mode
 * @property {string} primary the metric that decides
 * @property {readonly { name: string, share: number, release: string | null, parameters: { diversity?: number } }[]} arms
 * @property {"draft" | "running" | "stopped"} status
 * @property {{ sentence: string } | null} plan
 * @property {{ sentence: string } | null} verdict what was found when it was stopped
 * @property {Readonly<Record<string, number>>} exposed users by arm
 * @property {string | null} startedAt ISO 8601
 * @property {string | null} stoppedAt
 * @property {string | null} shippedArm
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

/** @returns {Promise<{ experiments: readonly Experiment[] }>} */
export function askExperiments() {
  return ask("/v1/experiments", "GET");
}

/** @param {unknown} definition @returns {Promise<Experiment>} */
export function defineExperiment(definition) {
  return ask("/v1/experiments", "POST", definition);
}

/**
 * @param {string} experiment its id
 * @param {"start" | "stop" | "ship"} change
 * @param {{ arm?: string }} [body] which arm is shipped
 * @returns {Promise<Experiment>}
 */
export function changeExperiment(experiment, change, body = {}) {
  return ask(`/v1/experiments/${encodeURIComponent(experiment)}/${change}`, "POST", body);
}

/** @param {string} experiment its id @returns {Promise<import("../experiment/results.js").Results>} */
export function askResults(experiment) {
  return ask(resultsOf(experiment), "GET");
}

/** @param {string} experiment its id */
export async function askResultsCsv(experiment) {
  const response = await answerTo(`${resultsOf(experiment)}?format=csv`, "GET");
  return response.text();
}

/** @param {string} experiment */
function resultsOf(experiment) {
  return `/v1/experiments/${encodeURIComponent(experiment)}/results`;
}

/**
 * @param {string} path
 * @param {"GET" | "POST"} method
 * @param {unknown} [body]
 * @throws {Refusal}
 */
async function ask(path, method, body) {
  return (await answerTo(path, method, body)).json();
}

/**
 * @param {string} path
 * @param {"GET" | "POST"} method
 * @param {unknown} [body]
 * @throws {Refusal}
 */
async function answerTo(path, method, body) {
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
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  const said = String(answer.detail ?? `The service answered ${response.status}.`);
  throw new Refusal(said, response.status === 401 || response.status === 403);
}
