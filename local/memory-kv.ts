import type { ListsStore } from "../sync/cron/lists/store.ts";
import type { KvListing, KvPutOptions, LocalKv } from "./workerd.ts";

interface Stored {
  readonly value: ArrayBuffer;
  readonly metadata: unknown;
}

/**
 * Workers KV in memory, for tests and benchmarks of publishing that need no workerd.
 *
 * `beforeWrite` runs ahead of every put and delete and may throw: a machine that loses power there.
 */
export class MemoryKv implements LocalKv {
  readonly values = new Map<string, Stored>();
  beforeWrite: (key: string) => void = () => {};

  async put(key: string, value: ArrayBuffer, options: KvPutOptions): Promise<void> {
    this.beforeWrite(key);
    this.values.set(key, { value: value.slice(0), metadata: options.metadata ?? null });
  }

  async get(key: string): Promise<ArrayBuffer | null> {
    return this.values.get(key)?.value.slice(0) ?? null;
  }

  async getWithMetadata(key: string) {
    const { value = null, metadata = null } = this.values.get(key) ?? {};
    return { value, metadata };
  }

  async delete(key: string): Promise<void> {
    this.beforeWrite(key);
    this.values.delete(key);
  }

  /** A cursor is the last key of the page before. */
  async list(options: { prefix?: string; cursor?: string; limit?: number }): Promise<KvListing> {
    const { prefix = "", cursor = "", limit = 1_000 } = options;
    const names = [...this.values.keys()]
      .filter((name) => name.startsWith(prefix) && name > cursor)
      .sort();
    const page = names.slice(0, limit);
    const keys = page.map((name) => ({ name, metadata: this.values.get(name)?.metadata }));
    const last = page.at(-1);
    if (names.length <= limit || last === undefined) return { keys, list_complete: true };
    return { keys, list_complete: false, cursor: last };
  }
}

/** The same KV as the cron Worker would see it. */
export function cronStoreOf(kv: MemoryKv): ListsStore {
  const bytes = (key: string) => kv.get(key);
  return {
    bytes,
    text: async (key) => {
      const value = await bytes(key);
      return value === null ? null : new TextDecoder().decode(value);
    },
    put: (key, text) => kv.put(key, new TextEncoder().encode(text).buffer, {}),
    delete: (key) => kv.delete(key),
    list: async (prefix, cursor) => {
      const page = await kv.list({ prefix, ...(cursor === null ? {} : { cursor }) });
      return { keys: page.keys.map((key) => key.name), cursor: page.cursor ?? null };
    },
    putShard: (key, value, metadata) => kv.put(key, value, { metadata }),
    listWithMetadata: async (prefix, cursor) => {
      const page = await kv.list({ prefix, ...(cursor === null ? {} : { cursor }) });
      const entries = page.keys.map(({ name, metadata }) => ({ key: name, metadata }));
      return { entries, cursor: page.cursor ?? null };
    },
  };
}
