/** `npm run wasm`: assembles the scan kernel into the file that the API Worker imports. */
import { writeFileSync } from "node:fs";
import { assembleScanKernel } from "../release/wasm/scan-kernel.ts";

const file = new URL("../release/wasm/scan.wasm", import.meta.url);
const bytes = assembleScanKernel();
writeFileSync(file, bytes);
console.log(`release/wasm/scan.wasm: ${bytes.length} bytes`);
