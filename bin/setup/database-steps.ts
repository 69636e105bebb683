import pRetry from "p-retry";
import { openDatabase } from "../../drizzle/database.ts";
import { migrate, pendingMigrations } from "../../drizzle/migrate.ts";
import { UsherError } from "../../release/error.ts";
import type { NeonAccount } from "./neon.ts";
import { known, type Setup, type Step } from "./step.ts";

/** The database, and its schema. */
export function databaseSteps(setup: Setup): Step[] {
  return [databaseStep(setup), migrationsStep(setup)];
}

function databaseStep(setup: Setup): Step {
  const { wishes, neon, facts } = setup;
  if (wishes.databaseUrl !== null) {
    facts.databaseUrl = wishes.databaseUrl;
    facts.directDatabaseUrl = wishes.databaseUrl;
    return {
      id: "database",
      what: "Postgres database",
      makes: [],
      look: async () => `given by DATABASE_URL: ${new URL(wishes.databaseUrl!).host}`,
      make: async () => "",
    };
  }
  if (neon === null) {
    throw new UsherError(
      "DATABASE_MISSING",
      "Set DATABASE_URL to a Postgres database, or NEON_API_KEY to have one made at Neon.",
    );
  }
  return wishes.branchOf === null
    ? projectStep(setup, neon)
    : branchStep(setup, neon, wishes.branchOf);
}

function projectStep({ names, facts }: Setup, neon: NeonAccount): Step {
  const connect = async (project: string) => {
    facts.databaseUrl = await neon.connectionUri(project, null, true);
    facts.directDatabaseUrl = await neon.connectionUri(project, null, false);
    return `${project}, ${new URL(facts.databaseUrl).host}`;
  };
  return {
    id: "database",
    what: `Neon project ${names.database}`,
    makes: [`POST /projects {"project":{"name":"${names.database}"}}`],
    look: async () => {
      const project = await neon.projectId(names.database);
      return project === null ? null : connect(project);
    },
    make: async () => connect(await neon.createProject(names.database)),
  };
}

function branchStep({ names, facts }: Setup, neon: NeonAccount, parent: string): Step {
  const project = async () => {
    const id = await neon.projectId(parent);
    if (id !== null) return id;
    throw new UsherError("NEON_PROJECT", `Neon has no project called "${parent}" to branch from.`);
  };
  const connect = async (branch: string) => {
    const id = await project();
    facts.databaseUrl = await neon.connectionUri(id, branch, true);
    facts.directDatabaseUrl = await neon.connectionUri(id, branch, false);
    return `${branch}, ${new URL(facts.databaseUrl).host}`;
  };
  return {
    id: "database",
    what: `Neon branch ${names.database} of ${parent}`,
    makes: [`POST /projects/${parent}/branches {"branch":{"name":"${names.database}"}}`],
    look: async () => {
      const branch = await neon.branchId(await project(), names.database);
      return branch === null ? null : connect(branch);
    },
    make: async () => connect(await neon.createBranch(await project(), names.database)),
  };
}

function migrationsStep({ facts, wishes }: Setup): Step {
  const open = () =>
    openDatabase(known(facts.directDatabaseUrl, "the database"), {
      wsProxy: wishes.databaseWsProxy,
    });
  return {
    id: "migrations",
    what: "database schema",
    makes: ["usher migrate"],
    look: async () => {
      const database = open();
      try {
        // A database that was made a moment ago may not let anybody in yet.
        const pending = await pRetry(() => pendingMigrations(database), { retries: 5 });
        return pending.length === 0 ? "all migrations applied" : null;
      } finally {
        await database.close();
      }
    },
    make: async () => {
      const database = open();
      try {
        const pending = await pendingMigrations(database);
        await migrate(database);
        return `applied ${pending.join(", ")}`;
      } finally {
        await database.close();
      }
    },
  };
}
