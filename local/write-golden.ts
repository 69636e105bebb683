/** `npm run golden`: writes the samples and what is read from them, after a change of format. */
import { writeFileSync } from "node:fs";
import { parseChecksums, writeChecksums } from "../release/checksums.ts";
import { readBinary, readPointer } from "../release/golden/read.ts";
import { BINARY_SAMPLES, CHECKSUMS_SAMPLE, POINTER_SAMPLE } from "../release/golden/samples.ts";

for (const [name, build] of Object.entries(BINARY_SAMPLES)) {
  const value = build();
  write(`${name}.bin`, new Uint8Array(value));
  write(`${name}.read.json`, pretty(readBinary(value)));
}
const checksums = writeChecksums(CHECKSUMS_SAMPLE);
write("checksums.txt", checksums);
write("checksums.read.json", pretty(parseChecksums(new TextDecoder().decode(checksums))));
write("pointer.json", pretty(POINTER_SAMPLE));
write("pointer.read.json", pretty(readPointer(JSON.stringify(POINTER_SAMPLE))));

function write(name: string, content: Uint8Array | string): void {
  writeFileSync(new URL(`../release/golden/${name}`, import.meta.url), content);
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
