import { Command } from "commander";
import { readTenants } from "../../sync/kv/tenant-store.ts";
import { createProgress } from "../progress.ts";
import { findDeployment, type Surroundings } from "../surroundings.ts";
import { addTenant, removeTenant } from "../tenant-surroundings.ts";

interface TenantsOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher tenants [add | remove]`: further catalogues in this deployment, each for itself. */
export function tenantsCommand(): Command {
  const command = new Command("tenants")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON array")
    .action((options: TenantsOptions) =>
      onDeployment(options, async ({ kv }) => {
        const tenants = await readTenants(kv);
        if (options.json === true) console.log(JSON.stringify(tenants));
        else for (const tenant of tenants) console.log(tenant);
      }),
    );
  command.addCommand(subcommand("add", "a database, keys and paths of its own", add));
  command.addCommand(subcommand("remove", "no longer served; what it holds is kept", remove));
  return command;
}

function subcommand(
  name: string,
  says: string,
  run: (around: Surroundings, tenant: string) => Promise<void>,
): Command {
  return new Command(name)
    .description(says)
    .argument("<tenant>", "its name, of a-z, 0-9 and -")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action((tenant: string, _: TenantsOptions, command: Command) =>
      onDeployment(command.optsWithGlobals<TenantsOptions>(), (around) => run(around, tenant)),
    );
}

async function add(around: Surroundings, tenant: string): Promise<void> {
  const progress = createProgress();
  progress.step(`Making the database of ${tenant}`);
  const made = await addTenant(around, tenant);
  progress.done(
    made
      ? `${tenant} is there within a minute: "usher import --tenant ${tenant}", then "usher cycle --tenant ${tenant}"; answers at ${around.api ?? ""}/t/${tenant}/`
      : `${tenant} was there already; its database is up to date`,
  );
}

async function remove(around: Surroundings, tenant: string): Promise<void> {
  await removeTenant(around, tenant);
  createProgress().done(
    `${tenant} is not served any more within a minute; its keys and its database are as they were`,
  );
}

async function onDeployment(
  { home }: TenantsOptions,
  run: (around: Surroundings) => Promise<void>,
): Promise<void> {
  const around = await findDeployment(home);
  try {
    await run(around);
  } finally {
    await around.close();
  }
}
