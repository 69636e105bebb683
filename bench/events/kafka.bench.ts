import { setTimeout as sleep } from "node:timers/promises";
import { startTemporaryDatabase } from "../../local/temporary-database.ts";
import { seededRandom } from "../../trainer/random.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { makeTopic } from "./filled-topic.ts";
import { FollowRun } from "./follow-run.ts";
import { lastLine, makeStreamLines } from "./stream-lines.ts";

const LINES = 60_000;
/** Long enough for a group to share its partitions anew, in ms. */
const REBALANCE_MS = 6_000;

export default {
  title: "usher follow, killed and rebalanced, against the Kafka of USHER_KAFKA",
  async run(say) {
    const broker = process.env["USHER_KAFKA"];
    if (broker !== undefined) return follow(broker, say);
    say("left out: set USHER_KAFKA=host:port of a broker, see bench/events/kafka.md");
    return {};
  },
} satisfies Benchmark;

/**
 * One follower is killed (SIGKILL) on its way; of two that go on, one is killed; another joins the
 * one that is left before the last quarter of the lines comes; both are told to stop.
 */
async function follow(broker: string, say: (line: string) => void): Promise<Figures> {
  const seed = Number(process.env["USHER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  say(`seed ${seed}: repeat it with USHER_SEED=${seed}`);
  const lines = makeStreamLines(LINES, seededRandom(seed));
  const last = [0, 1, 2, 3].map((user) => lastLine(`${user}`, LINES));
  const temporary = await startTemporaryDatabase();
  const topic = await makeTopic(broker);
  const run = new FollowRun(temporary, topic, broker);
  try {
    await topic.fill(lines.slice(0, 0.75 * LINES));
    const first = await run.start();
    await run.reached(0.25);
    await run.kill(first);
    let unstored = await run.committedButNotStored();
    say(`killed at ${await run.stored()} events`);
    const [second] = await Promise.all([run.start(), run.start()]);
    await run.reached(0.6);
    await run.kill(second);
    unstored += await run.committedButNotStored();
    say(`one of two killed at ${await run.stored()} events`);
    await run.reached(1);
    await run.start();
    await sleep(REBALANCE_MS);
    await topic.fill([...lines.slice(0.75 * LINES), ...last]);
    await run.reached(1);
    await run.committedToTheEnd();
    const unclean = await run.stopAll();
    const { lost, doubled } = await run.compare();
    return {
      kafka_events: await run.stored(),
      kafka_events_lost: lost,
      kafka_events_doubled: doubled,
      kafka_committed_not_stored: unstored,
      kafka_unclean_exits: unclean,
    };
  } finally {
    await run.killAll();
    await topic.delete();
    await temporary.stop();
  }
}
