import { Command } from "commander";
import { openBackend } from "../../trainer/backend.ts";
import { runCycle } from "../cycle.ts";
import { createProgress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";
import { addTrainOptions, type TrainOptions, trainChoices } from "./train.ts";

/** `usher cycle`: one turn of the loop, from the events in Postgres to what is served. */
export function cycleCommand(): Command {
  return addTrainOptions(new Command("cycle")).action(async (options: TrainOptions) => {
    await openBackend(options.backend);
    const progress = createProgress();
    const around = await findSurroundings(options.home, (message) =>
      progress.update(message, null),
    );
    try {
      const result = await runCycle(around, progress, trainChoices(options));
      if (options.json === true) console.log(JSON.stringify(result));
    } finally {
      await around.close();
    }
  });
}
