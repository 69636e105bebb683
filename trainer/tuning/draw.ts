/**
 * Which settings to try: drawn at random, or a step away from the best so far.
 */
import type { Space } from "../models/spaces.ts";
import type { Random } from "../random.ts";

/** Settings in place of a model's own; those left out stay its own. */
export type Settings = Readonly<Record<string, number>>;

/** Draws in vain after which a space counts as used up. */
const MAX_DRAWS = 200;

/**
 * Up to `count` distinct settings that are not among `tried` (keys by `keyOf`): every second one a step
 * from `best` where there is one, the others from all over the space. Fewer when nothing new is left.
 */
export function drawSettings(
  space: Space,
  count: number,
  random: Random,
  best: Settings | undefined,
  tried: ReadonlySet<string>,
): Settings[] {
  const drawn = new Map<string, Settings>();
  for (let draw = 0; drawn.size < count && draw < MAX_DRAWS; draw++) {
    const near = best !== undefined && Object.keys(best).length > 0 && draw % 2 === 0;
    const settings = near ? stepFrom(best, space, random) : anywhere(space, random);
    const key = keyOf(settings);
    if (!tried.has(key)) drawn.set(key, settings);
  }
  return [...drawn.values()];
}

/** The same text for the same settings, whatever the order they were written in. */
export function keyOf(settings: Settings): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function anywhere(space: Space, random: Random): Settings {
  return Object.fromEntries(
    Object.entries(space).map(([name, values]) => [name, anyOf(values, random)]),
  );
}

/** One setting moved to the value beside its own. */
function stepFrom(best: Settings, space: Space, random: Random): Settings {
  const name = anyOf(Object.keys(space), random);
  const values = space[name]!;
  const at = values.indexOf(best[name] ?? Number.NaN);
  const next = values[at + (random() < 0.5 ? -1 : 1)];
  return { ...best, [name]: next ?? anyOf(values, random) };
}

function anyOf<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random() * values.length)]!;
}
