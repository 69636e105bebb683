import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Benchmark, Figures } from "../benchmark.ts";
import { growthPlot, type Line } from "./growth-plot.ts";
import { type ListsRun, runLists } from "./lists-workload.ts";

const MOST_USERS = Number(process.env["USHER_BENCH_USERS"] ?? 100_000);
const USERS = [10_000, 100_000, 1_000_000].filter((users) => users <= MOST_USERS);
const ITEMS = [1_000, 10_000, 50_000];
const DIMENSIONS = 256;
const PLOTS = fileURLToPath(new URL("../../docs/benchmarks/", import.meta.url));

const benchmark: Benchmark = {
  title: `time and memory of lists as users and items grow, ${DIMENSIONS} dimensions; plots into docs/benchmarks (USHER_BENCH_USERS=1000000 for the last column)`,

  async run(say): Promise<Figures> {
    const figures: Record<string, number> = {};
    const runs: { items: number; users: number; run: ListsRun }[] = [];
    for (const users of USERS) {
      for (const items of ITEMS) {
        const threads = availableParallelism();
        const run = await runLists({ users, items, dimensions: DIMENSIONS, threads });
        runs.push({ items, users, run });
        figures[`growth_core_seconds_${short(users)}_${short(items)}`] = run.coreSeconds;
        figures[`growth_peak_mb_${short(users)}_${short(items)}`] = Math.round(run.peakMb);
        say(
          `${short(users)} users x ${short(items)} items: ${run.coreSeconds.toFixed(1)} s of a core (${run.seconds.toFixed(1)} s here), ${run.peakMb.toFixed(0)} MB`,
        );
      }
    }
    const lines = (value: (run: ListsRun) => number): Line[] =>
      ITEMS.map((items) => ({
        label: `${short(items)} items`,
        points: runs
          .filter((run) => run.items === items)
          .map(({ users, run }) => [users, value(run)]),
      }));
    await mkdir(PLOTS, { recursive: true });
    const time = growthPlot(
      "Seconds of one core for all lists",
      lines((run) => run.coreSeconds),
    );
    const memory = growthPlot(
      "Peak memory, MB",
      lines((run) => run.peakMb),
    );
    await writeFile(`${PLOTS}lists-time.svg`, time);
    await writeFile(`${PLOTS}lists-memory.svg`, memory);
    return figures;
  },
};

export default benchmark;

function short(count: number): string {
  return count >= 1e6 ? `${count / 1e6}m` : `${count / 1e3}k`;
}
