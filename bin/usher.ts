import { Command, CommanderError } from "commander";
import { UsherError } from "../release/error.ts";
import { codeVersion } from "./code-version.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { takeTenant, workForTenant } from "./tenant-option.ts";

/** A command of the table: its sentence in the help, and where it is. */
interface Entry {
  readonly says: string;
  readonly load: () => Promise<Command>;
}

/** What `usher` can do. Only the command that is asked for is loaded: TensorFlow.js takes a second. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  up: {
    says: "run all of Usher here: database, import, training, Workers",
    load: async () => (await import("./commands/up.ts")).upCommand(),
  },
  import: {
    says: "import events, items and users from files or standard input into the database",
    load: async () => (await import("./commands/import.ts")).importCommand(),
  },
  replay: {
    says: "play a file of events as live traffic, at a multiple of its own speed",
    load: async () => (await import("./commands/replay.ts")).replayCommand(),
  },
  follow: {
    says: "read an event stream from a Kafka topic into the database",
    load: async () => (await import("./commands/follow.ts")).followCommand(),
  },
  redrive: {
    says: "send dead letters through again",
    load: async () => (await import("./commands/redrive.ts")).redriveCommand(),
  },
  cycle: {
    says: "snapshot, train, gate, push and activate: what is served learns from what is new",
    load: async () => (await import("./commands/cycle.ts")).cycleCommand(),
  },
  train: {
    says: 'train a model and write a release directory; "usher push" publishes it',
    load: async () => (await import("./commands/train.ts")).trainCommand(),
  },
  evaluate: {
    says: "measure models on your ratings; needs no database and nothing running",
    load: async () => (await import("./commands/evaluate.ts")).evaluateCommand(),
  },
  tune: {
    says: "look for better settings of the model within a time; the next training uses them",
    load: async () => (await import("./commands/tune.ts")).tuneCommand(),
  },
  datasets: {
    says: "list, show and compare the versions of the data that models learned from",
    load: async () => (await import("./commands/datasets.ts")).datasetsCommand(),
  },
  lists: {
    says: "make the lists of a release trained without them, on one machine or several",
    load: async () => (await import("./commands/lists.ts")).listsCommand(),
  },
  merge: {
    says: "join the parts of a release that several machines made",
    load: async () => (await import("./commands/merge.ts")).mergeCommand(),
  },
  push: {
    says: "put a release into Workers KV, whole or not at all, and activate it",
    load: async () => (await import("./commands/push.ts")).pushCommand(),
  },
  releases: {
    says: "list releases: when they were made, how good and large they are, what they do",
    load: async () => (await import("./commands/releases.ts")).releasesCommand(),
  },
  "explain-release": {
    says: "lead from a release back to its model, data, cleaning report and code",
    load: async () => (await import("./commands/explain-release.ts")).explainReleaseCommand(),
  },
  "explain-event": {
    says: "follow an event from the call that sent it to the datasets and releases that have it",
    load: async () => (await import("./commands/explain-event.ts")).explainEventCommand(),
  },
  activate: {
    says: "let a release serve everybody, or a share of the users",
    load: async () => (await import("./commands/activate.ts")).activateCommand(),
  },
  experiments: {
    says: "compare releases or parameters on users: define, start, stop, ship",
    load: async () => (await import("./commands/experiments.ts")).experimentsCommand(),
  },
  rollback: {
    says: "let the release before serve again, by one write",
    load: async () => (await import("./commands/rollback.ts")).rollbackCommand(),
  },
  fallback: {
    says: "take the popular items of what serves into the API Worker's next bundle",
    load: async () => (await import("./commands/fallback.ts")).fallbackCommand(),
  },
  status: {
    says: "tell what serves where, what waits, what the cron Worker did, what is stored",
    load: async () => (await import("./commands/status.ts")).statusCommand(),
  },
  backup: {
    says: "keep everything that Postgres holds beside the snapshots",
    load: async () => (await import("./commands/backup.ts")).backupCommand(),
  },
  archive: {
    says: "move old events from the database into files, where training still finds them",
    load: async () => (await import("./commands/archive.ts")).archiveCommand(),
  },
  restore: {
    says: "bring Workers KV back from a release directory, or Postgres from a backup",
    load: async () => (await import("./commands/restore.ts")).restoreCommand(),
  },
  keys: {
    says: "make an API key, and the hash of it that the service is told",
    load: async () => (await import("./commands/keys.ts")).keysCommand(),
  },
  setup: {
    says: "deploy: from empty Cloudflare and Neon accounts to a running service",
    load: async () => (await import("./commands/setup.ts")).setupCommand(),
  },
  rollout: {
    says: "let a new version of the API Worker in, 1, 10, 100 %, and back when it errs",
    load: async () => (await import("./commands/rollout.ts")).rolloutCommand(),
  },
  destroy: {
    says: "remove what setup made, after showing it; the database only when asked",
    load: async () => (await import("./commands/destroy.ts")).destroyCommand(),
  },
  migrate: {
    says: "bring the database to this code's schema",
    load: async () => (await import("./commands/migrate.ts")).migrateCommand(),
  },
  tenants: {
    says: "list, add, limit and remove further catalogues of this deployment; --tenant NAME works on one",
    load: async () => (await import("./commands/tenants.ts")).tenantsCommand(),
  },
  doctor: {
    says: "look at everything that must work, and say what to do about what does not",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  },
};

/** What still holds the process so long after its work ended is given up, in ms. */
const GRACE_MS = 500;

try {
  await (await program(process.argv[2])).parseAsync();
} catch (error) {
  process.exitCode = explain(error);
} finally {
  // The launcher's channel would keep the process alive; so would a training that was interrupted.
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), GRACE_MS).unref();
}

async function program(asked: string | undefined): Promise<Command> {
  const usher = new Command("usher")
    .description("Personal recommendations from the edge: train, publish, serve, learn again.")
    .version(codeVersion())
    .hook("preAction", (_, action) => workForTenant(action))
    .exitOverride()
    // An option after a sub-command is that one's own.
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what it takes)");
  for (const [name, { says, load }] of Object.entries(COMMANDS)) {
    const command = name === asked ? takeTenant(await load()) : new Command(name);
    usher.addCommand(command.description(says).exitOverride());
  }
  return usher;
}

/** One sentence for a person, and the exit code. A stack only where the fault is ours. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof UsherError) {
    console.error(`\nusher: ${error.message} [${error.code}]`);
    return exitCodeOf(error);
  }
  console.error("\nusher: something unexpected happened; this is a fault of Usher's.");
  console.error(error);
  return 70;
}
