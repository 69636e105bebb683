/** Scoring threads and the queue of shards before them. */
import { Worker } from "node:worker_threads";
import { UsherError } from "../../release/error.ts";
import type { ListsPlan, ShardMembers } from "../lists-plan.ts";
import { layOut } from "./layout.ts";
import { packHidden } from "./pack-hidden.ts";
import { packItems } from "./quantise.ts";
import type { ScorerInput } from "./scorer.ts";
import { shareArrays } from "./shared-arrays.ts";

/** What all threads work on; nothing of it is copied but the categories. */
export interface ScoringTask extends Pick<ScorerInput, "served" | "profiles"> {
  hashes: Uint32Array;
  members: ShardMembers;
  plan: ListsPlan;
  /** Of each item, for re-ranking by category. */
  categories?: readonly (readonly string[])[] | undefined;
  /** One number, where threads add the users that they have done. */
  progress: Int32Array;
}

export interface ThreadInput extends ScoringTask, ScorerInput {}

/** What a thread says: a finished shard, or why there is none. */
export type FromThread = { shard: number } & (
  | { value: ArrayBuffer; users: number }
  | { failure: { code?: string; message: string } }
);

/** Takes a finished shard; a thread's next but one is not begun before this one is taken. */
type Take = (shard: number, value: ArrayBuffer, users: number) => Promise<void>;

/** As in bin/usher.mjs: type stripping is not worth a warning a thread. */
const EXEC_ARGV = ["--disable-warning=ExperimentalWarning"];
/** A wasm memory has 32-bit addresses. */
const MOST_PAGES = 65_536;

/**
 * Makes the shards on `count` threads, each thread taking the next that is left.
 *
 * Throws `SCORES_NOT_FINITE`, `MODEL_TOO_LARGE`; rejects with the signal's reason when aborted.
 */
export async function scoreShards(
  task: ScoringTask,
  shards: readonly number[],
  count: number,
  take: Take,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const shared = shareModel(shareArrays(task), count);
  const queue = shards.values();
  const threads = Array.from(
    { length: count },
    (_, thread) =>
      new Worker(new URL("./thread.ts", import.meta.url), {
        workerData: { ...shared, thread } satisfies ThreadInput,
        execArgv: EXEC_ARGV,
      }),
  );
  const stop = Promise.withResolvers<never>();
  const onAbort = () => stop.reject(signal!.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    const work = threads.map((thread) => drain(thread, queue, take));
    await Promise.race([Promise.all(work), stop.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Lays the item rows out in the memory of all threads. */
function shareModel(task: ScoringTask, threads: number): Omit<ThreadInput, "thread"> {
  const { served, profiles } = task;
  const { dimensions, linear, hidden } = served;
  const layout = layOut({ items: profiles.cols, dimensions, linear, hidden, threads });
  if (layout.pages > MOST_PAGES) {
    throw new UsherError(
      "MODEL_TOO_LARGE",
      `${profiles.cols} items of ${dimensions} dimensions do not fit the 4 GB of one wasm ` +
        "memory; train with fewer dimensions.",
    );
  }
  const memory = new WebAssembly.Memory({
    initial: layout.pages,
    maximum: layout.pages,
    shared: true,
  });
  const broken = packItems(memory, layout, served.rows);
  if (broken >= 0) {
    throw new UsherError(
      "SCORES_NOT_FINITE",
      `The model's vector of item ${broken} is not of finite numbers; its weights are broken. ` +
        "Train again with a lower learning rate.",
    );
  }
  packHidden(memory, layout, served);
  return { ...task, memory, layout };
}

/** Feeds one thread until the queue is empty. */
async function drain(thread: Worker, queue: Iterator<number>, take: Take): Promise<void> {
  const answers = new Answers(thread);
  const ask = () => {
    const { value: shard, done } = queue.next();
    if (done !== true) thread.postMessage(shard);
    return done !== true;
  };
  for (let asked = ask(); asked; ) {
    const answer = await answers.next();
    if ("failure" in answer) throw failed(answer.failure);
    // The thread goes on while its shard is being written.
    asked = ask();
    await take(answer.shard, answer.value, answer.users);
  }
}

function failed({ code, message }: { code?: string; message: string }): Error {
  return code === undefined ? new Error(message) : new UsherError(code, message);
}

/** A thread's messages one by one, whether they come before or after they are waited for. */
class Answers {
  #next = Promise.withResolvers<FromThread>();

  constructor(thread: Worker) {
    thread.on("message", (answer: FromThread) => this.#next.resolve(answer));
    thread.on("error", (error) => this.#next.reject(error));
    // Whoever waits hears of it; when nobody does, the work is over.
    this.#next.promise.catch(() => {});
  }

  async next(): Promise<FromThread> {
    const answer = await this.#next.promise;
    this.#next = Promise.withResolvers<FromThread>();
    this.#next.promise.catch(() => {});
    return answer;
  }
}
