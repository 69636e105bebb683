/** Numbers and names as a WebAssembly module writes them. WebAssembly Core 3.0, section 5.2. */

/** A number that is not negative, in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** A 32-bit number with its sign, in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

/** Bytes behind their number. */
export function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

export function text(value: string): number[] {
  return sized([...new TextEncoder().encode(value)]);
}
