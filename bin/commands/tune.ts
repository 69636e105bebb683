import { Command, InvalidArgumentError } from "commander";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import type { Home } from "../../local/home.ts";
import { readAllEvents } from "../../trainer/archive/archived-events.ts";
import { buildDataset, type Dataset } from "../../trainer/dataset.ts";
import { CHOSEN_MODEL } from "../../trainer/models/registry.ts";
import { type TuneResult, tune } from "../../trainer/tune.ts";
import { storeTuned } from "../../trainer/tuning/tuned-settings.ts";
import { chooseHome } from "../homes.ts";
import { type FolderOptions, withFolderFormat } from "../import-source.ts";
import { createProgress, type Progress } from "../progress.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings } from "../surroundings.ts";
import { askedTenant, tenantHome } from "../tenant-surroundings.ts";
import { tunedSettingsPath, tuningStatePath } from "../tuning-files.ts";
import { datasetOf } from "./evaluate.ts";
import { wholeNumber } from "./train.ts";

interface TuneOptions extends FolderOptions {
  readonly minutes: number;
  readonly data?: string;
  readonly model: string;
  readonly seed: number;
  readonly heldOut: number;
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher tune`: better settings for these ratings, within a time; the next training uses them. */
export function tuneCommand(): Command {
  return withFolderFormat(new Command("tune"))
    .option("--minutes <n>", "how long to look, in minutes; run it again to go on", positive, 10)
    .option("--data <dir>", "folder of ratings (default: the events of the Usher that runs)")
    .option("--model <name>", "the model to tune (see usher evaluate)", CHOSEN_MODEL)
    .option("--seed <n>", "the split that train uses with this seed", wholeNumber, 1)
    .option("--held-out <n>", "users held out for validation, and again for test", wholeNumber, 500)
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the outcome as one JSON object")
    .action(async (options: TuneOptions) => {
      const progress = createProgress();
      const { home, dataset } = await source(options, progress);
      const { minutes, model, seed, heldOut } = options;
      progress.step(`Tuning ${model} for ${minutes} minutes`);
      const result = await tune({
        dataset,
        model,
        seed,
        heldOutUsers: heldOut,
        deadline: AbortSignal.timeout(minutes * 60_000),
        statePath: tuningStatePath(home, model, dataset.hash),
        onProgress: ({ message }) => progress.note(message),
      });
      await store(home, dataset, result);
      progress.done(outcome(result));
      if (options.json === true) console.log(JSON.stringify(result));
    });
}

/** The ratings to tune for, and the home that training reads the settings from. */
async function source(
  options: TuneOptions,
  progress: Progress,
): Promise<{ home: Home; dataset: Dataset }> {
  if (options.data !== undefined) {
    const dataset = await datasetOf(options.data, options, progress);
    return { home: tenantHome(await chooseHome(options), askedTenant()), dataset };
  }
  const around = await findSurroundings(options.home);
  try {
    progress.step("Reading and cleaning every event up to now");
    const watermark = await takeWatermark(around.database);
    const dataset = await buildDataset(
      readAllEvents(around.database, snapshotStore(around.home), watermark),
      { watermark },
    );
    return { home: around.home, dataset };
  } finally {
    await around.close();
  }
}

async function store(home: Home, dataset: Dataset, result: TuneResult): Promise<void> {
  const { model, settings, ndcg100, ownNdcg100, trials } = result;
  await storeTuned(tunedSettingsPath(home), {
    model,
    dataset: dataset.hash,
    interactions: dataset.matrix.indices.length,
    settings,
    ndcg100,
    ownNdcg100,
    trials: trials.length,
    tunedAt: new Date().toISOString(),
  });
}

function outcome({ model, settings, ndcg100, ownNdcg100, trials }: TuneResult): string {
  const own = ownNdcg100 === null ? "no figure" : ownNdcg100.toFixed(4);
  const found = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return found.length === 0
    ? `after ${trials.length} trials nothing beats ${model}'s own settings: NDCG@100 ${own}`
    : `after ${trials.length} trials: ${found.join(", ")} gives NDCG@100 ${ndcg100.toFixed(4)} against ` +
        `${own} with its own settings (validation users); the next training uses it`;
}

function positive(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 10_000) return number;
  throw new InvalidArgumentError("it takes a number of minutes above 0.");
}
