import type { KnownExperiment } from "../drizzle/experiments.ts";
import { INTERLEAVED } from "../experiments/assignment.ts";
import { ago, count, percent } from "./quantities.ts";

/** Experiments as a table, newest first. */
export function experimentsInWords(experiments: readonly KnownExperiment[], now: Date): string {
  if (experiments.length === 0) {
    return 'No experiments yet. "usher experiments define ID --arm control=50 --arm new=50,release=RELEASE" says what to compare.';
  }
  return experiments
    .map((experiment) => {
      const { id, name, mode, layer, primary } = experiment;
      const head = `${id}: ${name}\n  ${stateOf(experiment, now)}; ${mode} by ${primary}, layer ${layer}`;
      const found = experiment.verdict === null ? [] : [`  ${experiment.verdict.sentence}`];
      return [head, ...armLines(experiment), ...found].join("\n");
    })
    .join("\n\n");
}

/** What an experiment will take, for whoever is about to start it. */
export function planInWords(experiment: KnownExperiment): string {
  const { id, plan, status } = experiment;
  const byArm = plan?.usersByArm ?? {};
  const named = experiment.arms.filter(({ name }) => byArm[name] !== undefined);
  const needed = named.map(({ name }) => `${name} ${count(byArm[name]!)}`).join(", ");
  return [
    `${id}: ${plan?.sentence ?? "it has no plan"}`,
    ...(needed === "" ? [] : [`  users for each arm: ${needed}`]),
    ...armLines(experiment),
    ...(status === "draft" ? [`  "usher experiments start ${id}" starts it.`] : []),
  ].join("\n");
}

function armLines({ arms, exposed, mode }: KnownExperiment): string[] {
  const lines = arms.map(({ name, share, release, parameters }) => {
    const serves = release ?? "what serves everybody";
    const { diversity } = parameters;
    const mixed = diversity === undefined ? "" : `, diversity ${diversity}`;
    const seen = mode === "split" ? `, seen by ${count(exposed[name] ?? 0)} users` : "";
    return `  ${name.padEnd(12)} ${percent(share)} of the users: ${serves}${mixed}${seen}`;
  });
  if (mode === "split") return lines;
  return [...lines, `  both, interleaved, were seen by ${count(exposed[INTERLEAVED] ?? 0)} users`];
}

function stateOf({ status, startedAt, stoppedAt, shippedArm }: KnownExperiment, now: Date) {
  if (status === "draft") return "not started";
  if (status === "running") return `runs, started ${ago(startedAt!, now)}`;
  const shipped = shippedArm === null ? "" : `, ${shippedArm} serves everybody`;
  return `ended ${ago(stoppedAt!, now)}${shipped}`;
}
