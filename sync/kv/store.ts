/**
 * Workers KV as a push sees it: the least that publishing a release needs.
 *
 * Values are bytes. A value written with a checksum keeps it as metadata, so that a listing tells
 * what is already there without reading it.
 */
export interface KvStore {
  /** Every key that starts with `prefix`, with the checksum it was written with. */
  list(prefix: string): AsyncGenerator<KvEntry>;
  /** Writes all values or throws; writing the same value again is harmless. */
  write(values: readonly KvValue[]): Promise<void>;
  /** The value's bytes, or null when there is no such key. */
  read(key: string): Promise<ArrayBuffer | null>;
  delete(keys: readonly string[]): Promise<void>;
}

export interface KvEntry {
  readonly key: string;
  /** SHA-256 in hex, or null when the value was written without one. */
  readonly sha256: string | null;
}

export interface KvValue {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly sha256?: string;
}
