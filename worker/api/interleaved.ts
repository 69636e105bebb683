/** Two rankings of one user in one answer, item by item in turns. */
import { teamDraft } from "../../experiments/interleave.ts";
import { hashId } from "../../release/hash.ts";
import type { RunningExperiment } from "../../release/running-experiment.ts";
import { withReasons } from "./fold-in.ts";
import type { Ranking } from "./page.ts";
import type { RankedItem, Side } from "./recommendations.ts";
import type { ServedRelease } from "./served-release.ts";

/** A ranking, and the release whose items it ranks. */
export interface Ranked {
  readonly release: ServedRelease;
  readonly ranking: Ranking;
}

/**
 * The interleaved ranking; each item knows its side, because an index means nothing outside its
 * release. What completed either ranking tells of both.
 */
export function interleaved(
  experiment: RunningExperiment,
  userId: string,
  control: Ranked,
  rival: Ranked,
  needed: number,
): Ranking {
  const ranked = [onSide(control, 0), onSide(rival, 1)] as const;
  const seed = `${experiment.salt}\n${userId}`;
  const items = teamDraft(ranked, idOf, seed, needed).map(({ item }) => item);
  const { source, completed } = control.ranking;
  return {
    items,
    source,
    completed: completed ?? rival.ranking.completed,
    kind: kindOf(experiment, control, rival),
    taste: null,
    explain: (shown) => shown.flatMap(explained),
  };
}

function onSide({ release, ranking }: Ranked, team: 0 | 1): RankedItem[] {
  const side: Side = { release, team, taste: ranking.taste };
  return ranking.items.map((item) => ({ ...item, side }));
}

function idOf({ index, side }: RankedItem): string {
  return side!.release.catalogue.id(index);
}

function explained(item: RankedItem): RankedItem[] {
  const taste = item.side?.taste ?? null;
  return taste === null ? [item] : withReasons(taste, [item]);
}

/** Pages continue only what ranked the ones before: another rival begins again. */
function kindOf(experiment: RunningExperiment, control: Ranked, rival: Ranked): string {
  const parts = [experiment.id, rival.release.id, control.ranking.kind, rival.ranking.kind];
  return `i${hashId(parts.join("\n"), 0).lo.toString(16)}`;
}
