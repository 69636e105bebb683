import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundleScript } from "../../local/worker-bundles.ts";
import { encodeProfile } from "../../release/encode.ts";
import { buildModel } from "../../release/model.ts";
import { simdScan } from "../../release/simd-scan.ts";
import { topK } from "../../release/topk.ts";
import { rowIndices, selectRows } from "../../trainer/csr.ts";
import { tasteDataset } from "../../trainer/fixtures/tastes.ts";
import { CHOSEN_MODEL, createModel } from "../../trainer/models/registry.ts";
import { interactionWeights } from "../../trainer/weights.ts";
import type { Benchmark } from "../benchmark.ts";
import { median } from "./measure.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const SIZES = [
  { items: 4_000, name: "4k" },
  { items: 20_000, name: "20k" },
  { items: 100_000, name: "100k" },
];
const ROUNDS = 5;
/** Items scored in one measurement, so that each lasts about as long. */
const SCORED = { simd: 10_000_000, plain: 1_000_000 };
const WORKER = fileURLToPath(new URL("./foldin-worker.ts", import.meta.url));
const KERNEL = new URL("../../release/wasm/scan.wasm", import.meta.url);

export default {
  title:
    "a fold-in of 50 ratings over the whole catalogue in workerd, and whether it ranks as trained",
  async run(say) {
    const scratch = await mkdtemp(path.join(tmpdir(), "usher-bench-"));
    try {
      const workerd = await startWorkerd(path.join(scratch, "workerd"), scratch, [
        { name: "foldin", bundle: await bundleScript(WORKER, { minify: true }) },
      ]);
      try {
        return { ...(await timeAll(workerd, say)), foldin_rank_agreement: await agreement(say) };
      } finally {
        await workerd.stop();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
} satisfies Benchmark;

async function timeAll(workerd: Workerd, say: (line: string) => void) {
  const figures: Record<string, number> = {};
  for (const { items, name } of SIZES) {
    const simd: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      simd.push(await timeOne(workerd, "simd", items));
      plain.push(await timeOne(workerd, "plain", items));
    }
    figures[`foldin_ms_${name}`] = median(simd);
    figures[`foldin_plain_vs_simd_${name}`] = median(plain.map((ms, at) => ms / simd[at]!));
    say(
      `${name} items: ${median(simd).toFixed(2)} ms, plain JavaScript ${median(plain).toFixed(2)}`,
    );
  }
  return figures;
}

/** CPU milliseconds of one fold-in; where the system does not tell, the time that passes. */
async function timeOne(workerd: Workerd, scan: "simd" | "plain", items: number): Promise<number> {
  const loops = Math.ceil(SCORED[scan] / items);
  const ask = (count: number) =>
    fetch(`${workerd.urls["foldin"]}/?items=${items}&scan=${scan}&loops=${count}`);
  await (await ask(2)).text();
  const [cpu, clock] = [workerd.cpuMs(), performance.now()];
  await (await ask(loops)).text();
  const spent = workerd.cpuMs() - cpu;
  return (spent > 0 ? spent : performance.now() - clock) / loops;
}

/** The share of the trainer's top 20 that the edge's quantised fold-in returns, for unseen users. */
async function agreement(say: (line: string) => void): Promise<number> {
  const dataset = await tasteDataset({ users: 1_500, items: 600, tastes: 12, perUser: 40 });
  const weights = interactionWeights(dataset);
  const users = Array.from({ length: weights.rows }, (_, user) => user);
  const model = createModel(CHOSEN_MODEL);
  await model.fit(selectRows(weights, users.slice(300)), { seed: 1 });
  const held = selectRows(weights, users.slice(0, 300));
  const items = weights.cols;
  const scores = new Float32Array(held.rows * items);
  model.score(held, scores);
  const kernel = new WebAssembly.Module(readFileSync(KERNEL));
  const scan = simdScan(kernel, [buildModel(model.served()!)], items);
  model.dispose();
  let same = 0;
  let all = 0;
  for (let row = 0; row < held.rows; row++) {
    const own = rowIndices(held, row);
    const expected = topK(scores.subarray(row * items, (row + 1) * items), 20, own).items;
    const profile = { items: own, weights: new Float32Array(own.length).fill(1) };
    const edge = new Set(topK(scan.score(encodeProfile(scan.model, profile)), 20, own).items);
    same += expected.filter((item) => edge.has(item)).length;
    all += expected.length;
  }
  say(`${same} of ${all} items of the trainer's lists are in the edge's`);
  return same / all;
}
