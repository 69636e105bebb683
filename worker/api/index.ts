/** The API Worker: the app of `app.ts` with the compiled scan kernel. */
import kernel from "../../release/wasm/scan.wasm";
import { app } from "./app.ts";
import { useScanKernel } from "./scan-kernel.ts";

useScanKernel(kernel);

export default app;
