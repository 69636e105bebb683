import type { CatalogueView } from "../../release/catalogue.ts";
import type { Manifest } from "../../release/manifest.ts";

/** A release as this isolate holds it: what its manifest says, and its catalogue, read in place. */
export interface ServedRelease {
  readonly id: string;
  readonly catalogue: CatalogueView;
  /** Null for the list inside the Worker's own bundle, which knows no users. */
  readonly manifest: Manifest | null;
}

/** Parts in which a release's model lies in KV. */
export function modelParts(manifest: Manifest): number {
  return manifest.values.filter(({ key }) => key.startsWith("model/")).length;
}
