/** `npm run cost`: writes docs/cost.md. */
import { writeFileSync } from "node:fs";
import { costDocument } from "./document.ts";

writeFileSync(new URL("../../docs/cost.md", import.meta.url), costDocument());
