/** The one place where a database is opened, so that Hyperdrive can take the driver's place. */
import { Client, Pool } from "@neondatabase/serverless";
import { drizzle, type NeonDatabase } from "drizzle-orm/neon-serverless";
import * as schema from "./schema.ts";

/** An open database: drizzle for queries, the pool below it for single connections. */
export interface Database {
  readonly db: NeonDatabase<typeof schema>;
  readonly pool: Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /**
   * `host:port/path` of a plain WebSocket proxy in front of Postgres, for a database that is not
   * Neon. Neon itself is reached over TLS without one.
   */
  readonly wsProxy?: string | undefined;
  /** Connections at most; a Worker needs one. */
  readonly connections?: number;
  /** A connection or a statement that takes longer has failed, in ms. Unbounded by default. */
  readonly timeoutMs?: number;
}

/** Opens a database in Node or in a Worker. Connections are made when first needed. */
export function openDatabase(connectionString: string, options: DatabaseOptions = {}): Database {
  const { connections = 4, timeoutMs } = options;
  const timeouts =
    timeoutMs === undefined ? {} : { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs };
  const pool = new Pool({ connectionString, max: connections, ...timeouts });
  if (options.wsProxy !== undefined) pool.Client = clientThrough(options.wsProxy);
  // An idle connection that the other side closes must not end the process; the next query says so.
  pool.on("error", () => {});
  let closed: Promise<void> | undefined;
  return {
    db: drizzle(pool, { schema }),
    pool,
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}

/** The driver's settings are kept to these clients: a local database and Neon may both be open. */
function clientThrough(wsProxy: string): typeof Client {
  return class extends Client {
    constructor(config?: ConstructorParameters<typeof Client>[0]) {
      super(config);
      this.neonConfig.wsProxy = () => wsProxy;
      this.neonConfig.useSecureWebSocket = false;
      this.neonConfig.pipelineTLS = false;
      this.neonConfig.pipelineConnect = false;
    }
  };
}
