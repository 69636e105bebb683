import { Command } from "commander";
import { migrate, pendingMigrations } from "../../drizzle/migrate.ts";
import { createProgress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";
import { askedTenant, migrateTenants } from "../tenant-surroundings.ts";

/** `usher migrate`: brings the database to this code's schema, and those of all tenants. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action(async (options: { home?: string }) => {
      const progress = createProgress();
      const around = await findSurroundings(options.home);
      try {
        const pending = await pendingMigrations(around.database);
        await migrate(around.database);
        progress.done(pending.length === 0 ? "nothing to apply" : `applied ${pending.join(", ")}`);
        if (askedTenant() !== null) return;
        const tenants = await migrateTenants(around);
        if (tenants.length > 0) progress.done(`the same for ${tenants.join(", ")}`);
      } finally {
        await around.close();
      }
    });
}
