/** Where snapshots live: a folder or a bucket. Keys are paths with slashes. */
export interface SnapshotStore {
  /** Where that is, for people. */
  readonly place: string;
  /** The value, or null when there is none. */
  read(key: string): Promise<Uint8Array | null>;
  /** Writes a value, whole or not at all. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Keys that start with `prefix`, ascending. */
  list(prefix: string): Promise<string[]>;
  delete(key: string): Promise<void>;
}
