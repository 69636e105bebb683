import { murmur128 } from "../release/hash.ts";

/** The fields of an event that say what happened; where and how it came in is not among them. */
export interface EventContent {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly value: number | null;
  readonly minutes: number | null;
  readonly share: number | null;
  /** Epoch milliseconds. */
  readonly occurredAt: number;
}

/** Seed of derived ids. Changing it would make every import insert everything again. */
const SEED = 0x75736872;
const ABSENT = 0xffffffff;

const encoder = new TextEncoder();
const words = new Uint32Array(4);
let bytes = new Uint8Array(1024);
let view = new DataView(bytes.buffer);

/**
 * The id of an event that brings none: 128 bits of MurmurHash3 over its content, as 32 hex digits.
 *
 * The same content gives the same id everywhere, which makes importing or sending again harmless.
 * Each field is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
 */
export function deriveEventId(event: EventContent): string {
  let length = append(0, event.userId);
  length = append(length, event.itemId);
  length = append(length, event.type);
  length = append(length, numberText(event.value));
  length = append(length, numberText(event.minutes));
  length = append(length, numberText(event.share));
  length = append(length, String(event.occurredAt));
  return digest(length);
}

/** The id of a list that was shown, likewise: the same list at the same moment has one. */
export function deriveShownId(shown: {
  readonly userId: string;
  readonly servedAt: number;
  readonly items: readonly string[];
}): string {
  let length = append(0, "shown");
  length = append(length, shown.userId);
  length = append(length, String(shown.servedAt));
  for (const item of shown.items) length = append(length, item);
  return digest(length);
}

function digest(length: number): string {
  murmur128(bytes.subarray(0, length), SEED, words);
  return hex(words[0]!) + hex(words[1]!) + hex(words[2]!) + hex(words[3]!);
}

function append(offset: number, text: string | null): number {
  if (text === null) {
    reserve(offset + 4);
    view.setUint32(offset, ABSENT, true);
    return offset + 4;
  }
  reserve(offset + 4 + text.length * 3);
  const { written } = encoder.encodeInto(text, bytes.subarray(offset + 4));
  view.setUint32(offset, written, true);
  return offset + 4 + written;
}

function reserve(length: number): void {
  if (length <= bytes.length) return;
  const larger = new Uint8Array(length * 2);
  larger.set(bytes);
  bytes = larger;
  view = new DataView(bytes.buffer);
}

function numberText(value: number | null): string | null {
  return value === null ? null : String(value);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
