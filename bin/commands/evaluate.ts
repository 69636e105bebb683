import { Command, Option } from "commander";
import { eventOfRating } from "../../events/formats/format.ts";
import { UsherError } from "../../release/error.ts";
import type { EventRow } from "../../trainer/clean.ts";
import { buildDataset, type Dataset } from "../../trainer/dataset.ts";
import { evaluate } from "../../trainer/evaluation/evaluate.ts";
import type { SplitKind } from "../../trainer/evaluation/forms.ts";
import type { DirectoryReading } from "../../trainer/import/read-directory.ts";
import { badRowsInWords } from "../bad-rows-in-words.ts";
import { formatEvaluation } from "../evaluation-table.ts";
import { type FolderOptions, openFolder, withFolderFormat } from "../import-source.ts";
import { halfLifeOption } from "../model-options.ts";
import { createProgress, type Progress } from "../progress.ts";
import { wholeNumber } from "./train.ts";

interface EvaluateCommandOptions extends FolderOptions {
  readonly data: string;
  readonly models?: string;
  readonly split: SplitKind;
  readonly seeds: number;
  readonly heldOut: number;
  readonly halfLife?: number;
  readonly json?: boolean;
}

/** `usher evaluate`: how well each model finds what held-out users went on to choose. */
export function evaluateCommand(): Command {
  return withFolderFormat(
    new Command("evaluate").requiredOption("--data <dir>", "folder of your ratings"),
  )
    .option("--models <names>", "comma-separated (default: all that fit the catalogue)")
    .addOption(
      new Option(
        "--split <kind>",
        "strong: users the model does not know; temporal: what came later",
      )
        .choices(["strong", "temporal"])
        .default("strong"),
    )
    .option("--seeds <n>", "splits to average over, seeds 1..N", wholeNumber, 1)
    .option("--held-out <n>", "users held out for validation, and again for test", wholeNumber, 500)
    .addOption(halfLifeOption())
    .option("--json", "print one JSON object")
    .action(async (options: EvaluateCommandOptions) => {
      const progress = createProgress();
      const dataset = await datasetOf(options.data, options, progress);
      progress.step(`Evaluating, ${options.split} split`);
      const evaluation = await evaluate(dataset, {
        split: options.split,
        seeds: Array.from({ length: options.seeds }, (_, at) => at + 1),
        heldOutUsers: options.heldOut,
        weighting: { halfLifeDays: options.halfLife },
        ...(options.models === undefined ? {} : { models: options.models.split(",") }),
        onProgress: ({ message, fraction }) => progress.update(message, fraction ?? null),
      });
      progress.done(`measured on ${evaluation.protocol.heldOutUsers} test users a seed`);
      console.log(
        options.json === true ? JSON.stringify(evaluation) : formatEvaluation(evaluation),
      );
    });
}

/**
 * The ratings of a folder as a dataset, without a database.
 *
 * @throws UsherError those of reading, and `IMPORT_NO_RATINGS` with the reasons when every row is bad.
 */
export async function datasetOf(
  dir: string,
  options: FolderOptions,
  progress: Progress,
): Promise<Dataset> {
  progress.step(`Reading ${dir}`);
  const reading = await openFolder(dir, options);
  const dataset = await buildDataset(eventRows(dir, reading), {
    onRows: (rows) => progress.update(`${rows.toLocaleString("en")} ratings`, null),
  });
  progress.done(
    `${dataset.report.kept.toLocaleString("en")} interactions of ${dataset.userIds.length} users with ${dataset.itemIds.length} items${badRowsInWords(reading.counts, "left out")}`,
  );
  return dataset;
}

async function* eventRows(dir: string, reading: DirectoryReading): AsyncGenerator<EventRow[]> {
  for await (const { ratings } of reading.batches) yield ratings.map(eventOfRating);
  if (reading.counts.ratings > 0) return;
  throw new UsherError(
    "IMPORT_NO_RATINGS",
    `${dir}: not one rating could be read${badRowsInWords(reading.counts, "left out")}\nOther scales and times are described by a mapping: see --mapping and docs/events.md.`,
  );
}
