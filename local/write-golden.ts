/** `npm run golden`: writes the samples and what is read from them, after a change of format. */
import { writeFileSync } from "node:fs";
import { readBinary, readPointer } from "../release/golden/read.ts";
import { BINARY_SAMPLES, POINTER_SAMPLE } from "../release/golden/samples.ts";

for (const [name, build] of Object.entries(BINARY_SAMPLES)) {
  const value = build();
  write(`${name}.bin`, new Uint8Array(value));
  write(`${name}.read.json`, pretty(readBinary(value)));
}
write("pointer.json", pretty(POINTER_SAMPLE));
write("pointer.read.json", pretty(readPointer(JSON.stringify(POINTER_SAMPLE))));

function write(name: string, content: Uint8Array | string): void {
  writeFileSync(new URL(`../release/golden/${name}`, import.meta.url), content);
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
