import type { ParkedLetters } from "../../trainer/import/redrive.ts";
import type { LocalKv } from "../workerd.ts";

/** Local KV as redriving reads it. */
export function parkedIn(kv: LocalKv): ParkedLetters {
  return {
    async *list(prefix) {
      let cursor: string | undefined;
      do {
        const page = await kv.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
        for (const { name } of page.keys) yield { key: name };
        cursor = page.list_complete ? undefined : page.cursor;
      } while (cursor !== undefined);
    },
    read: (key) => kv.get(key, "arrayBuffer"),
    async delete(keys) {
      await Promise.all(keys.map((key) => kv.delete(key)));
    },
  };
}
