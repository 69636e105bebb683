import type { Pointer } from "../../release/pointer.ts";
import { type Check, checked, failure, good, warning } from "./check.ts";

/** A Worker's isolates hold the pointer for ten seconds, and KV is a minute late elsewhere. */
const FLIP_MS = 90_000;
const TIMEOUT_MS = 10_000;

/** The API Worker: does it answer, and with what the pointer says? */
export async function checkApi(api: string, pointer: Pointer | null, now: Date): Promise<Check[]> {
  const advice = `Is the API Worker deployed and reachable? Try: curl -i ${api}/readyz`;
  return checked("api", advice, async () => {
    const response = await fetch(`${api}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (!response.ok) {
      return [
        failure("api", `${api}/readyz answered ${response.status}: ${text.slice(0, 200)}`, advice),
      ];
    }
    const { release } = JSON.parse(text) as { release?: string };
    const arms = pointer?.arms.map((arm) => arm.release) ?? [];
    if (release !== undefined && arms.includes(release)) {
      return [good("api", `${api} is ready and serves ${release}`)];
    }
    const says = `${api} serves ${release}, the pointer says ${arms.join(", ") || "nothing"}.`;
    const flipping = pointer !== null && now.getTime() - Date.parse(pointer.changedAt) < FLIP_MS;
    return [
      flipping
        ? warning("api", says, "The pointer changed a moment ago; look again in a minute.")
        : failure(
            "api",
            says,
            "Are the API Worker and this command bound to the same KV namespace?",
          ),
    ];
  });
}
