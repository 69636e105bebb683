import { UsherError } from "../../release/error.ts";
import { ApiRefusal, NoAnswer } from "./api-client.ts";
import { isForbidden } from "./permissions.ts";
import { NotYet, type Setup, type Step } from "./step.ts";

/** Codes for "this is there already": KV namespace, queue, R2 bucket. */
const TAKEN = [10014, 11009, 10004];
/** Times that a part is looked for and made before its error stands. */
const ATTEMPTS = 3;

/**
 * Brings every part about, in order: looks whether it is there, and makes it if not.
 *
 * What is about to be made is noted before, and what came of it after, so that a run that is killed at
 * any point is finished by the next: it looks first, finds what was made unnoticed, and goes on.
 */
export async function runSteps(setup: Setup, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await runStep(setup, step);
}

async function runStep(setup: Setup, step: Step): Promise<void> {
  const { state, progress } = setup;
  const found = await step.look();
  if (found !== null) {
    // What was about to be made when a run was cut off is ours; what nobody noted was there before.
    const ours = state.steps[step.id]?.status ?? "found";
    await note(setup, step, ours === "making" ? "made" : ours, found);
    progress.done(`${step.what}: there (${found})`);
    return;
  }
  progress.step(`Making ${step.what}`);
  await note(setup, step, "making", "");
  const made = await makeOrFind(step);
  await note(setup, step, "made", made);
  progress.done(`${step.what}: ${made}`);
}

/** An answer that was lost may have been a yes: look before making anything a second time. */
async function makeOrFind(step: Step): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step.make();
    } catch (error) {
      if (!isUnsure(error)) throw explained(error, step);
      const found = await step.look();
      if (found !== null) return found;
      if (attempt >= ATTEMPTS) throw explained(error, step);
    }
  }
}

function isUnsure(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  return error instanceof ApiRefusal && error.codes.some((code) => TAKEN.includes(code));
}

function explained(error: unknown, step: Step): unknown {
  if (!(error instanceof ApiRefusal)) return error;
  const advice = isForbidden(error)
    ? 'The token may read this but not make it: give it "Edit" in place of "Read" ("usher setup --permissions" lists what it needs).'
    : "Nothing else was changed; mend it and run this again, it goes on from here.";
  const message = `${step.what} could not be made. ${error.message} ${advice}`;
  return new UsherError("SETUP_REFUSED", message, { cause: error });
}

async function note(
  { state, saveState }: Setup,
  step: Step,
  status: "making" | "made" | "found",
  says: string,
): Promise<void> {
  state.steps[step.id] = { status, says };
  await saveState();
}

/** A step as a dry run sees it. */
export interface PlannedStep {
  readonly what: string;
  /** What is there already, or null. */
  readonly there: string | null;
  /** The requests and commands that would make it. */
  readonly makes: readonly string[];
}

/** What a setup would do. Reads, and changes nothing. */
export async function planSteps(steps: readonly Step[]): Promise<PlannedStep[]> {
  const plan: PlannedStep[] = [];
  for (const { what, makes, look } of steps) {
    const there = await look().catch((error) => {
      if (error instanceof NotYet) return null;
      throw error;
    });
    plan.push({ what, makes, there });
  }
  return plan;
}
