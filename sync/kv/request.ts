/** One request to Cloudflare's REST API: paced, timed, tried again where that can help. */
import { setTimeout as sleep } from "node:timers/promises";
import pRetry, { AbortError } from "p-retry";
import pThrottle from "p-throttle";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { REST_REQUESTS_PER_5_MINUTES } from "../../release/limits.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Where and as whom to talk to Cloudflare's REST API. */
export interface RestAccess {
  /** `https://api.cloudflare.com/client/v4`, or a local stand-in. */
  readonly url: string;
  readonly accountId: string;
  readonly namespaceId: string;
  /** API token with the permission "Workers KV Storage: Edit". */
  readonly token: string;
  /** Attempts at one request before giving up; 6 by default (about 30 s of backing off). */
  readonly attempts?: number;
  /** First pause between attempts in milliseconds, doubled each time; 500 by default. */
  readonly backoffMs?: number;
  /** How long one request may take, in milliseconds; 120,000 by default. */
  readonly timeoutMs?: number;
  /** Requests in any 5 minutes; by default the account's limit less a sixth, for others who use it. */
  readonly requestsPer5Minutes?: number;
  readonly onRetry?: (message: string) => void;
}

const EnvelopeSchema = v.object({
  success: v.boolean(),
  errors: v.array(v.object({ code: v.optional(v.number()), message: v.string() })),
  result: v.unknown(),
  result_info: v.optional(v.object({ cursor: v.optional(v.nullable(v.string())) })),
});

export type Envelope = v.InferOutput<typeof EnvelopeSchema>;

const FIVE_MINUTES_MS = 5 * 60_000;
/** An answer that asks for longer than this is not waited for. */
const MOST_PATIENCE_MS = 2 * FIVE_MINUTES_MS;

/** An attempt that failed in a way that may pass. */
export class PassingFailure extends UsherError {
  /** What the other side asked to wait, in milliseconds. */
  readonly waitMs: number;

  constructor(
    code: string,
    message: string,
    { waitMs = 0, cause }: { waitMs?: number; cause?: unknown } = {},
  ) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.waitMs = waitMs;
  }
}

/** Cloudflare's REST API for one KV namespace. Every path is relative to the namespace. */
export class RestClient {
  readonly #access: RestAccess;
  readonly #base: string;
  readonly #pace: (send: () => Promise<Response>) => Promise<Response>;

  constructor(access: RestAccess) {
    this.#access = access;
    this.#base = `${access.url}/accounts/${access.accountId}/storage/kv/namespaces/${access.namespaceId}`;
    const limit = access.requestsPer5Minutes ?? Math.floor((REST_REQUESTS_PER_5_MINUTES * 5) / 6);
    const throttle = pThrottle({ limit, interval: FIVE_MINUTES_MS, strict: true });
    this.#pace = throttle((send: () => Promise<Response>) => send());
  }

  /** Tries an action until it succeeds, fails for good, or has failed too often. */
  attempt<T>(action: () => Promise<T>): Promise<T> {
    const { attempts = 6, backoffMs = 500, onRetry } = this.#access;
    return pRetry(action, {
      retries: attempts - 1,
      minTimeout: backoffMs,
      factor: 2,
      randomize: true,
      onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
        if (retriesLeft === 0) return;
        onRetry?.(`attempt ${attemptNumber} failed, trying again: ${error.message}`);
        if (error instanceof PassingFailure && error.waitMs > 0) await sleep(error.waitMs);
      },
    });
  }

  /** One attempt at a request that answers with Cloudflare's envelope. */
  async envelope(method: string, path: string, body?: string): Promise<Envelope> {
    const response = await this.#send(method, path, body);
    const text = await this.#body(response, (answer) => answer.text());
    if (!response.ok) throw this.#refusal(response, text);
    const parsed = v.safeParse(EnvelopeSchema, parseJson(text));
    if (!parsed.success) {
      const start = JSON.stringify(text.slice(0, 60));
      throw new PassingFailure(
        "KV_REST_ANSWER",
        `${this.#name(response)} answered ${start}, which is not Cloudflare's envelope.`,
      );
    }
    if (!parsed.output.success) throw this.#refusal(response, text);
    return parsed.output;
  }

  /** One attempt at reading bytes; null when there is no such key. */
  async bytes(path: string): Promise<ArrayBuffer | null> {
    const response = await this.#send("GET", path);
    if (response.ok) return this.#body(response, (answer) => answer.arrayBuffer());
    const text = await this.#body(response, (answer) => answer.text());
    if (response.status === 404 && isEnvelope(text)) return null;
    throw this.#refusal(response, text);
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    const { token, timeoutMs = 120_000 } = this.#access;
    const request: RequestInit = {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
    };
    const send = () =>
      fetch(this.#base + path, { ...request, signal: AbortSignal.timeout(timeoutMs) });
    try {
      return await this.#pace(send);
    } catch (cause) {
      throw unreachable(this.#base, cause);
    }
  }

  async #body<T>(response: Response, read: (response: Response) => Promise<T>): Promise<T> {
    try {
      return await read(response);
    } catch (cause) {
      throw unreachable(response.url, cause);
    }
  }

  /** 429 and 5xx are worth another try, after the time the answer asks for; the rest is final. */
  #refusal(response: Response, text: string): Error {
    const parsed = v.safeParse(EnvelopeSchema, parseJson(text));
    const reasons = parsed.success
      ? parsed.output.errors.map((error) => error.message)
      : [text.slice(0, 200)];
    const reason = reasons.join("; ") || "no reason given";
    const message = `Workers KV refused ${this.#name(response)}: ${reason} (HTTP ${response.status}).`;
    if (response.status !== 429 && response.status < 500) {
      return new AbortError(
        new UsherError("KV_REST_REFUSED", `${message}${advice(response.status)}`),
      );
    }
    const waitMs = retryAfterMs(response.headers.get("retry-after"), Date.now());
    if (waitMs > MOST_PATIENCE_MS) {
      const minutes = Math.round(waitMs / 60_000);
      return new AbortError(
        new UsherError(
          "KV_REST_BUSY",
          `${message} It asks to wait ${minutes} minutes; run this again then.`,
        ),
      );
    }
    return new PassingFailure("KV_REST_BUSY", message, { waitMs });
  }

  #name(response: Response): string {
    return new URL(response.url).pathname;
  }
}

function advice(status: number): string {
  if (status === 401 || status === 403) {
    return ' Check CLOUDFLARE_API_TOKEN: it needs the permission "Workers KV Storage: Edit" for this account.';
  }
  if (status === 404) return " Check CLOUDFLARE_ACCOUNT_ID and USHER_KV_NAMESPACE_ID.";
  return "";
}

function unreachable(url: string, cause: unknown): PassingFailure {
  const reason =
    cause instanceof Error
      ? cause.cause instanceof Error
        ? cause.cause.message
        : cause.message
      : "no reason";
  return new PassingFailure(
    "KV_REST_UNREACHABLE",
    `${new URL(url).host} gave no whole answer: ${reason}.`,
    { cause },
  );
}

function isEnvelope(text: string): boolean {
  return v.is(EnvelopeSchema, parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
