import type { ShardMetadata } from "../../../release/lists-order.ts";
import type { CronStore } from "../store.ts";

/** Workers KV as the making of lists sees it: values with metadata beside what every run does. */
export interface ListsStore extends CronStore {
  putShard(key: string, value: ArrayBuffer, metadata: ShardMetadata): Promise<void>;
  /** A page of keys with their metadata, ascending, and the cursor of the next page or null. */
  listWithMetadata(
    prefix: string,
    cursor: string | null,
  ): Promise<{ entries: { key: string; metadata: unknown }[]; cursor: string | null }>;
}
