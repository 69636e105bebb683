import { afterEach, expect, test, vi } from "vitest";

/** A fresh module: a process opens one backend, once. */
async function openFresh(name: "node" | "webgpu") {
  vi.resetModules();
  const { openBackend } = await import("./backend.ts");
  await openBackend(name);
}

afterEach(() => vi.unstubAllGlobals());

test("WebGPU is refused where the runtime has none", async () => {
  await expect(openFresh("webgpu")).rejects.toThrow(
    /webgpu.* does not start on this machine: this runtime has no WebGPU.*wasm runs everywhere/,
  );
});

test("WebGPU is refused alike by a runtime without a navigator", async () => {
  vi.stubGlobal("navigator", undefined);
  await expect(openFresh("webgpu")).rejects.toThrow(/this runtime has no WebGPU/);
});

test("WebGPU without its package is refused with the package's name", async () => {
  vi.stubGlobal("navigator", { gpu: {} });
  await expect(openFresh("webgpu")).rejects.toThrow(
    /tfjs-backend-webgpu is not installed beside Usher/,
  );
});

test("native bindings without their package are refused with the package's name", async () => {
  await expect(openFresh("node")).rejects.toThrow(/tfjs-node is not installed beside Usher/);
});
