/**
 * TensorFlow.js set up once: which backend multiplies matrices, and how results come back.
 *
 * Two traps this file keeps out of the models: `matMul` with transpose flags runs ten times slower
 * on wasm than `matMul` of an explicitly transposed tensor, and a large typed array returned from
 * `tf.tidy` is walked element by element.
 */
import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { UsherError } from "../release/error.ts";

/**
 * `wasm`: SIMD, one thread, no download; the default. `cpu`: plain JavaScript, about a hundred times
 * slower, for machines without wasm SIMD. `node`: native bindings, when @tensorflow/tfjs-node (or
 * -gpu) has been installed beside Usher. `webgpu`: when @tensorflow/tfjs-backend-webgpu has been, and
 * the runtime gives an adapter. Lists are not made by any of them: scoring/ has a kernel of its own.
 */
export const BACKENDS = ["wasm", "cpu", "node", "webgpu"] as const;

export type BackendName = (typeof BACKENDS)[number];

/** Packages that are not among Usher's own, and what TensorFlow.js calls their backends. */
const OPTIONAL: Partial<Record<BackendName, { packageName: string; backend: string }>> = {
  node: { packageName: "@tensorflow/tfjs-node", backend: "tensorflow" },
  webgpu: { packageName: "@tensorflow/tfjs-backend-webgpu", backend: "webgpu" },
};

export type Matrix = tf.Tensor2D;

/**
 * The wasm loader listens to these to throw again whatever it hears, which prints a page of its own
 * source in place of the error. We take its listeners off.
 */
const listening: EventEmitter = process;
const CRASH_EVENTS = ["uncaughtException", "unhandledRejection"];

let opened: { name: BackendName; ready: Promise<void> } | undefined;

/**
 * Makes the backend ready; calling again with the same name costs nothing.
 *
 * Throws `BACKEND_UNAVAILABLE` when the backend cannot start here, `BACKEND_IN_USE` when another
 * one has been opened in this thread before.
 */
export function openBackend(name: BackendName = opened?.name ?? "wasm"): Promise<void> {
  if (opened !== undefined && opened.name !== name) {
    throw new UsherError(
      "BACKEND_IN_USE",
      `The tfjs backend "${opened.name}" is already in use in this process; start another process ` +
        `for "${name}".`,
    );
  }
  opened ??= { name, ready: start(name) };
  return opened.ready;
}

async function start(name: BackendName): Promise<void> {
  const optional = OPTIONAL[name];
  const unavailable = (why: string, cause?: unknown) =>
    new UsherError(
      "BACKEND_UNAVAILABLE",
      `The tfjs backend "${name}" does not start on this machine: ${why}. Leave --backend away: ` +
        "wasm runs everywhere.",
      { cause },
    );
  if (name === "wasm") setWasmPaths(wasmDirectory());
  // Node 20 has no navigator at all.
  if (name === "webgpu" && !("gpu" in (globalThis.navigator ?? {}))) {
    throw unavailable("this runtime has no WebGPU");
  }
  if (optional !== undefined) {
    await import(optional.packageName).catch((cause: unknown) => {
      throw unavailable(`${optional.packageName} is not installed beside Usher`, cause);
    });
  }
  const before = CRASH_EVENTS.map((event) => listening.listeners(event));
  const started = await tf.setBackend(optional?.backend ?? name);
  if (!started) throw unavailable("it finds no device that it can use");
  await tf.ready();
  CRASH_EVENTS.forEach((event, at) => {
    for (const listener of listening.listeners(event)) {
      if (!before[at]!.includes(listener)) listening.removeListener(event, listener as () => void);
    }
  });
}

function wasmDirectory(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("@tensorflow/tfjs-backend-wasm/package.json");
  return join(dirname(manifest), "wasm-out") + sep;
}

/** Row-major values as a rows x cols matrix of the backend. Dispose it after use. */
export function upload(values: Float32Array, rows: number, cols: number): Matrix {
  return tf.tensor2d(values, [rows, cols]);
}

/** The explicit transpose (cols x rows). Dispose it after use. */
export function transposed(matrix: Matrix): Matrix {
  return tf.transpose(matrix) as Matrix;
}

/** `out` (row-major, a.rows x b.cols) = a b. */
export function multiplyInto(a: Matrix, b: Matrix, out: Float32Array): void {
  const product = tf.matMul(a, b) as Matrix;
  readInto(product, out);
  product.dispose();
}

/** What the wasm backend shows of its memory; absent on the others. */
interface WasmMemory {
  wasm?: { HEAPU8: Uint8Array };
  getMemoryOffset?: (dataId: object) => number;
}

/**
 * Copies a matrix out. On wasm straight from its memory: `dataSync` would make a fresh array each
 * time, and at a million floats allocating costs more than multiplying saves.
 */
function readInto(matrix: Matrix, out: Float32Array): void {
  const memory = tf.backend() as unknown as WasmMemory;
  const heap = memory.wasm?.HEAPU8;
  const offset = memory.getMemoryOffset?.(matrix.dataId);
  if (heap === undefined || offset === undefined) out.set(matrix.dataSync());
  else out.set(new Float32Array(heap.buffer as ArrayBuffer, offset, matrix.size));
}
