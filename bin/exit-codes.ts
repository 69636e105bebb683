import type { UsherError } from "../release/error.ts";

/**
 * The gate's refusal has a code of its own, so that a job runner does not train the same data again:
 * `deploy/kubernetes` and docs/delivery.md know it.
 */
export const REFUSED = 3;

/** What `usher` ends with after an error that is the user's to mend: 1, or the code of a refusal. */
export function exitCodeOf({ code }: UsherError): number {
  return code === "GATE_REFUSED" ? REFUSED : 1;
}
