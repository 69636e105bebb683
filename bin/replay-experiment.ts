import { type LoggedList, loggedLists } from "../drizzle/logged-lists.ts";
import type { Experiment } from "../experiments/definition.ts";
import { type Replay, type ReplayedList, refusal, replay } from "../experiments/replay.ts";
import type { ReleaseLists } from "../local/release-lists.ts";
import { UsherError } from "../release/error.ts";
import { openReleaseLists } from "./release-lists.ts";
import type { Surroundings } from "./surroundings.ts";

/** The newest so many lists tell enough. */
const MOST_LISTS = 200_000;

/** What arms serve: each one's share, and the release that it served last. */
interface Arm {
  readonly name: string;
  readonly share: number;
  readonly lists: ReleaseLists | null;
}

/**
 * Estimates what a release would have earned in an experiment that it was not in.
 *
 * @throws UsherError `REPLAY_MODE` for an interleaving, `REPLAY_OVERLAP` where too little can be told,
 * `RELEASE_UNKNOWN`.
 */
export async function replayExperiment(
  around: Surroundings,
  experiment: Pick<Experiment, "id" | "mode" | "arms">,
  release: string,
): Promise<Replay> {
  if (experiment.mode === "interleaving") {
    throw new UsherError(
      "REPLAY_MODE",
      `${experiment.id} interleaves its arms: what a list of both brought says little of one. Replay takes a split experiment.`,
    );
  }
  const candidate = await openReleaseLists(around, release);
  const logged = await loggedLists(around.database, experiment.id, MOST_LISTS);
  const arms = await Promise.all(experiment.arms.map((arm) => openArm(around, arm, logged)));
  const lists = await Promise.all(logged.map((list) => replayed(list, arms, candidate)));
  const found = replay(lists.filter((list) => list !== null));
  const why = refusal(found);
  if (found === null || why !== null) throw new UsherError("REPLAY_OVERLAP", why ?? "");
  return found;
}

async function openArm(
  around: Surroundings,
  { name, share, release }: Experiment["arms"][number],
  logged: readonly LoggedList[],
): Promise<Arm> {
  const served = release ?? logged.find(({ arm }) => arm === name)?.release ?? null;
  return { name, share, lists: served === null ? null : await openReleaseLists(around, served) };
}

/** A logged list with the chances of its items; null for a user whom the candidate has no list for. */
async function replayed(
  { userId, arm, items, taken }: LoggedList,
  arms: readonly Arm[],
  candidate: ReleaseLists,
): Promise<ReplayedList | null> {
  const wanted = new Set(await candidate.listOf(userId));
  if (wanted.size === 0) return null;
  const whole = arms.reduce((sum, { share }) => sum + share, 0);
  const chance = new Map<string, number>();
  for (const { name, share, lists } of arms) {
    // What was shown is known; what the other arms would have shown is what their releases say.
    const shows = name === arm ? items : ((await lists?.listOf(userId)) ?? []);
    for (const item of shows) chance.set(item, (chance.get(item) ?? 0) + share / whole);
  }
  const took = new Set(taken);
  return {
    userId,
    shown: items.map((item) => ({
      propensity: chance.get(item)!,
      wanted: wanted.has(item),
      taken: took.has(item),
    })),
    wanted: wanted.size,
    supported: [...wanted].filter((item) => chance.has(item)).length,
  };
}
