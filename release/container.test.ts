import fc from "fast-check";
import { expect, test } from "vitest";
import { Sections, writeContainer } from "./container.ts";

const KIND = { magic: "TEST", version: 3, name: "sample" };
const HEADER_BYTES = 16;
const ENTRY_BYTES = 16;

const arrays = {
  u8: fc.uint8Array({ maxLength: 40 }),
  i8: fc.int8Array({ maxLength: 40 }),
  u16: fc.uint16Array({ maxLength: 40 }),
  u32: fc.uint32Array({ maxLength: 40 }),
  f32: fc.float32Array({ maxLength: 40 }),
};
type Element = keyof typeof arrays;

const section = fc
  .constantFrom(...(Object.keys(arrays) as Element[]))
  .chain((element) => fc.record({ element: fc.constant(element), data: arrays[element] }));
const tag = fc.string({ unit: fc.constantFrom(..."ABCDEFGHIJ"), minLength: 4, maxLength: 4 });

test("whatever sections are written are read back, element for element", () => {
  fc.assert(
    fc.property(fc.dictionary(tag, section, { maxKeys: 6 }), (written) => {
      const data = Object.entries(written).map(([name, { data }]) => [name, data] as const);
      const value = writeContainer(KIND, Object.fromEntries(data) as never);
      const sections = new Sections(value, KIND, true);
      for (const [name, { element, data }] of Object.entries(written)) {
        expect(sections.count(name, element)).toBe(data.length);
        const read = sections.get(name, element, data.length);
        expect(bytesOf(read)).toEqual(bytesOf(data));
        expect(read.byteOffset % 8).toBe(0);
      }
      expect(value.byteLength % 8).toBe(0);
    }),
  );
});

test("sections are views over the value, not copies", () => {
  const value = writeContainer(KIND, { DATA: Uint32Array.of(1, 2, 3) });
  expect(new Sections(value, KIND, true).get("DATA", "u32", 3).buffer).toBe(value);
});

test("a section that the reader does not know changes nothing", () => {
  const value = writeContainer(KIND, { MORE: Uint8Array.of(9), DATA: Uint32Array.of(1) });
  expect([...new Sections(value, KIND, true).get("DATA", "u32", 1)]).toEqual([1]);
});

test("a section that is missing, of another type or of another length is named", () => {
  const sections = new Sections(writeContainer(KIND, { DATA: Uint32Array.of(1) }), KIND, true);
  expect(() => sections.get("NONE", "u32", 1)).toThrow('no section "NONE" of u32');
  expect(() => sections.get("DATA", "f32", 1)).toThrow('no section "DATA" of f32');
  expect(() => sections.get("DATA", "u32", 2)).toThrow('"DATA" has 1 elements, not 2');
  expect(() => sections.elementOf("DATA", "u16", "u8")).toThrow('no section "DATA" of u16,u8');
  expect(sections.elementOf("DATA", "u16", "u32")).toBe("u32");
});

test("another magic or another version is refused with what came and what was expected", () => {
  const value = writeContainer(KIND, {});
  expect(() => new Sections(value, { ...KIND, magic: "ELSE" }, true)).toThrow(
    'This sample is damaged: it starts with "TEST", not "ELSE".',
  );
  expect(() => new Sections(value, { ...KIND, version: 2 }, true)).toThrow(
    /format version 3; this code reads version 2\. Deploy the code/,
  );
});

test("a section that a changed count would hide is found missing by the checksum", () => {
  const value = writeContainer(KIND, { AAAA: Uint8Array.of(1), BBBB: Uint8Array.of(2) });
  new DataView(value).setUint16(6, 1, true);
  expect(() => new Sections(value, KIND, true)).toThrow("its checksum does not match");
});

test("a table that names a section twice, or one outside or off alignment, is refused", () => {
  const make = () => writeContainer(KIND, { AAAA: Uint8Array.of(1), BBBB: Uint8Array.of(2) });
  const second = HEADER_BYTES + ENTRY_BYTES;
  const broken = (change: (view: DataView) => void) => {
    const value = make();
    change(new DataView(value));
    return () => new Sections(value, KIND, false);
  };
  expect(broken((view) => view.setUint32(second, view.getUint32(HEADER_BYTES)))).toThrow(
    'two sections "AAAA"',
  );
  expect(broken((view) => view.setUint32(second + 8, 0, true))).toThrow("outside the value");
  expect(broken((view) => view.setUint32(second + 8, 0xfffffff8, true))).toThrow("outside");
  expect(broken((view) => view.setUint32(second + 12, 0xffffffff, true))).toThrow("outside");
  expect(broken((view) => view.setUint32(second + 8, 49, true))).toThrow("misaligned");
  expect(broken((view) => view.setUint16(6, 9, true))).toThrow("table of 9 sections does not fit");
});

function bytesOf(data: ArrayBufferView): number[] {
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}
