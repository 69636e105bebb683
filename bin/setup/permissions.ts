import { UsherError } from "../../release/error.ts";
import { ApiRefusal } from "./api-client.ts";
import type { CloudflareAccount } from "./cloudflare.ts";

/** A permission of the API token: its name in Cloudflare's dashboard, what for, how it is tried. */
interface Permission {
  readonly name: string;
  readonly why: string;
  readonly probe: string;
}

const ALWAYS: readonly Permission[] = [
  {
    name: "Account > Workers Scripts > Edit",
    why: "uploads the three Workers with their secrets, cron triggers and the Durable Object",
    probe: "/workers/scripts",
  },
  {
    name: "Account > Workers KV Storage > Edit",
    why: "makes the namespace, and pushes releases into it",
    probe: "/storage/kv/namespaces?per_page=10",
  },
  {
    name: "Account > Queues > Edit",
    why: "makes the queues of events, dead letters and lists, and attaches their consumers",
    probe: "/queues?per_page=10",
  },
];
const FOR_BUCKET: Permission = {
  name: "Account > Workers R2 Storage > Edit",
  why: "makes the bucket for snapshots (only with --bucket)",
  probe: "/r2/buckets",
};

/** The permissions that a setup needs. */
export function neededPermissions(bucket: boolean): readonly Permission[] {
  return bucket ? [...ALWAYS, FOR_BUCKET] : ALWAYS;
}

/**
 * Tries every permission by reading. (That a token may write cannot be tried without writing: a token
 * with "Read" in place of "Edit" fails at the first part to be made, with the same advice.)
 *
 * @throws UsherError `TOKEN_PERMISSIONS` that names all that are missing at once.
 */
export async function requirePermissions(
  cloudflare: CloudflareAccount,
  bucket: boolean,
): Promise<void> {
  const needed = neededPermissions(bucket);
  const refusals = await Promise.all(needed.map(({ probe }) => refusalOf(cloudflare, probe)));
  const missing = needed.filter((_, at) => refusals[at] !== null);
  if (missing.length === 0) return;
  const list = missing.map(({ name, why }) => `\n  ${name}: ${why}`).join("");
  const said = refusals.find((refusal) => refusal !== null)!.message;
  throw new UsherError(
    "TOKEN_PERMISSIONS",
    `The API token lacks, for account ${cloudflare.id}:${list}\nAdd them at https://dash.cloudflare.com/profile/api-tokens and run this again. (${said})`,
  );
}

async function refusalOf(cloudflare: CloudflareAccount, probe: string): Promise<ApiRefusal | null> {
  try {
    await cloudflare.send("GET", probe);
    return null;
  } catch (error) {
    if (error instanceof ApiRefusal && isForbidden(error)) return error;
    throw error;
  }
}

/** Code 10000 is "Authentication error", 9109 "Unauthorized to access requested resource". */
export function isForbidden({ status, codes }: ApiRefusal): boolean {
  return status === 401 || status === 403 || codes.includes(10000) || codes.includes(9109);
}
