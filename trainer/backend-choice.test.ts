import { expect, test } from "vitest";
import { openBackend } from "./backend.ts";

test("a backend that is not there is refused with what is missing", async () => {
  await expect(openBackend("webgpu")).rejects.toThrow(
    /webgpu.* does not start on this machine: .*(no WebGPU|not installed|no device)/,
  );
});
