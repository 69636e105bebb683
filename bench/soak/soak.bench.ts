import type { Benchmark } from "../benchmark.ts";
import { soak } from "./soak.ts";

const MINUTES = Number(process.env["USHER_SOAK_MINUTES"] ?? 30);
const SEED = Number(process.env["USHER_SEED"] ?? 1);

export default {
  title: `${MINUTES} minutes of mixed traffic, with one cycle and one rollback (seed ${SEED})`,
  run: (say) => soak({ seconds: MINUTES * 60, visitors: 8, seed: SEED }, say),
} satisfies Benchmark;
