import type { Progress } from "../progress.ts";
import type { CloudflareAccount } from "./cloudflare.ts";
import type { Deployer } from "./deployer.ts";
import type { ResourceNames } from "./names.ts";
import type { NeonAccount } from "./neon.ts";
import type { SetupState } from "./state.ts";

/** One part of a deployment: how to tell that it is there, and how to make it. */
export interface Step {
  /** Stable: the state file knows the step by it. */
  readonly id: string;
  /** The part, as a person would call it. */
  readonly what: string;
  /** The requests and commands that making it takes, for `--dry-run`. */
  readonly makes: readonly string[];
  /** What is there already, in words; null when it is to be made. Changes nothing. */
  look(): Promise<string | null>;
  /** Makes it, and says what was made. */
  make(): Promise<string>;
}

/** What steps learn and later steps need. */
export interface Facts {
  namespaceId: string | null;
  /** Label of the account's `workers.dev` subdomain. */
  subdomain: string | null;
  /** What the Workers are told: through the pooler where there is one. */
  databaseUrl: string | null;
  /** What this machine uses, for migrations and training: a connection that keeps its session. */
  directDatabaseUrl: string | null;
}

/** What an owner asks of a setup. */
export interface SetupWishes {
  /** Folder with the Wrangler configurations and the sources. */
  readonly checkout: string;
  /** Make an R2 bucket for snapshots as well. */
  readonly bucket: boolean;
  /** Label to register on workers.dev when the account has none. */
  readonly subdomain: string | null;
  /** A release directory to push first, or a folder of ratings to import and train on. */
  readonly release: string | null;
  readonly data: string | null;
  /** Neon project to branch from, for a database that is a copy of another deployment's. */
  readonly branchOf: string | null;
  /** Where the API answers, when not on workers.dev. */
  readonly api: string | null;
  readonly databaseUrl: string | null;
  readonly databaseWsProxy: string | undefined;
}

/** Everything that steps work with. */
export interface Setup {
  readonly names: ResourceNames;
  readonly wishes: SetupWishes;
  readonly cloudflare: CloudflareAccount;
  /** Null without NEON_API_KEY. */
  readonly neon: NeonAccount | null;
  readonly deployer: Deployer;
  readonly state: SetupState;
  /** Puts the state onto the disk. */
  readonly saveState: () => Promise<void>;
  readonly facts: Facts;
  /** Hash of the code that the Workers are built from. */
  readonly sources: string;
  readonly progress: Progress;
}

/** A step needs what a former one would have made; only a dry run meets it. */
export class NotYet extends Error {}

/** What a former step has learned. @throws NotYet before that. */
export function known<T>(fact: T | null, what: string): T {
  if (fact === null) throw new NotYet(what);
  return fact;
}
