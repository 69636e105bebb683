/** What the API Worker is bound to; `wrangler.toml` at the root declares it. */
export interface ApiEnv {
  readonly RELEASES: KVNamespace;
  readonly EVENTS: Queue;
  readonly POINTER_REFRESH_SECONDS: string;
}

/** Hono's view of the same, for handlers. */
export interface ApiContext {
  Bindings: ApiEnv;
}
