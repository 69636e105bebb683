import pRetry, { AbortError } from "p-retry";
import type { UsherEvent } from "../events/event.ts";
import { UsherError } from "../release/error.ts";
import type { CallOutcome } from "../trainer/import/replay.ts";

/** Statuses after which the same call may be taken. */
const PASSING = new Set([429, 500, 502, 503, 504]);
const ATTEMPTS = 8;

/**
 * Sends events to `POST /v1/events`, again where it is refused for the moment.
 *
 * @param apiKey from `USHER_API_KEY`; not needed where no keys are configured.
 * @throws UsherError `EVENTS_REFUSED` with the API's own sentence.
 */
export async function postEvents(
  api: string,
  apiKey: string | undefined,
  events: readonly UsherEvent[],
): Promise<CallOutcome> {
  const body = JSON.stringify({ events: events.map(asSent) });
  const headers = {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  const attempt = async () => {
    const response = await fetch(`${api}/v1/events`, { method: "POST", headers, body });
    const answer = (await response.json()) as Partial<CallOutcome> & { detail?: string };
    if (response.status === 202 || response.status === 422) {
      const { accepted = 0, duplicates = 0, rejected = 0 } = answer;
      return { accepted, duplicates, rejected };
    }
    const message = `${api} answered ${response.status}: ${answer.detail ?? "no reason given"}`;
    const error = new UsherError("EVENTS_REFUSED", message);
    throw PASSING.has(response.status) ? error : new AbortError(error);
  };
  return pRetry(attempt, { retries: ATTEMPTS, minTimeout: 500 });
}

/** What is not there is left out: the API takes a value on ratings only. */
function asSent(event: UsherEvent): Partial<UsherEvent> {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
}
