import type { Context } from "hono";
import { READ_FORMATS } from "../../../release/formats.ts";
import { releaseFor } from "../active-release.ts";
import { askedBy } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { fallbackFacts } from "../fallback-list.ts";
import { Problem } from "../problem.ts";

/**
 * `GET /healthz`: the Worker runs; which formats of releases it reads, and which fallback list is in
 * its bundle. Touches nothing below it.
 */
export function healthz(c: Context<ApiContext>) {
  const body = { status: "ok", reads: READ_FORMATS, fallback: fallbackFacts() };
  return c.json(body, 200, { "cache-control": "no-store" });
}

/** `GET /readyz`: the active release can be read; 503 with the reason if not. */
export async function readyz(c: Context<ApiContext>) {
  const asked = askedBy(c);
  const { release, degraded } = await releaseFor(asked.store, "", asked.waitUntil);
  const { manifest } = release;
  if (degraded !== null || manifest === null) {
    const why = degraded instanceof Error ? degraded.message : String(degraded);
    throw new Problem(503, "DEGRADED", `The active release cannot be read: ${why}.`, {
      details: { serving: release.id },
    });
  }
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
