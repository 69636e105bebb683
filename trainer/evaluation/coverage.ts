/**
 * Catalogue coverage (Ge et al. 2010): the share of all items that somebody is recommended,
 *
 *     |union of all lists| / |items|
 *
 * @param shown how often each item is in a list; one entry per item
 */
export function coverage(shown: ArrayLike<number>): number {
  let items = 0;
  for (let item = 0; item < shown.length; item++) if (shown[item]! > 0) items++;
  return shown.length === 0 ? 0 : items / shown.length;
}
