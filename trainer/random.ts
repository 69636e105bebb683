/** A seeded source of numbers in [0, 1): the same seed gives the same run, on every machine. */
export type Random = () => number;

/** Mulberry32: 32 bits of state, period 2^32; ample for shuffles, masks and initial weights. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Shuffles in place (Fisher-Yates) and returns its argument. */
export function shuffle<T extends Uint32Array | unknown[]>(values: T, random: Random): T {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const held = values[last];
    values[last] = values[other] as never;
    values[other] = held as never;
  }
  return values;
}
