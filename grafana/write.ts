/** `npm run grafana`: writes the dashboards and alert rules that Grafana is provisioned with. */
import { writeFileSync } from "node:fs";
import { generatedFiles } from "./files.ts";

for (const { path, text } of generatedFiles()) {
  writeFileSync(new URL(path, import.meta.url), text);
}
