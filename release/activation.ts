import { type Pointer, servingReleases } from "./pointer.ts";
import { withShare } from "./pointer-change.ts";

/** How a release comes to serve a share of the users. */
export type Activation =
  | { readonly kind: "unchanged" }
  /** It serves, or served last: it has been verified in KV and is kept there. One write does it. */
  | { readonly kind: "pointer"; readonly pointer: Pointer }
  /** It has to be verified first: the cron Worker does that, and flips the pointer. */
  | { readonly kind: "stage" };

/**
 * Decides how a release gets its share, above 0 and at most 1.
 *
 * @throws UsherError `NO_OTHER_ARM` when nothing else could serve the rest.
 */
export function planActivation(
  current: Pointer | null,
  release: string,
  share: number,
  now: Date,
): Activation {
  if (current === null) return { kind: "stage" };
  const pointer = withShare(current, release, share, now, () => current.salt);
  if (pointer === current) return { kind: "unchanged" };
  return servingReleases(current).includes(release)
    ? { kind: "pointer", pointer }
    : { kind: "stage" };
}
