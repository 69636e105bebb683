import kernel from "../../../release/wasm/scan.wasm";

/** The compiled scan: a Worker imports WebAssembly, and may not compile bytes. */
export const SCAN_KERNEL: WebAssembly.Module = kernel;
