import type { DailyQuota } from "../../release/quota.ts";
import type { Operations } from "../consumer/operations.ts";
import type { People } from "../consumer/people.ts";
import type { LiveProfile } from "./live-profile.ts";
import type { LoggedEvents } from "./log-request.ts";

/** What the API Worker is bound to; `wrangler.toml` at the root declares it. */
export interface ApiEnv {
  readonly RELEASES: KVNamespace;
  readonly EVENTS: Queue;
  readonly LIVE_PROFILES: DurableObjectNamespace<LiveProfile>;
  readonly EVENTS_LIMIT: RateLimit;
  /** Calls of one tenant, whatever keys it has. */
  readonly TENANT_LIMIT: RateLimit;
  /** The consumer Worker, where the database is. */
  readonly PEOPLE: Service<People>;
  readonly OPERATIONS: Service<Operations>;
  readonly POINTER_REFRESH_SECONDS: string;
  /** Seconds between two messages of what an isolate counted; 60 by default. */
  readonly TRAFFIC_FLUSH_SECONDS?: string;
  /** Seconds that what users in experiments were shown waits in an isolate; 10 by default. */
  readonly EXPOSURES_FLUSH_SECONDS?: string;
  /** What an isolate counted goes here too, where it is bound. */
  readonly TELEMETRY?: AnalyticsEngineDataset;
  /** Which requests leave a line in the log: `all`, `computed` (the default), `errors`. */
  readonly LOG_REQUESTS?: string;
  /** `accept` or `refuse` events about items that the serving release does not know. */
  readonly UNKNOWN_ITEMS: string;
  /** `false` leaves the service open while no key is configured. */
  readonly KEYS_REQUIRED: string;
  /** Secret: JSON list of key hashes with their scopes. */
  readonly API_KEYS?: string;
  /** Origins whose pages may read answers: `*`, or a list with commas; none when empty. */
  readonly CORS_ORIGINS?: string;
  /** Whose catalogue is asked for; absent for the deployment's own. No binding: `tenant-view.ts`. */
  readonly TENANT?: Tenant;
}

/** A tenant's name, and the bindings that its own are made of. */
export interface Tenant {
  readonly name: string;
  readonly deployment: ApiEnv;
  /** The quotas that it has used up today. */
  readonly usedUp: () => readonly DailyQuota[];
}

/** Hono's view of the same, for handlers. */
export interface ApiContext {
  Bindings: ApiEnv;
  Variables: {
    /** Names the request in its answer, in the log, and in the messages it sent. */
    requestId: string;
    /** What a call of `POST /v1/events` brought. */
    events?: LoggedEvents;
  };
}
