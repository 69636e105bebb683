import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { defineExperiment } from "../../drizzle/experiments.ts";
import {
  type Experiment,
  type ExperimentInput,
  experimentSchema,
  METRIC_NAMES,
  type MetricName,
} from "../../experiments/definition.ts";
import { UsherError } from "../../release/error.ts";
import { planInWords } from "../experiments-in-words.ts";
import { asPercentage } from "../quantities.ts";
import { findSurroundings } from "../surroundings.ts";

interface DefineOptions {
  readonly name?: string;
  readonly arm: ExperimentInput["arms"];
  readonly interleave?: boolean;
  readonly layer?: string;
  readonly primary?: MetricName;
  readonly guardrail?: MetricName[];
  readonly effect?: number;
  readonly power?: number;
  readonly salt?: string;
  readonly file?: string;
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher experiments define ID`: what is to be compared, and what it will take. */
export function experimentDefineCommand(): Command {
  return new Command("define")
    .description("say what is to be compared, and be told what it will take")
    .argument("<experiment>", "its id: a-z, 0-9 and -")
    .option("--name <text>", "what it is about; the id by default")
    .option(
      "--arm <name=percent[,release=ID][,diversity=0..1]>",
      "an arm and its share of all users, the control first; without a release it is served as everybody",
      asArm,
      [],
    )
    .option("--interleave", "mix the lists of two arms instead of splitting the users")
    .option("--layer <name>", "experiments of one layer share no user")
    .addOption(new Option("--primary <metric>", "what decides").choices(METRIC_NAMES))
    .addOption(
      new Option("--guardrail <metrics...>", "what must not get worse").choices(METRIC_NAMES),
    )
    .option("--effect <percent>", "the least change worth finding", asPercentage)
    .option("--power <percent>", "how surely it is to be found", asPercentage)
    .option("--salt <text>", "repeats the arms of another experiment of this salt")
    .option("--file <json>", "read all of it from a file, as POST /v1/experiments takes it")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (id: string, _: DefineOptions, command: Command) => {
      const options = command.optsWithGlobals<DefineOptions>();
      const experiment = checked(await given(id, options));
      const around = await findSurroundings(options.home);
      try {
        const defined = await defineExperiment(around.database, experiment, new Date());
        console.log(options.json ? JSON.stringify(defined) : planInWords(defined));
      } finally {
        await around.close();
      }
    });
}

async function given(id: string, options: DefineOptions): Promise<unknown> {
  if (options.file !== undefined) {
    return { ...(await jsonIn(options.file)), id };
  }
  const { name = id, arm: arms, interleave, layer, primary, guardrail, effect, power } = options;
  return {
    id,
    name,
    arms,
    mode: interleave === true ? "interleaving" : "split",
    layer,
    primary,
    guardrails: guardrail,
    minimumEffect: effect,
    power,
    salt: options.salt,
  };
}

async function jsonIn(file: string): Promise<object> {
  try {
    return v.parse(
      v.pipe(v.string(), v.parseJson(), v.looseObject({})),
      await readFile(file, "utf8"),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsherError("EXPERIMENT_INVALID", `${file} holds no experiment: ${why}.`, { cause });
  }
}

function checked(input: unknown): Experiment {
  const parsed = v.safeParse(experimentSchema, input);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const path = v.getDotPath(issue);
  throw new UsherError(
    "EXPERIMENT_INVALID",
    `This is no experiment: ${path === null ? issue.message : `${path}: ${issue.message}`}.`,
  );
}

function asArm(text: string, before: ExperimentInput["arms"]): ExperimentInput["arms"] {
  const [first = "", ...rest] = text.split(",");
  const pairs = rest.map((pair) => pair.split("="));
  const [name = "", share = ""] = first.split("=");
  const unknown = pairs.find(([key]) => key !== "release" && key !== "diversity");
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `an arm has no "${unknown[0]}"; it may have release, diversity.`,
    );
  }
  const of = (wanted: string) => pairs.find(([key]) => key === wanted)?.[1];
  const diversity = of("diversity");
  return [
    ...before,
    {
      name,
      share: asPercentage(share),
      release: of("release") ?? null,
      parameters: diversity === undefined ? {} : { diversity: Number(diversity) },
    },
  ];
}
