import { deadLetterKey } from "../../release/keys.ts";
import type { ConsumerEnv } from "./environment.ts";

/**
 * Keeps messages in Workers KV, one key each, for as long as it takes.
 *
 * @returns those that KV did not take either; they must be delivered again.
 */
export async function parkMessages<M extends { readonly id: string; readonly body: unknown }>(
  kv: ConsumerEnv["RELEASES"],
  messages: readonly M[],
): Promise<M[]> {
  const outcomes = await Promise.allSettled(
    messages.map(({ id, body }) => kv.put(deadLetterKey(id), JSON.stringify(body))),
  );
  return messages.filter((_, index) => outcomes[index]!.status === "rejected");
}
