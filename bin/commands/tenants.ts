import { Command, InvalidArgumentError } from "commander";
import type { Quotas } from "../../release/quota.ts";
import { readTenants } from "../../sync/kv/tenant-store.ts";
import { createProgress } from "../progress.ts";
import { findDeployment, type Surroundings } from "../surroundings.ts";
import { addTenant, changeQuotas, type QuotaChanges } from "../tenant-surroundings.ts";
import { tenantUse, useInWords } from "../tenant-use.ts";
import { type RemoveOptions, removeOrPurge } from "./tenants-remove.ts";

interface TenantsOptions extends RemoveOptions {
  readonly eventsADay?: number | "none";
  readonly answersADay?: number | "none";
  readonly items?: number | "none";
  readonly home?: string;
  readonly json?: boolean;
}

type Run = (around: Surroundings, tenant: string, options: TenantsOptions) => Promise<void>;

/** `usher tenants [add | quota | remove]`: further catalogues in this deployment, each for itself. */
export function tenantsCommand(): Command {
  const command = new Command("tenants")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON array")
    .action((options: TenantsOptions) => onDeployment(options, list));
  command.addCommand(takeQuotas(subcommand("add", "a database, keys and paths of its own", add)));
  command.addCommand(
    takeQuotas(subcommand("quota", "what it may use; shows it without more", quota)),
  );
  command.addCommand(
    subcommand("remove", "no longer served; what it holds is kept", removeOrPurge)
      .option("--purge", "what it holds goes too: database, keys, snapshots, backups")
      .option("--yes", "do it; without it a purge only shows what would go"),
  );
  return command;
}

function subcommand(name: string, says: string, run: Run): Command {
  return new Command(name)
    .description(says)
    .argument("<tenant>", "its name, of a-z, 0-9 and -")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action((tenant: string, _: TenantsOptions, command: Command) => {
      const options = command.optsWithGlobals<TenantsOptions>();
      return onDeployment(options, (around) => run(around, tenant, options));
    });
}

function takeQuotas(command: Command): Command {
  return command
    .option("--events-a-day <n>", "events accepted in a day of UTC, or none for no limit", limit)
    .option("--answers-a-day <n>", "lists, items and searches answered in a day of UTC", limit)
    .option("--items <n>", "items of a release", limit);
}

/** A parser that gives null would have Commander put an empty text in its place. */
function limit(text: string): number | "none" {
  if (text === "none") return text;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('A whole number from 0, or "none".');
}

async function list(around: Surroundings, { json }: TenantsOptions): Promise<void> {
  const listed = [];
  for (const [tenant, quotas] of await readTenants(around.kv)) {
    if (json === true) listed.push({ tenant, quotas, used: await tenantUse(around, tenant) });
    else console.log(await line(around, tenant, quotas));
  }
  if (json === true) console.log(JSON.stringify(listed));
}

/** Whoever has no quota is a name alone: no database is asked for it. One that is away hides no other. */
async function line(around: Surroundings, tenant: string, quotas: Quotas): Promise<string> {
  if (Object.keys(quotas).length === 0) return tenant;
  const use = await tenantUse(around, tenant).then(
    (used) => useInWords(used, quotas),
    (error: unknown) => `not known, ${error instanceof Error ? error.message : error}`,
  );
  return `${tenant}: ${use}`;
}

async function add(around: Surroundings, tenant: string, options: TenantsOptions): Promise<void> {
  const progress = createProgress();
  progress.step(`Making the database of ${tenant}`);
  const made = await addTenant(around, tenant, changesOf(options));
  progress.done(
    made
      ? `${tenant} is there within a minute: "usher import --tenant ${tenant}", then "usher cycle --tenant ${tenant}"; answers at ${around.api ?? ""}/t/${tenant}/`
      : `${tenant} was there already; its database is up to date`,
  );
}

async function quota(around: Surroundings, tenant: string, options: TenantsOptions): Promise<void> {
  const quotas = await changeQuotas(around, tenant, changesOf(options));
  const used = await tenantUse(around, tenant);
  if (options.json === true) console.log(JSON.stringify({ tenant, quotas, used }));
  else console.log(`${tenant}: ${useInWords(used, quotas)}`);
}

/** The quotas that were named, and no other option. */
function changesOf({ eventsADay, answersADay, items }: TenantsOptions): QuotaChanges {
  const named = Object.entries({ eventsADay, answersADay, items });
  const changes = named.flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, value === "none" ? null : value]];
  });
  return Object.fromEntries(changes) as QuotaChanges;
}

async function onDeployment(
  options: TenantsOptions,
  run: (around: Surroundings, options: TenantsOptions) => Promise<void>,
): Promise<void> {
  const around = await findDeployment(options.home);
  try {
    await run(around, options);
  } finally {
    await around.close();
  }
}
