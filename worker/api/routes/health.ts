import type { Context } from "hono";
import { edgeStore } from "../edge-store.ts";
import type { ApiContext } from "../environment.ts";
import { activeRelease } from "../recommend.ts";

/** `GET /healthz`: the Worker runs. Touches nothing below it. */
export function healthz(c: Context<ApiContext>) {
  return c.json({ status: "ok" }, 200, { "cache-control": "no-store" });
}

/** `GET /readyz`: a release is active and its catalogue can be read; 503 with the reason if not. */
export async function readyz(c: Context<ApiContext>) {
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const release = await activeRelease(edgeStore(c.env), "", waitUntil);
  const { manifest } = release;
  const body = {
    status: "ready",
    release: release.id,
    createdAt: manifest.createdAt,
    users: manifest.lists.users,
    items: release.catalogue.length,
    model: manifest.model.name,
  };
  return c.json(body, 200, { "cache-control": "no-store" });
}
