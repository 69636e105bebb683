import { readFileSync } from "node:fs";

/** The version in package.json: what releases name as the code that made them. */
export function codeVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
