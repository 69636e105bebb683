import { Command } from "commander";
import { noteVerdict } from "../../drizzle/experiment-results.ts";
import {
  endExperiment,
  findExperiment,
  type KnownExperiment,
  startExperiment,
} from "../../drizzle/experiments.ts";
import { markActive } from "../../drizzle/releases.ts";
import { releasesTried, withArm, withExperiments } from "../../experiments/pointer-change.ts";
import { UsherError } from "../../release/error.ts";
import { type Pointer, servingReleases } from "../../release/pointer.ts";
import { controlKeysIn, writePointer } from "../../sync/kv/control-keys.ts";
import { planInWords } from "../experiments-in-words.ts";
import { createProgress, type Progress } from "../progress.ts";
import { purgeCached } from "../purge.ts";
import { requireServable } from "../require-readable.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

interface RunOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher experiments start ID`: from the next answers on, its users see their arms. */
export function experimentStartCommand(): Command {
  return changeCommand("start", "let its users see their arms", async (around, id, progress) => {
    const experiment = await findExperiment(around.database, id);
    const pointer = await servingPointer(around);
    const releases = experiment.arms.map(({ release }) => release);
    await requireServable(around.api, around.kv, releases);
    progress.note(planInWords(experiment));
    const verified = [...servingReleases(pointer), ...releasesTried(pointer)];
    const running = await startExperiment(around.database, id, verified);
    return `${id} runs; ${await change(around, pointer, withExperiments(pointer, running))}`;
  });
}

/** `usher experiments stop ID`: everybody is served as before. */
export function experimentStopCommand(): Command {
  return changeCommand("stop", "serve everybody as before", async (around, id) => {
    const pointer = await servingPointer(around);
    const { running } = await endExperiment(around.database, id, null);
    const soon = await change(around, pointer, withExperiments(pointer, running));
    await noteVerdict(around.database, id, new Date());
    return `${id} has ended; ${soon}`;
  });
}

/** `usher experiments ship ID ARM`: the experiment ends, and one of its arms serves everybody. */
export function experimentShipCommand(): Command {
  const ship = async (around: Surroundings, id: string, _: Progress, name = "") => {
    const { arms } = await findExperiment(around.database, id);
    const pointer = await servingPointer(around);
    const shipped = arms.find((each) => each.name === name)?.release ?? null;
    await requireServable(around.api, around.kv, [shipped]);
    const { running, arm } = await endExperiment(around.database, id, name);
    const after = withArm(withExperiments(pointer, running), arm!, new Date());
    const soon = await change(around, pointer, after);
    await noteVerdict(around.database, id, new Date());
    if (arm!.release !== null) await markActive(around.database, arm!.release);
    return `${id} has ended, and ${name} serves everybody; ${soon}`;
  };
  return changeCommand("ship", "end it, and let one of its arms serve everybody", ship).argument(
    "<arm>",
    "the arm's name",
  );
}

/** One write, and one purge of whatever served: its users have other answers now. */
async function change(around: Surroundings, before: Pointer, after: Pointer): Promise<string> {
  await writePointer(around.kv, after);
  const served = [...before.arms.map(({ release }) => release), ...releasesTried(before)];
  const purged = await purgeCached(around.api, process.env["USHER_API_KEY"], [...new Set(served)]);
  return `every location follows within a minute; ${purged}`;
}

type Change = (
  around: Surroundings,
  id: string,
  progress: Progress,
  arm?: string,
) => Promise<string>;

function changeCommand(name: string, says: string, making: Change): Command {
  return new Command(name)
    .description(says)
    .argument("<experiment>", "its id")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the experiment as one JSON object")
    .action(async (id: string, ...rest: unknown[]) => {
      const command = rest.at(-1) as Command;
      const arm = typeof rest[0] === "string" ? rest[0] : undefined;
      const options = command.optsWithGlobals<RunOptions>();
      const progress = createProgress();
      const around = await findSurroundings(options.home, (message) => progress.note(message));
      try {
        const said = await making(around, id, progress, arm);
        if (options.json === true) {
          const after: KnownExperiment = await findExperiment(around.database, id);
          console.log(JSON.stringify(after));
        }
        progress.done(said);
      } finally {
        await around.close();
      }
    });
}

async function servingPointer(around: Surroundings): Promise<Pointer> {
  const { pointer } = await controlKeysIn(around.kv);
  if (pointer !== null) return pointer;
  throw new UsherError(
    "NO_RELEASE",
    'Nothing serves yet, so there is nothing to compare. Run "usher cycle".',
  );
}
