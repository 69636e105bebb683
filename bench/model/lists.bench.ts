import { availableParallelism } from "node:os";
import type { Benchmark, Figures } from "../benchmark.ts";
import { type GemmRate, gemmRate } from "./gemm.ts";
import { type ListsRun, runLists } from "./lists-workload.ts";

const USERS = Number(process.env["USHER_BENCH_USERS"] ?? 100_000);
const ITEMS = 20_000;
const DIMENSIONS = 256;
/** The shape of model that is shipped for a million interactions. */
const SHIPPED = { dimensions: 448, hidden: { units: 1024, linear: 192 } };
/** Machines are shared: rounds alternate what is compared, and the best of each counts. */
const ROUNDS = Number(process.env["USHER_BENCH_ROUNDS"] ?? 3);
/** One thread gets fewer users; rates are compared. */
const USERS_OF_ONE_THREAD = Math.min(USERS, 50_000);
const GEMM_SECONDS = 1.5;

interface Round {
  tfjs: GemmRate;
  simd: GemmRate;
  all: ListsRun;
  two: ListsRun;
  one: ListsRun;
  /** As many dimensions as the shipped model's, without and with the hidden layer. */
  wide: ListsRun;
  hidden: ListsRun;
}

const benchmark: Benchmark = {
  title: `lists of ${USERS.toLocaleString("en")} users x ${ITEMS.toLocaleString("en")} items x ${DIMENSIONS} dimensions against a matrix multiplication of that shape`,

  async run(say): Promise<Figures> {
    const cores = availableParallelism();
    const shape = { items: ITEMS, dimensions: DIMENSIONS };
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const gemm = { ...shape, seconds: GEMM_SECONDS };
      const tfjs = await gemmRate({ kind: "tfjs", ...gemm }, cores);
      const simd = await gemmRate({ kind: "simd", ...gemm }, cores);
      const all = await runLists({ users: USERS, ...shape, threads: cores });
      const two = cores === 2 ? all : await runLists({ users: USERS, ...shape, threads: 2 });
      const one = await runLists({ users: USERS_OF_ONE_THREAD, ...shape, threads: 1 });
      const shipped = { users: USERS, items: ITEMS, threads: cores, ...SHIPPED };
      const wide = await runLists({ ...shipped, hidden: undefined });
      const hidden = await runLists(shipped);
      rounds.push({ tfjs, simd, all, two, one, wide, hidden });
      say(
        `round ${round}: ${count(USERS / all.seconds)} users/s on ${cores} cores, ${micro(all, USERS)} us of a core a user; one thread ${count(USERS_OF_ONE_THREAD / one.seconds)} users/s; GEMM of one core: tfjs ${giga(tfjs.core)}, own f32 ${giga(simd.core)}; ${SHIPPED.dimensions} dimensions: linear ${micro(wide, USERS)} us of a core a user, with a hidden layer ${micro(hidden, USERS)}`,
      );
    }
    const best = (of: (round: Round) => number) => Math.max(...rounds.map(of));
    const wall = best(({ all }) => rate(USERS, all.seconds));
    const core = best(({ all }) => rate(USERS, all.coreSeconds));
    const gemmWall = best(({ tfjs, simd }) => Math.max(tfjs.wall, simd.wall));
    const gemmCore = best(({ tfjs, simd }) => Math.max(tfjs.core, simd.core));
    return {
      lists_users: USERS,
      lists_users_per_second: Math.round(wall / (ITEMS * DIMENSIONS)),
      lists_core_us_per_user: (ITEMS * DIMENSIONS * 1e6) / core,
      gemm_tfjs_core_gmacs: best(({ tfjs }) => tfjs.core) / 1e9,
      gemm_f32_core_gmacs: best(({ simd }) => simd.core) / 1e9,
      lists_share_of_gemm: wall / gemmWall,
      lists_share_of_gemm_core: core / gemmCore,
      lists_speedup_2_threads:
        best(({ two }) => rate(USERS, two.seconds)) /
        best(({ one }) => rate(USERS_OF_ONE_THREAD, one.seconds)),
      lists_wide_users_per_second: Math.round(best(({ wide }) => USERS / wide.seconds)),
      lists_hidden_users_per_second: Math.round(best(({ hidden }) => USERS / hidden.seconds)),
      lists_wide_core_us_per_user: 1e6 / best(({ wide }) => USERS / wide.coreSeconds),
      lists_hidden_core_us_per_user: 1e6 / best(({ hidden }) => USERS / hidden.coreSeconds),
      lists_hidden_vs_linear_core:
        best(({ hidden }) => USERS / hidden.coreSeconds) /
        best(({ wide }) => USERS / wide.coreSeconds),
      lists_peak_mb: Math.round(best(({ all }) => all.peakMb)),
    };
  },
};

export default benchmark;

/** Multiply-adds a second that a plain multiplication would need to be as fast. */
function rate(users: number, seconds: number): number {
  return (users * ITEMS * DIMENSIONS) / seconds;
}

function micro({ coreSeconds }: ListsRun, users: number): string {
  return ((coreSeconds * 1e6) / users).toFixed(0);
}

function giga(multiplyAdds: number): string {
  return `${(multiplyAdds / 1e9).toFixed(0)} GMAC/s`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
