import * as v from "valibot";
import { unreadable } from "../../release/formats.ts";
import { manifestKey } from "../../release/keys.ts";
import { parseManifest } from "../../release/manifest.ts";
import type { Pointer } from "../../release/pointer.ts";
import type { KvStore } from "../kv/store.ts";
import { type Check, checked, failure, good, warning } from "./check.ts";

const TIMEOUT_MS = 10_000;
/** After so long the popular items of then are hardly those of now. */
const FALLBACK_OLD_MS = 30 * 86_400_000;
const DEPLOY = '"npm run deploy" takes the popular items of what serves along.';

const HealthSchema = v.object({
  reads: v.record(v.string(), v.array(v.number())),
  fallback: v.object({
    release: v.nullable(v.string()),
    takenAt: v.nullable(v.string()),
    items: v.number(),
  }),
});

type Health = v.InferOutput<typeof HealthSchema>;

/** The code of the API Worker: can it read what serves, and has it a list for when KV is away? */
export async function checkWorker(
  api: string,
  store: KvStore,
  pointer: Pointer | null,
  now: Date,
): Promise<Check[]> {
  const advice = `Is the API Worker deployed and reachable? Try: curl -i ${api}/healthz`;
  return checked("worker", advice, async () => {
    const response = await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const health = v.safeParse(HealthSchema, await response.json());
    if (!health.success) {
      const says = `${api}/healthz does not say which formats it reads.`;
      return [failure("formats", says, "Deploy the API Worker again: it is older than this code.")];
    }
    return [
      ...(await checkFormats(store, pointer, health.output)),
      checkFallback(health.output.fallback, now),
    ];
  });
}

/** A Worker may be deployed, and a release activated, without the other: both ways are looked at. */
async function checkFormats(
  store: KvStore,
  pointer: Pointer | null,
  { reads }: Health,
): Promise<Check[]> {
  if (pointer === null) return [];
  const releases = new Set(pointer.arms.map(({ release }) => release));
  if (pointer.previous !== null) releases.add(pointer.previous);
  const checks = await Promise.all(
    [...releases].map(async (release): Promise<Check[]> => {
      const bytes = await store.read(manifestKey(release));
      // That it is not there is for another check to say.
      if (bytes === null) return [];
      const foreign = unreadable(parseManifest(new TextDecoder().decode(bytes)), reads);
      if (foreign === null) return [good("formats", `the API Worker reads all of ${release}`)];
      const says = `The API Worker cannot read ${foreign} of ${release}.`;
      const advice = "Deploy the version that can, or activate a release that this one reads.";
      return [failure("formats", says, advice)];
    }),
  );
  return checks.flat();
}

function checkFallback({ release, takenAt, items }: Health["fallback"], now: Date): Check {
  const name = "fallback";
  if (release === null || items === 0) {
    const says = "The Worker's fallback list is empty: with KV away, a new isolate answers 503.";
    return warning(name, says, DEPLOY);
  }
  const says = `${items} popular items of ${release}, taken ${takenAt ?? "at an unknown time"}`;
  const age = now.getTime() - Date.parse(takenAt ?? "");
  return age < FALLBACK_OLD_MS ? good(name, says) : warning(name, `${says}.`, DEPLOY);
}
