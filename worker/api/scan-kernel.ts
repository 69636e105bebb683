import { ModelView } from "../../release/model.ts";
import { plainScan, type Scan } from "../../release/scan.ts";
import { simdScan } from "../../release/simd-scan.ts";

let kernel: WebAssembly.Module | null = null;

/** Gives this isolate the compiled scan kernel; a Worker imports it and may not compile bytes. */
export function useScanKernel(module: WebAssembly.Module): void {
  kernel = module;
}

/**
 * A release's model ready to score; in plain JavaScript where there is no kernel.
 *
 * @param parts the model's value as KV holds it.
 */
export function openScan(parts: readonly ArrayBuffer[], itemCount: number): Scan {
  if (kernel !== null) return simdScan(kernel, parts, itemCount);
  return plainScan(ModelView.from(joined(parts)));
}

function joined(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return whole.buffer;
}
