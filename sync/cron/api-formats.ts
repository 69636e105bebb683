import * as v from "valibot";

/** The part of a service binding that asking for formats needs. */
export interface HealthBinding {
  fetch(url: string): Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>;
}

/** Format versions by kind of value, or why nobody could tell. */
export type AskedFormats =
  | { readonly kind: "reads"; readonly reads: Readonly<Record<string, readonly number[]>> }
  | { readonly kind: "unknown"; readonly reason: string };

const HEALTH_URL = "https://usher.internal/healthz";
const HealthSchema = v.object({ reads: v.record(v.string(), v.array(v.number())) });

/** Asks the API Worker that serves which formats it reads; its code is not this Worker's. */
export async function formatsReadBy(api: HealthBinding): Promise<AskedFormats> {
  try {
    const response = await api.fetch(HEALTH_URL);
    if (!response.ok) return unknown(`it answered ${response.status}`);
    const health = v.safeParse(HealthSchema, await response.json());
    if (!health.success) return unknown("its /healthz does not name them: deploy it again");
    return { kind: "reads", reads: health.output.reads };
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

function unknown(why: string): AskedFormats {
  const reason = `the API Worker could not be asked which formats it reads: ${why}`;
  return { kind: "unknown", reason };
}
