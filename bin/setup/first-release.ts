import { countStored } from "../../drizzle/events.ts";
import { controlKeysIn } from "../../sync/kv/control-keys.ts";
import { openBackend } from "../../trainer/backend.ts";
import { readDirectory } from "../../trainer/import/read-directory.ts";
import { importWithProgress } from "../commands/import.ts";
import { runCycle } from "../cycle.ts";
import { activeRelease } from "../publish.ts";
import { publishRelease } from "../publish-release.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setup, Step } from "./step.ts";

const NOTHING_TO_SERVE =
  'none yet: import ratings ("usher import DIR"), then "usher cycle" trains and publishes';

/**
 * Something to serve: the release directory that was given, or a model of the ratings that were, or of
 * the events that the database has. Without any of them it is left to the owner.
 *
 * @param open the surroundings that the former steps have made.
 */
export function firstReleaseStep(setup: Setup, open: () => Surroundings): Step {
  const { release, data } = setup.wishes;
  const within = async <T>(act: (around: Surroundings) => Promise<T>): Promise<T> => {
    const around = open();
    try {
      return await act(around);
    } finally {
      await around.close();
    }
  };
  return {
    id: "release",
    what: "first release",
    makes: [
      release !== null
        ? `usher push ${release}`
        : data === null
          ? "usher cycle"
          : `usher import ${data}, then usher cycle`,
    ],
    look: () =>
      within(async (around) => {
        const { pointer } = await controlKeysIn(around.kv);
        if (pointer !== null) return `${pointer.arms[0]!.release} serves`;
        if (release !== null || data !== null) return null;
        const { events } = await countStored(around.database);
        return events === 0 ? NOTHING_TO_SERVE : null;
      }),
    make: () =>
      within(async (around) => {
        if (release !== null) await publishRelease(around, release, setup.progress);
        else await train(setup, around);
        return `${await activeRelease(around.kv)} serves`;
      }),
  };
}

async function train({ wishes, progress }: Setup, around: Surroundings): Promise<void> {
  const { data } = wishes;
  if (data !== null) {
    const reading = await readDirectory(data);
    await importWithProgress(around.database, data, reading, progress);
  }
  await openBackend();
  await runCycle(around, progress);
}
