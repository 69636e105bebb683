import {
  findBackendFactory,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
} from "@tensorflow/tfjs";
import { expect, test, vi } from "vitest";
import { multiplyInto, openBackend, upload } from "./backend.ts";

/** What the real package does when imported, over plain JavaScript's kernels in place of native ones. */
const installed = vi.hoisted(() => ({ times: 0 }));
vi.mock("@tensorflow/tfjs-node", () => {
  registerBackend("tensorflow", findBackendFactory("cpu"));
  for (const kernel of getKernelsForBackend("cpu")) {
    registerKernel({ ...kernel, backendName: "tensorflow" });
  }
  installed.times++;
  return {};
});

test("native bindings multiply once their package is installed beside Usher", async () => {
  await openBackend("node");
  expect(installed.times).toBe(1);
  const out = new Float32Array(1);
  multiplyInto(upload(Float32Array.of(2, 3), 1, 2), upload(Float32Array.of(5, 7), 2, 1), out);
  expect(out[0]).toBe(31);
});
