import { Command, InvalidArgumentError, Option } from "commander";
import { UsherError } from "../../release/error.ts";
import { BACKENDS, type BackendName, openBackend } from "../../trainer/backend.ts";
import type { ListDiversity } from "../../trainer/lists-plan.ts";
import { diversityOption, halfLifeOption, popularityDampingOption } from "../model-options.ts";
import { createProgress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";
import { type TrainChoices, trainRelease } from "../train-release.ts";

/** Options that `train` and `cycle` share. */
export interface TrainOptions {
  readonly home?: string;
  readonly seed?: number;
  readonly model?: string;
  readonly sampleUsers?: number;
  readonly force?: boolean;
  readonly backend?: BackendName;
  readonly lists?: "all" | "none";
  readonly diversity?: ListDiversity;
  readonly popularityDamping?: number;
  readonly halfLife?: number;
  readonly json?: boolean;
}

/** `usher train`: a release directory from the events in Postgres; nothing is published. */
export function trainCommand(): Command {
  const command = addTrainOptions(new Command("train")).addOption(
    new Option("--lists <which>", 'none leaves the lists to "usher lists"').choices([
      "all",
      "none",
    ]),
  );
  return command.action(async (options: TrainOptions) => {
    await openBackend(options.backend);
    const progress = createProgress();
    const around = await findSurroundings(options.home);
    try {
      const trained = await trainRelease(around, trainChoices(options), progress);
      if (options.json === true) console.log(JSON.stringify(trained));
      if (trained.kind !== "refused") return;
      throw new UsherError("GATE_REFUSED", `No release was written: ${trained.reasons.join(" ")}`);
    } finally {
      await around.close();
    }
  });
}

export function addTrainOptions(command: Command): Command {
  return command
    .option("--seed <n>", "the same events and seed give the same model", wholeNumber)
    .option("--model <name>", "the model to ship (see usher evaluate)")
    .option("--sample-users <share>", "learn from this share of the users, 0..1", shareOfOne)
    .option("--force", "train and ship even when nothing changed or the gate refuses; it is noted")
    .addOption(
      new Option("--backend <name>", "what multiplies matrices in training").choices(BACKENDS),
    )
    .addOption(diversityOption())
    .addOption(popularityDampingOption())
    .addOption(halfLifeOption())
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the outcome as one JSON object");
}

export function trainChoices(options: TrainOptions): TrainChoices {
  const { seed, model, lists, sampleUsers, force = false } = options;
  const { diversity, popularityDamping, halfLife: halfLifeDays } = options;
  return {
    force,
    ...(lists === undefined ? {} : { lists }),
    ...(sampleUsers === undefined ? {} : { sampleUsers }),
    diversity,
    popularityDamping,
    halfLifeDays,
    ...(seed === undefined ? {} : { seed }),
    ...(model === undefined ? {} : { model }),
  };
}

export function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("it takes a whole number.");
}

function shareOfOne(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError("it takes a share above 0 and up to 1, such as 0.25.");
}
