import pRetry, { AbortError } from "p-retry";
import type { UsherEvent } from "../events/event.ts";
import { UsherError } from "../release/error.ts";
import type { CallOutcome } from "../trainer/import/replay.ts";

/** Statuses after which the same call may be taken. */
const PASSING = new Set([429, 500, 502, 503, 504]);
/** Up to two minutes with the pauses between them, which double. */
const RETRIES = 8;
const RETRY_AFTER_MS = 500;
const TIMEOUT_MS = 60_000;

/**
 * Sends events to `POST /v1/events`, again where it is refused for the moment.
 *
 * @param apiKey from `USHER_API_KEY`; not needed where no keys are configured.
 * @param retryAfterMs the first pause before a call is made again.
 * @throws UsherError `EVENTS_REFUSED` with the API's own sentence, `API_UNREACHABLE`.
 */
export async function postEvents(
  api: string,
  apiKey: string | undefined,
  events: readonly UsherEvent[],
  retryAfterMs = RETRY_AFTER_MS,
): Promise<CallOutcome> {
  const body = JSON.stringify({ events: events.map(asSent) });
  const headers = {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  const attempt = async () => {
    const call = { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const response = await fetch(`${api}/v1/events`, call).catch((cause: Error) => {
      const why = cause.cause instanceof Error ? cause.cause.message : cause.message;
      throw new UsherError("API_UNREACHABLE", `${api} did not answer: ${why}.`, { cause });
    });
    const answer = await answerOf(response);
    if (response.status === 202 || response.status === 422) {
      const { accepted = 0, duplicates = 0, rejected = 0 } = answer;
      return { accepted, duplicates, rejected };
    }
    const message = `${api} answered ${response.status}: ${answer.detail ?? "no reason given"}`;
    const error = new UsherError("EVENTS_REFUSED", message);
    throw PASSING.has(response.status) ? error : new AbortError(error);
  };
  return pRetry(attempt, { retries: RETRIES, minTimeout: retryAfterMs });
}

type Answer = Partial<CallOutcome> & { readonly detail?: string };

/** What stands before a Worker answers in HTML when it cannot reach it: that says nothing more. */
async function answerOf(response: Response): Promise<Answer> {
  return (await response.json().catch(() => ({}))) as Answer;
}

/** What is not there is left out: the API takes a value on ratings only. */
function asSent(event: UsherEvent): Partial<UsherEvent> {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
}
