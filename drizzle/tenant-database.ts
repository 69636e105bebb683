/** A tenant's data lies in a database of its own: no statement reaches from one into another. */
import type { Database } from "./database.ts";
import { explained, sqlState } from "./failure.ts";

const DUPLICATE_DATABASE = "42P04";

/** The connection string of a tenant's database: the deployment's, with the tenant in the name. */
export function tenantDatabaseUrl(connectionString: string, tenant: string): string {
  const url = new URL(connectionString);
  url.pathname = `${url.pathname}_${tenant}`;
  return url.href;
}

/**
 * Creates a tenant's database beside the deployment's, empty and without a schema.
 *
 * @param connectionString the tenant's, as `tenantDatabaseUrl` gives it.
 * @returns false when it was there already.
 * @throws UsherError `DATABASE_FAILED`, as where the role may not create databases.
 */
export async function createTenantDatabase(
  deployment: Database,
  connectionString: string,
): Promise<boolean> {
  const name = databaseName(connectionString);
  return explained(`Creating the database ${name}`, async () => {
    try {
      await deployment.pool.query(`create database ${quoted(name)}`);
      return true;
    } catch (error) {
      if (sqlState(error) === DUPLICATE_DATABASE) return false;
      throw error;
    }
  });
}

/** A database by its name, and the bytes that it takes; null where there is none. */
export async function findTenantDatabase(
  deployment: Database,
  connectionString: string,
): Promise<{ readonly name: string; readonly bytes: number } | null> {
  const name = databaseName(connectionString);
  const statement =
    "select pg_database_size(oid)::double precision as bytes from pg_database where datname = $1";
  const { rows } = await explained(`Looking for the database ${name}`, () =>
    deployment.pool.query<{ bytes: number }>(statement, [name]),
  );
  return rows[0] === undefined ? null : { name, bytes: rows[0].bytes };
}

/**
 * Drops a tenant's database with all that is in it, and ends whatever is connected to it.
 *
 * @param connectionString the tenant's, as `tenantDatabaseUrl` gives it.
 * @throws UsherError `DATABASE_FAILED`.
 */
export async function dropTenantDatabase(
  deployment: Database,
  connectionString: string,
): Promise<void> {
  const name = databaseName(connectionString);
  await explained(`Dropping the database ${name}`, () =>
    deployment.pool.query(`drop database if exists ${quoted(name)} with (force)`),
  );
}

function databaseName(connectionString: string): string {
  return decodeURIComponent(new URL(connectionString).pathname.slice(1));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
