/** What the API Worker is bound to; `wrangler.toml` at the root declares it. */
export interface ApiEnv {
  readonly RELEASES: KVNamespace;
  readonly EVENTS: Queue;
  readonly POINTER_REFRESH_SECONDS: string;
  /** Origins whose pages may read answers: `*`, or a list with commas; none when empty. */
  readonly CORS_ORIGINS?: string;
}

/** Hono's view of the same, for handlers. */
export interface ApiContext {
  Bindings: ApiEnv;
}
