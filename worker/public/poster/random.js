/**
 * Numbers in [0, 1) that are the same for the same text everywhere: FNV-1a seeds mulberry32.
 *
 * @param {string} text
 * @returns {() => number}
 */
export function randomOf(text) {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One of the choices.
 *
 * @template Choice
 * @param {readonly Choice[]} choices at least one
 * @param {() => number} random
 * @returns {Choice}
 */
export function pick(choices, random) {
  return /** @type {Choice} */ (choices[Math.floor(random() * choices.length)]);
}
