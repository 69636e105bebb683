/** Plain matrix multiplication on all cores: what list making is compared with. */
import { Worker } from "node:worker_threads";

/** `tfjs`: TensorFlow.js's wasm backend. `simd`: our own f32 kernel, blocked for registers and cache. */
export type GemmKind = "tfjs" | "simd";

export interface GemmInput {
  kind: GemmKind;
  items: number;
  dimensions: number;
  seconds: number;
}

/** What a thread says at its end. */
export interface GemmDone {
  multiplyAdds: number;
  seconds: number;
  coreSeconds: number;
}

/** Multiply-adds a second: of all threads together, and of a second of one core. */
export interface GemmRate {
  wall: number;
  core: number;
}

/**
 * The rate of `threads` threads that each multiply blocks of users (f32) by all items and write every
 * score to memory.
 */
export async function gemmRate(input: GemmInput, threads: number): Promise<GemmRate> {
  const running = Array.from({ length: threads }, () => {
    const done = Promise.withResolvers<GemmDone>();
    const thread = new Worker(new URL("gemm-thread.ts", import.meta.url), { workerData: input });
    thread.on("message", done.resolve);
    thread.on("error", done.reject);
    return done.promise;
  });
  const all = await Promise.all(running);
  return {
    wall: all.reduce((sum, { multiplyAdds, seconds }) => sum + multiplyAdds / seconds, 0),
    core:
      all.reduce((sum, { multiplyAdds, coreSeconds }) => sum + multiplyAdds / coreSeconds, 0) /
      threads,
  };
}
