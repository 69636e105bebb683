/**
 * MurmurHash3 x86_128 (Austin Appleby, public domain algorithm), the one hash of the formats: of
 * ids, where 64 of its bits name a user, and of values, where 32 of them are the checksum.
 */

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** The first 64 bits of an id's hash, as two unsigned 32-bit words. */
export interface IdHash {
  readonly hi: number;
  readonly lo: number;
}

const encoder = new TextEncoder();
const scratch = new Uint32Array(4);
/** Short ASCII ids, nearly all there are, are their own UTF-8: no encoder, no allocation. */
const ascii = new Uint8Array(64);
const asciiView = new DataView(ascii.buffer);

/** Hashes an id's UTF-8 bytes. */
export function hashId(id: string, seed: number): IdHash {
  if (copyAscii(id)) hash(ascii, asciiView, id.length, seed, scratch);
  else murmur128(encoder.encode(id), seed, scratch);
  return { hi: scratch[0]!, lo: scratch[1]! };
}

/** Whether all of an id fitted into `ascii`. */
function copyAscii(id: string): boolean {
  const { length } = id;
  if (length > ascii.length) return false;
  for (let at = 0; at < length; at++) {
    const unit = id.charCodeAt(at);
    if (unit > 0x7f) return false;
    ascii[at] = unit;
  }
  return true;
}

/** Hashes bytes into four unsigned 32-bit words, the first most significant. */
export function murmur128(bytes: Uint8Array, seed: number, out: Uint32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  hash(bytes, view, bytes.length, seed, out);
}

function hash(
  bytes: Uint8Array,
  view: DataView,
  length: number,
  seed: number,
  out: Uint32Array,
): void {
  let h1 = seed | 0;
  let h2 = seed | 0;
  let h3 = seed | 0;
  let h4 = seed | 0;
  const blocks = length >>> 4;
  for (let at = 0, end = blocks << 4; at < end; at += 16) {
    h1 ^= mixBlock(view.getInt32(at, true), C1, 15, C2);
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= mixBlock(view.getInt32(at + 4, true), C2, 16, C3);
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= mixBlock(view.getInt32(at + 8, true), C3, 17, C4);
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= mixBlock(view.getInt32(at + 12, true), C4, 18, C1);
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const tail = blocks << 4;
  const left = length & 15;
  if (left > 12) h4 ^= mixBlock(tailWord(bytes, tail + 12, left - 12), C4, 18, C1);
  if (left > 8) h3 ^= mixBlock(tailWord(bytes, tail + 8, left - 8), C3, 17, C4);
  if (left > 4) h2 ^= mixBlock(tailWord(bytes, tail + 4, left - 4), C2, 16, C3);
  if (left > 0) h1 ^= mixBlock(tailWord(bytes, tail, left), C1, 15, C2);
  finish(h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length, out);
}

function finish(a: number, b: number, c: number, d: number, out: Uint32Array): void {
  let h1 = (a + b + c + d) | 0;
  let h2 = (b + h1) | 0;
  let h3 = (c + h1) | 0;
  let h4 = (d + h1) | 0;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h3 = avalanche(h3);
  h4 = avalanche(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = h2 + h1;
  out[2] = h3 + h1;
  out[3] = h4 + h1;
}

function mixBlock(word: number, before: number, turn: number, after: number): number {
  return Math.imul(rotate(Math.imul(word, before), turn), after);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Up to four bytes, little-endian. */
function tailWord(bytes: Uint8Array, from: number, count: number): number {
  let word = 0;
  for (let at = Math.min(count, 4) - 1; at >= 0; at--) word = (word << 8) | bytes[from + at]!;
  return word;
}

function avalanche(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
