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
  const name = decodeURIComponent(new URL(connectionString).pathname.slice(1));
  return explained(`Creating the database ${name}`, async () => {
    try {
      await deployment.pool.query(`create database "${name.replaceAll('"', '""')}"`);
      return true;
    } catch (error) {
      if (sqlState(error) === DUPLICATE_DATABASE) return false;
      throw error;
    }
  });
}
