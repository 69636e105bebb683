import type { Benchmark } from "../benchmark.ts";
import { runWithFaults } from "./fault-run.ts";

const EVENTS = 100_000;

export default {
  title: `${EVENTS.toLocaleString("en")} events with the consumer and Postgres killed at random`,
  async run(say) {
    const seed = Number(process.env["USHER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    const report = await runWithFaults({
      events: EVENTS,
      seed,
      restarts: 10,
      longestOutageMs: 25_000,
      say,
    });
    say(JSON.stringify(report));
    return {
      events_lost: report.lost,
      events_doubled: report.doubled,
      events_wrong_ratings: report.wrongRatings,
      events_fault_cuts: report.cuts,
      events_fault_restarts: report.restarts,
      events_fault_backends_killed: report.backendsKilled,
      events_redriven_messages: report.redrivenMessages,
    };
  },
} satisfies Benchmark;
