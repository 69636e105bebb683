import type { Benchmark } from "../benchmark.ts";
import { runWithKills } from "./killed-consumer.ts";

const EVENTS = 100_000;

export default {
  title: `${EVENTS.toLocaleString("en")} events while the consumer's workerd is killed at random`,
  async run(say) {
    const seed = Number(process.env["USHER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    const report = await runWithKills({ events: EVENTS, seed, kills: 20, say });
    return {
      events_killed_lost: report.lost,
      events_killed_doubled: report.doubled,
      events_killed_wrong_ratings: report.wrongRatings,
      events_killed_kills: report.kills,
      events_killed_redelivered: report.redelivered,
    };
  },
} satisfies Benchmark;
