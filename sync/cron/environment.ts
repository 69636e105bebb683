import type { ListsMessage } from "../../release/lists-order.ts";
import type { HealthBinding } from "./api-formats.ts";
import type { ApiBinding } from "./purge.ts";

/** What the cron Worker is bound to; `sync/wrangler.toml` declares it. */
export interface CronEnv {
  readonly RELEASES: KVNamespace;
  /** The API Worker: says which formats it reads, and purges its cache after a change of release. */
  readonly API?: ApiBinding & HealthBinding;
  /** The queue of lists that are to be made at the edge; this Worker consumes it too. */
  readonly LISTS: Queue<ListsMessage>;
  readonly DATABASE_URL: string;
  /** Set where Postgres is reached through a plain WebSocket proxy, as on a developer's machine. */
  readonly DATABASE_WS_PROXY?: string;
  readonly VERIFY_VALUES_PER_RUN: string;
  readonly VERIFY_MEGABYTES_PER_RUN: string;
  readonly SETTLE_SECONDS: string;
  readonly TRENDING_HALF_LIFE_HOURS: string;
  readonly RELEASES_KEPT: string;
  readonly DELETES_PER_RUN: string;
}
