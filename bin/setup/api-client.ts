import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { retryAfterMs } from "../../sync/kv/retry-after.ts";

/** Where and as whom to talk to an API, and how patiently. */
export interface ApiAccess {
  /** Whose API it is, for errors: `Cloudflare`, `Neon`. */
  readonly of: string;
  readonly url: string;
  readonly token: string;
  /** Attempts at a request that may be repeated; 5 by default. */
  readonly attempts?: number;
  /** First pause between attempts in ms, doubled each time; 500 by default. */
  readonly backoffMs?: number;
  readonly timeoutMs?: number;
  /** Told of every request that goes out, once. */
  readonly onRequest?: (method: string, path: string) => void;
}

/** An API said no. `codes` are its own numbers, empty where it has none. */
export class ApiRefusal extends UsherError {
  readonly status: number;
  readonly codes: readonly number[];

  constructor(message: string, status: number, codes: readonly number[]) {
    super("API_REFUSED", message);
    this.status = status;
    this.codes = codes;
  }
}

/** No whole answer came: what was asked for may have been done, or not. */
export class NoAnswer extends UsherError {
  constructor(message: string, options?: ErrorOptions) {
    super("API_UNREACHABLE", message, options);
  }
}

const ErrorsSchema = v.object({
  errors: v.array(v.object({ code: v.optional(v.number()), message: v.string() })),
});
const MessageSchema = v.object({ message: v.string() });

/** Longer than this an answer's Retry-After is not waited for, in ms. */
const MOST_PATIENCE_MS = 5 * 60_000;
/** Refused before anything was done: any method may try again. 423 is Neon's "busy with this project". */
const BUSY = [423, 429];

/**
 * A JSON API over HTTP.
 *
 * What failed in passing is tried again, except a POST that may have been carried out: making
 * something twice is worse than an error, and whoever asked can look first.
 */
export class ApiClient {
  readonly #access: ApiAccess;

  constructor(access: ApiAccess) {
    this.#access = access;
  }

  get(path: string): Promise<unknown> {
    return this.send("GET", path);
  }

  /** @throws ApiRefusal, NoAnswer. */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const { attempts = 5, backoffMs = 500 } = this.#access;
    this.#access.onRequest?.(method, path);
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(method, path, body);
      if ("answer" in outcome) return outcome.answer;
      const again = method !== "POST" || outcome.nothingDone;
      const waitMs = Math.max(outcome.waitMs, backoffMs * 2 ** (attempt - 1));
      if (!outcome.passing || !again || attempt >= attempts || waitMs > MOST_PATIENCE_MS) {
        throw outcome.error;
      }
      await sleep(waitMs);
    }
  }

  async #attempt(method: string, path: string, body: unknown): Promise<Outcome> {
    const { url, token, of, timeoutMs = 60_000 } = this.#access;
    try {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      if (response.ok) return { answer: parsed(text) };
      return this.#refusal(method, path, response, text);
    } catch (cause) {
      const reason =
        cause instanceof Error ? ((cause.cause as Error)?.message ?? cause.message) : "";
      const message = `${of} gave no whole answer to ${method} ${path}: ${reason}.`;
      return {
        error: new NoAnswer(message, { cause }),
        passing: true,
        nothingDone: false,
        waitMs: 0,
      };
    }
  }

  #refusal(method: string, path: string, response: Response, text: string): Outcome {
    const { status } = response;
    const answer = parsed(text);
    const errors = v.is(ErrorsSchema, answer) ? answer.errors : [];
    const said = errors.map(({ code, message }) =>
      code === undefined ? message : `${message} [${code}]`,
    );
    if (said.length === 0)
      said.push(v.is(MessageSchema, answer) ? answer.message : text.slice(0, 200));
    const message = `${this.#access.of} refused ${method} ${path}: ${said.join("; ")} (HTTP ${status}).`;
    const codes = errors.flatMap(({ code }) => (code === undefined ? [] : [code]));
    return {
      error: status >= 500 ? new NoAnswer(message) : new ApiRefusal(message, status, codes),
      passing: status >= 500 || BUSY.includes(status),
      nothingDone: BUSY.includes(status),
      waitMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
    };
  }
}

type Outcome =
  | { readonly answer: unknown }
  | {
      readonly error: Error;
      /** May go well later. */
      readonly passing: boolean;
      readonly nothingDone: boolean;
      readonly waitMs: number;
    };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
