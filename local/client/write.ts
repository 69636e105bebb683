/** `npm run client`: writes what the client takes from the service, and what the pages take from it. */
import { writeFileSync } from "node:fs";
import { bundledClient, interfaceFile } from "./files.ts";

writeFileSync(new URL("../../client/interface.ts", import.meta.url), await interfaceFile());
writeFileSync(
  new URL("../../worker/public/usher-client.js", import.meta.url),
  await bundledClient(),
);
