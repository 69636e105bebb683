import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsherError } from "./error.ts";
import { readBinary } from "./golden/read.ts";
import { BINARY_SAMPLES } from "./golden/samples.ts";

/** Offsets of the version: a flip there makes an unknown version, not damage. */
const VERSION = [4, 5];
/** Offset of the magic's last letter: a flip there makes another kind, whose version may differ. */
const KIND = 3;

function codeOf(buffer: ArrayBuffer, options?: { verify: boolean }): string | null {
  try {
    readBinary(buffer, options);
    return null;
  } catch (error) {
    // A RangeError or TypeError would be a read out of bounds.
    if (error instanceof UsherError) return error.code;
    throw error;
  }
}

function flipped(value: ArrayBuffer, at: number, mask: number): ArrayBuffer {
  const bytes = new Uint8Array(value.slice(0));
  bytes[at]! ^= mask;
  return bytes.buffer;
}

describe.each(Object.entries(BINARY_SAMPLES))("a %s", (_, build) => {
  const value = build();

  test("with any one byte changed is refused", () => {
    for (let at = 0; at < value.byteLength; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const code = codeOf(flipped(value, at, mask));
        const expected = VERSION.includes(at) ? /VERSION/ : at === KIND ? /VALUE/ : /DAMAGED/;
        expect(code, `byte ${at} ^ ${mask}`).toMatch(expected);
      }
    }
  });

  test("cut short anywhere, or with bytes behind it, is refused", () => {
    for (let length = 0; length < value.byteLength; length++) {
      expect(codeOf(value.slice(0, length)), `${length} bytes`).toBe("VALUE_DAMAGED");
    }
    const longer = new Uint8Array(value.byteLength + 8);
    longer.set(new Uint8Array(value));
    expect(codeOf(longer.buffer)).toBe("VALUE_DAMAGED");
  });

  test("of a version to come is refused with a sentence that says what to do", () => {
    const next = value.slice(0);
    const view = new DataView(next);
    const known = view.getUint16(4, true);
    view.setUint16(4, known + 1, true);
    expect(() => readBinary(next)).toThrow(
      new RegExp(`format version ${known + 1}; this code reads version ${known}.*Deploy`),
    );
  });

  test("read without its checksum never reads out of bounds, whatever its bytes", () => {
    const somewhere = fc.record({
      at: fc.integer({ min: 0, max: value.byteLength - 1 }),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(somewhere, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = new Uint8Array(value.slice(0));
        for (const { at, byte } of changes) bytes[at] = byte;
        codeOf(bytes.buffer, { verify: false });
      }),
      { numRuns: 500 },
    );
  });
});

test("random bytes are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(codeOf(bytes.slice().buffer)).toBe("VALUE_DAMAGED");
    }),
  );
});
