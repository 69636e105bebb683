/** One scoring thread: takes the number of a shard, gives back the shard. Started by threads.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { UsherError } from "../../release/error.ts";
import { type Candidate, limitPerCategory, rerankForDiversity } from "../../release/rerank.ts";
import { ShardBuilder } from "../../release/shard.ts";
import type { TopK } from "../../release/topk.ts";
import type { ListsPlan } from "../lists-plan.ts";
import { Scorer } from "./scorer.ts";
import type { FromThread, ThreadInput } from "./threads.ts";

const input = workerData as ThreadInput;
const { hashes, members, plan, progress } = input;
const itemCount = input.profiles.cols;
const scorer = new Scorer(input, plan.diversity?.candidates ?? plan.listLength);
const arranged = plan.diversity === undefined ? undefined : arranger(plan, plan.diversity);

parentPort!.on("message", (shard: number) => {
  const answer = attempt(shard);
  parentPort!.postMessage(answer, "value" in answer ? [answer.value] : []);
});

function attempt(shard: number): FromThread {
  try {
    return { shard, ...listsOf(shard) };
  } catch (error) {
    const { message, stack = message } = error as Error;
    const code = error instanceof UsherError ? error.code : undefined;
    return { shard, failure: code === undefined ? { message: stack } : { code, message } };
  }
}

function listsOf(shard: number): { value: ArrayBuffer; users: number } {
  const { shardCount, hashSeed } = plan;
  const builder = new ShardBuilder({ shard, shardCount, hashSeed, itemCount });
  const users = members.users.subarray(members.offsets[shard]!, members.offsets[shard + 1]!);
  let listed = 0;
  scorer.score(
    users,
    (user, best) => {
      const { items, scores } = arranged?.(best) ?? best;
      const hash = { hi: hashes[2 * user]!, lo: hashes[2 * user + 1]! };
      builder.add(hash, items.slice(), scores.slice());
      listed++;
    },
    (count) => Atomics.add(progress, 0, count),
  );
  return { value: builder.build(), users: listed };
}

/** Re-ranks candidates into a list as the plan says. */
function arranger(
  { listLength }: ListsPlan,
  { lambda, perCategory }: NonNullable<ListsPlan["diversity"]>,
): (best: TopK) => TopK {
  const lengths = Float64Array.from({ length: itemCount }, (_, item) =>
    Math.sqrt(scorer.similarity(item, item)),
  );
  const cosine = (a: number, b: number) => {
    const scale = lengths[a]! * lengths[b]!;
    return scale > 0 ? scorer.similarity(a, b) / scale : 0;
  };
  const none: readonly string[] = [];
  return ({ items, scores }) => {
    let list: Candidate[] = Array.from(items, (item, at) => ({ item, score: scores[at]! }));
    if (lambda !== undefined) {
      // A limit on categories chooses among twice as many as it needs.
      const limit = perCategory === undefined ? listLength : 2 * listLength;
      list = rerankForDiversity(list, cosine, { lambda, limit });
    }
    if (perCategory !== undefined) {
      const categoriesOf = (item: number) => input.categories?.[item] ?? none;
      list = limitPerCategory(list, categoriesOf, { ...perCategory, limit: listLength });
    }
    const best = list.slice(0, listLength);
    return {
      items: Uint32Array.from(best, ({ item }) => item),
      scores: Float32Array.from(best, ({ score }) => score),
    };
  };
}
