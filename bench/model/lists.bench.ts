import { availableParallelism } from "node:os";
import type { Benchmark, Figures } from "../benchmark.ts";
import { type GemmKind, gemmRate } from "./gemm.ts";
import { type ListsRun, runLists } from "./lists-workload.ts";

const USERS = Number(process.env["USHER_BENCH_USERS"] ?? 100_000);
const ITEMS = 20_000;
const DIMENSIONS = 256;
/** Machines are shared: rounds alternate what is compared, and the best of each counts. */
const ROUNDS = Number(process.env["USHER_BENCH_ROUNDS"] ?? 3);
/** One thread gets fewer users; rates are compared. */
const USERS_OF_ONE_THREAD = Math.min(USERS, 50_000);
const GEMM_SECONDS = 1.5;

const benchmark: Benchmark = {
  title: `lists of ${USERS.toLocaleString("en")} users x ${ITEMS.toLocaleString("en")} items x ${DIMENSIONS} dimensions against a matrix multiplication of that shape`,

  async run(say): Promise<Figures> {
    const cores = availableParallelism();
    const shape = { items: ITEMS, dimensions: DIMENSIONS };
    const rates = { tfjs: 0, simd: 0, all: 0, two: 0, one: 0 };
    const shares: number[] = [];
    let peakMb = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const gemm = { tfjs: 0, simd: 0 };
      for (const kind of ["tfjs", "simd"] as GemmKind[]) {
        gemm[kind] = await gemmRate({ kind, ...shape, seconds: GEMM_SECONDS }, cores);
        rates[kind] = Math.max(rates[kind], gemm[kind]);
      }
      const all = await runLists({ users: USERS, ...shape, threads: cores });
      const two =
        cores === 2 ? all : await runLists({ users: USERS, ...shape, threads: Math.min(2, cores) });
      const one = await runLists({ users: USERS_OF_ONE_THREAD, ...shape, threads: 1 });
      rates.all = Math.max(rates.all, rate(USERS, all));
      rates.two = Math.max(rates.two, rate(USERS, two));
      rates.one = Math.max(rates.one, rate(USERS_OF_ONE_THREAD, one));
      peakMb = Math.max(peakMb, all.peakMb);
      shares.push(rate(USERS, all) / Math.max(gemm.tfjs, gemm.simd));
      say(
        `round ${round}: ${count(USERS / all.seconds)} users/s on ${cores} cores (${giga(rate(USERS, all))}), one thread ${count(USERS_OF_ONE_THREAD / one.seconds)} users/s, GEMM tfjs ${giga(gemm.tfjs)}, own f32 ${giga(gemm.simd)}`,
      );
    }
    say(
      `share of the fastest GEMM, round by round: ${shares.map((share) => share.toFixed(2)).join(", ")}`,
    );
    return {
      lists_users: USERS,
      lists_users_per_second: Math.round(rates.all / (ITEMS * DIMENSIONS)),
      lists_gmacs: rates.all / 1e9,
      gemm_tfjs_gmacs: rates.tfjs / 1e9,
      gemm_f32_gmacs: rates.simd / 1e9,
      lists_share_of_gemm: rates.all / Math.max(rates.tfjs, rates.simd),
      lists_speedup_2_threads: rates.two / rates.one,
      lists_peak_mb: Math.round(peakMb),
    };
  },
};

export default benchmark;

/** Multiply-adds a second that a plain multiplication would need to be as fast. */
function rate(users: number, { seconds }: ListsRun): number {
  return (users * ITEMS * DIMENSIONS) / seconds;
}

function giga(multiplyAdds: number): string {
  return `${(multiplyAdds / 1e9).toFixed(0)} GMAC/s`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
