/** Reads of Workers KV: its values, checked and parsed. Nothing is kept here. */
import { CatalogueView } from "../../release/catalogue.ts";
import { UsherError } from "../../release/error.ts";
import { catalogueKey, manifestKey, modelKey } from "../../release/keys.ts";
import { parseManifest } from "../../release/manifest.ts";
import type { Scan } from "../../release/scan.ts";
import { openScan } from "./scan-kernel.ts";
import { modelParts, type ServedRelease } from "./served-release.ts";

/** Immutable values may stay in the location's cache for a day. */
const IMMUTABLE_TTL_SECONDS = 86_400;
/** A catalogue's strings, once decoded, weigh about as much again as its bytes. */
const CATALOGUE_WEIGHT = 2;

/** A value, and the bytes of memory that it may come to occupy. */
export interface Weighed<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/**
 * A mutable key, as fresh as `cacheTtl` seconds allow; null when it is not there.
 *
 * @param parse throws an UsherError for a text that is not what the key should hold.
 */
export async function readMutable<Value>(
  kv: KVNamespace,
  key: string,
  cacheTtl: number,
  parse: (text: string) => Value,
): Promise<Value | null> {
  const text = await kv.get(key, { type: "text", cacheTtl });
  return text === null ? null : parse(text);
}

/**
 * The manifest and catalogue of a release.
 *
 * @throws UsherError `NOT_IN_KV`, `MANIFEST_INVALID`, `VALUE_DAMAGED`, `VALUE_VERSION`.
 */
export async function readRelease(kv: KVNamespace, id: string): Promise<Weighed<ServedRelease>> {
  const [text, bytes] = await Promise.all([
    kv.get(manifestKey(id), { type: "text", cacheTtl: IMMUTABLE_TTL_SECONDS }),
    readBytes(kv, catalogueKey(id)),
  ]);
  if (text === null) throw absent(manifestKey(id));
  const value = { id, manifest: parseManifest(text), catalogue: CatalogueView.from(bytes) };
  return { value, bytes: bytes.byteLength * CATALOGUE_WEIGHT };
}

/**
 * A shard of lists or of profiles.
 *
 * @param open lays the view over its bytes.
 * @throws UsherError `NOT_IN_KV`, and what `open` throws.
 */
export async function readShard<View>(
  kv: KVNamespace,
  key: string,
  open: (bytes: ArrayBuffer) => View,
): Promise<Weighed<View>> {
  const bytes = await readBytes(kv, key);
  return { value: open(bytes), bytes: bytes.byteLength };
}

/**
 * A release's model, ready to score.
 *
 * @throws UsherError `NO_MODEL`, `NOT_IN_KV`, `MODEL_ITEMS`, `VALUE_DAMAGED`, `VALUE_VERSION`.
 */
export async function readScan(
  kv: KVNamespace,
  { id, manifest, catalogue }: ServedRelease,
): Promise<Weighed<Scan>> {
  const count = manifest === null ? 0 : modelParts(manifest);
  if (count === 0) throw new UsherError("NO_MODEL", `Release ${id} has no model.`);
  const reading = Array.from({ length: count }, (_, part) => readBytes(kv, modelKey(id, part)));
  const value = openScan(await Promise.all(reading), catalogue.length);
  return { value, bytes: value.bytes };
}

async function readBytes(kv: KVNamespace, key: string): Promise<ArrayBuffer> {
  const bytes = await kv.get(key, { type: "arrayBuffer", cacheTtl: IMMUTABLE_TTL_SECONDS });
  if (bytes === null) throw absent(key);
  return bytes;
}

function absent(key: string): UsherError {
  return new UsherError("NOT_IN_KV", `KV has no value at ${key}.`);
}
