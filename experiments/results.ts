import type { Analysis } from "./analysis.ts";
import type { Experiment } from "./definition.ts";
import type { Plan } from "./plan.ts";

/** An experiment with what came of it, as it is told to people and machines. */
export interface ExperimentResults {
  readonly experiment: Experiment;
  readonly status: "draft" | "running" | "stopped";
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
  readonly shippedArm: string | null;
  /** Nothing later is counted. */
  readonly judgedUntil: string;
  readonly plan: Plan | null;
  readonly analysis: Analysis;
}
