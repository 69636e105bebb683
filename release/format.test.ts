import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BINARY_SAMPLES } from "./golden/samples.ts";
import { hashId } from "./hash.ts";
import * as keys from "./keys.ts";

const FORMAT = readFileSync(new URL("FORMAT.md", import.meta.url), "utf8");
const ELEMENTS = ["u8", "i8", "u16", "u32", "f32"];

test("the example hashes of FORMAT.md are right", () => {
  const examples = [...FORMAT.matchAll(/hash\("(.*)", (\d+)\)\s+-> hi 0x(\w+), lo 0x(\w+)/g)];
  expect(examples.length).toBeGreaterThan(1);
  for (const [, id = "", seed, hi = "", lo = ""] of examples) {
    const hash = hashId(id, Number(seed));
    expect(hash).toEqual({ hi: Number.parseInt(hi, 16), lo: Number.parseInt(lo, 16) });
  }
});

test.each([
  ["Catalogue", "catalogue"],
  ["Shard", "shard"],
  ["Profiles", "profiles"],
  ["Model", "model"],
])(
  "FORMAT.md's %s names exactly the sections that are written, and their types",
  (chapter, name) => {
    const text = FORMAT.split(`\n## ${chapter}\n`)[1]!.split("\n## ")[0]!;
    const rows = [...text.matchAll(/^\| `(\w{4})` \| ([\w ]+) \|/gm)];
    const written = sectionsOf(BINARY_SAMPLES[name]!());
    expect(rows.map(([, tag]) => tag).sort()).toEqual([...written.keys()].sort());
    for (const [, tag = "", types = ""] of rows) {
      expect(types.split(" or ")).toContain(written.get(tag));
    }
  },
);

/** Read by FORMAT.md's grid alone, without this folder's code. */
function sectionsOf(value: ArrayBuffer): Map<string, string> {
  const view = new DataView(value);
  const sections = new Map<string, string>();
  for (let entry = 0; entry < view.getUint16(6, true); entry++) {
    const at = 16 + 16 * entry;
    const tag = new TextDecoder().decode(new Uint8Array(value, at, 4));
    sections.set(tag, ELEMENTS[view.getUint32(at + 4, true) - 1]!);
  }
  return sections;
}

test("FORMAT.md names every key of Workers KV", () => {
  const named = [...FORMAT.matchAll(/^\| `([^`]+)` \| (?:JSON|binary)/gm)].map(([, key]) => key);
  const fixed = Object.values(keys).filter((key) => typeof key === "string");
  for (const key of fixed) expect(named.some((name) => name!.startsWith(key))).toBe(true);
  const ofRelease = [
    keys.manifestKey("<release>"),
    keys.catalogueKey("<release>"),
    keys.modelKey("<release>", 0).replace(/0$/, "<part>"),
    keys.shardKey("<release>", 0).replace(/0$/, "<shard>"),
    keys.profileShardKey("<release>", 0).replace(/0$/, "<shard>"),
  ];
  for (const key of ofRelease) expect(named).toContain(key);
});
