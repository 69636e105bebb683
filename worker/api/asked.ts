import type { Context } from "hono";
import { releaseFor } from "./active-release.ts";
import { edgeStore } from "./edge-store.ts";
import type { ApiContext } from "./environment.ts";
import { type Asked, Degradations } from "./recommendations.ts";
import type { ServedRelease } from "./served-release.ts";

/** What a request's answer is made with. */
export function askedBy(c: Context<ApiContext>): Asked {
  return {
    store: edgeStore(c.env),
    waitUntil: (work) => c.executionCtx.waitUntil(work),
  };
}

/** The same with the release that answers a question about no user in particular. */
export async function openRelease(c: Context<ApiContext>): Promise<{
  readonly asked: Asked;
  readonly release: ServedRelease;
  readonly degradations: Degradations;
}> {
  const asked = askedBy(c);
  const { release, degraded } = await releaseFor(asked.store, "", asked.waitUntil);
  const degradations = new Degradations();
  if (degraded !== null) degradations.add("release", degraded);
  return { asked, release, degradations };
}
