import { type ListsMessage, parseListsMessage } from "../../../release/lists-order.ts";
import { simdScan } from "../../../release/simd-scan.ts";
import type { CronEnv } from "../environment.ts";
import { kvBinding } from "../kv-binding.ts";
import { ListsMaker } from "./make.ts";
import { SCAN_KERNEL } from "./scan-kernel.ts";

/** Until a value that was just written can be read everywhere, in seconds. */
const RETRY_SECONDS = 60;

const makers = new WeakMap<KVNamespace, ListsMaker>();

/** Makes what each message asks for. One that fails is tried again, the others are not held up. */
export async function makeLists(batch: MessageBatch<ListsMessage>, env: CronEnv): Promise<void> {
  const maker = makerOf(env.RELEASES);
  for (const message of batch.messages) {
    const started = Date.now();
    try {
      const outcome = await maker.make(parseListsMessage(message.body));
      message.ack();
      console.log(
        JSON.stringify({ lists: message.body, ...outcome, milliseconds: Date.now() - started }),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ lists: message.body, kind: "failed", reason }));
      message.retry({ delaySeconds: RETRY_SECONDS });
    }
  }
}

function makerOf(kv: KVNamespace): ListsMaker {
  const known = makers.get(kv);
  if (known !== undefined) return known;
  const open = (parts: readonly ArrayBuffer[], items: number) =>
    simdScan(SCAN_KERNEL, parts, items);
  const maker = new ListsMaker(kvBinding(kv), open);
  makers.set(kv, maker);
  return maker;
}
