import { problemOf, UsherProblem } from "./problem.ts";

/** How the service is reached. */
export interface Connection {
  /** Origin of the API; "" in a page that it serves itself. */
  readonly url: string;
  /** API key for events, where the service asks for one. */
  readonly key?: string | undefined;
  /** Longest wait for one answer, in ms. */
  readonly timeoutMs: number;
  /** Times that a call is repeated when the service is busy or away. */
  readonly retries: number;
  readonly fetch: typeof fetch;
}

interface Call {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Whether the key goes along: with a read it would pass every cache by. */
  readonly authorised?: boolean;
  /** Lets the call outlive the page. */
  readonly keepalive?: boolean;
}

/** What one try came to. `retryAfter` is the service's own word, null where it has none. */
type Outcome<Answer> =
  | { readonly answer: Answer }
  | { readonly problem: UsherProblem; readonly retryAfter: string | null };

const FIRST_WAIT_MS = 250;
/** A service that wants a longer pause than this is asked by whoever called, not from here. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Asks the service; busy (429) and away (5xx, no answer) are tried again, after `Retry-After` where it
 * says so. Every call is safe to repeat: reads change nothing, events carry what makes them the same.
 *
 * @throws UsherProblem when the last try failed; the signal's reason when it was aborted.
 */
export async function request<Answer>(
  connection: Connection,
  path: string,
  call: Call = {},
): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await once<Answer>(connection, path, call);
    if ("answer" in outcome) return outcome.answer;
    const { problem, retryAfter } = outcome;
    const wait = waitBefore(attempt, retryAfter);
    const again = problem.status === 429 || problem.status >= 500 || problem.status === 0;
    if (!again || attempt >= connection.retries || wait > LONGEST_WAIT_MS) throw problem;
    await pause(wait, call.signal);
  }
}

/** The answer is read to its end in here: it may break off or stall as well as never begin. */
async function once<Answer>(
  { url, key, timeoutMs, fetch }: Connection,
  path: string,
  { body, signal, authorised = false, keepalive = false }: Call,
): Promise<Outcome<Answer>> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (authorised && key !== undefined) headers["authorization"] = `Bearer ${key}`;
  try {
    const response = await fetch(url + path, {
      headers,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(keepalive ? { keepalive } : {}),
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (response.ok) return { answer: (await response.json()) as Answer };
    const retryAfter = response.headers.get("retry-after");
    return { problem: await problemOf(response), retryAfter };
  } catch {
    signal?.throwIfAborted();
    const problem = timeout.aborted
      ? new UsherProblem(0, "TIMEOUT", `The service did not answer within ${timeoutMs} ms.`)
      : new UsherProblem(
          0,
          "UNREACHABLE",
          "The service cannot be reached. Check the connection and try again.",
        );
    return { problem, retryAfter: null };
  }
}

/** `Retry-After` in seconds or as a date, else a wait that doubles, drawn so that clients spread out. */
function waitBefore(attempt: number, retryAfter: string | null): number {
  if (retryAfter === null) return FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random());
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Math.max(0, ms || 0);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}
