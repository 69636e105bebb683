/** One thread of the matrix multiplication: repeats a block until its time is over. */
import { parentPort, workerData } from "node:worker_threads";
import { multiplyInto, openBackend, transposed, upload } from "../../trainer/backend.ts";
import type { GemmDone, GemmInput } from "./gemm.ts";
import { createGemm } from "./gemm-kernel.ts";

const { kind, items, dimensions, seconds } = workerData as GemmInput;
const users = 120;

const multiply = kind === "tfjs" ? await tfjsGemm() : createGemm(users, items, dimensions);
multiply();
const started = performance.now();
const before = process.threadCpuUsage();
let multiplyAdds = 0;
let spent = 0;
while (spent < seconds) {
  multiply();
  multiplyAdds += users * items * dimensions;
  spent = (performance.now() - started) / 1000;
}
const { user, system } = process.threadCpuUsage(before);
const coreSeconds = (user + system) / 1e6;
parentPort!.postMessage({ multiplyAdds, seconds: spent, coreSeconds } satisfies GemmDone);

async function tfjsGemm(): Promise<() => void> {
  await openBackend();
  const left = upload(new Float32Array(users * dimensions).fill(0.5), users, dimensions);
  const rows = upload(new Float32Array(items * dimensions).fill(0.25), items, dimensions);
  const right = transposed(rows);
  const scores = new Float32Array(users * items);
  return () => multiplyInto(left, right, scores);
}
