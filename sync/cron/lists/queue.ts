import { type ListsMessage, parseListsMessage } from "../../../release/lists-order.ts";
import { simdScan } from "../../../release/simd-scan.ts";
import type { CronEnv } from "../environment.ts";
import { kvBinding } from "../kv-binding.ts";
import { ListsMaker } from "./make.ts";
import { SCAN_KERNEL } from "./scan-kernel.ts";

/** Until a value that was just written can be read everywhere, in seconds. */
const RETRY_SECONDS = 60;

/** One at a time: the models of two tenants might not fit. */
let held: {
  readonly kv: KVNamespace;
  readonly tenant: string | null;
  readonly maker: ListsMaker;
} | null = null;

/** Makes what each message asks for. One that fails is tried again, the others are not held up. */
export async function makeLists(batch: MessageBatch<ListsMessage>, env: CronEnv): Promise<void> {
  for (const message of batch.messages) {
    const started = Date.now();
    try {
      const { tenant = null, ...asked } = parseListsMessage(message.body);
      const outcome = await makerOf(env.RELEASES, tenant).make(asked);
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

function makerOf(kv: KVNamespace, tenant: string | null): ListsMaker {
  if (held?.kv === kv && held.tenant === tenant) return held.maker;
  const open = (parts: readonly ArrayBuffer[], items: number) =>
    simdScan(SCAN_KERNEL, parts, items);
  held = { kv, tenant, maker: new ListsMaker(kvBinding(kv, tenant), open) };
  return held.maker;
}
