/** What the consumer Worker is bound to; `worker/consumer/wrangler.toml` declares it. */
export interface ConsumerEnv {
  readonly DATABASE_URL: string;
  /** Set where Postgres is reached through a plain WebSocket proxy, as on a developer's machine. */
  readonly DATABASE_WS_PROXY?: string;
  /** Dead letters go here while the database is away. */
  readonly RELEASES: { put(key: string, value: string): Promise<void> };
  readonly DEAD_QUEUE: string;
  readonly RETRY_FIRST_SECONDS: string;
}
