/** The platform's limits that this code lives within, each with where it is written. */

// https://developers.cloudflare.com/kv/platform/limits/
export const KV_VALUE_BYTES = 25 * 1024 * 1024;
export const KV_KEY_BYTES = 512;
export const KV_METADATA_BYTES = 1_024;
export const KV_MIN_CACHE_TTL_SECONDS = 30;
/** Reads, writes and listings of one invocation; a bulk read counts as one. */
export const KV_OPERATIONS_PER_INVOCATION = 1_000;

// https://developers.cloudflare.com/workers/platform/limits/
export const WORKER_MEMORY_BYTES = 128 * 1024 * 1024;
/** Requests of one invocation that may wait for an answer at once. */
export const WORKER_CONNECTIONS = 6;

// https://developers.cloudflare.com/api/resources/kv/ (bulk write)
export const KV_BULK_PAIRS = 10_000;
export const KV_BULK_BYTES = 100_000_000;

// https://developers.cloudflare.com/fundamentals/api/reference/limits/ (of a user or token, whole API)
export const REST_REQUESTS_PER_5_MINUTES = 1_200;

// https://developers.cloudflare.com/queues/platform/limits/
export const QUEUE_MESSAGE_BYTES = 128_000;
export const QUEUE_SEND_BATCH_MESSAGES = 100;
export const QUEUE_SEND_BATCH_BYTES = 256_000;
