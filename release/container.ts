/**
 * The one container of all binary values: a header, a table of named sections, and typed arrays laid
 * over the buffer in place. FORMAT.md is normative. Little-endian throughout.
 */
import { UsherError } from "./error.ts";
import { murmur128 } from "./hash.ts";

const HEADER_BYTES = 16;
const ENTRY_BYTES = 16;
const ALIGNMENT = 8;

/** Element types by their code in the section table. */
const ELEMENTS = {
  u8: { code: 1, make: Uint8Array },
  i8: { code: 2, make: Int8Array },
  u16: { code: 3, make: Uint16Array },
  u32: { code: 4, make: Uint32Array },
  f32: { code: 5, make: Float32Array },
} as const;

type Element = keyof typeof ELEMENTS;
type View<E extends Element> = InstanceType<(typeof ELEMENTS)[E]["make"]>;

/** Any array a section can hold. */
export type SectionData = Uint8Array | Int8Array | Uint16Array | Uint32Array | Float32Array;

/** What a container is: four ASCII letters, a format version, and a word for error messages. */
export interface ContainerKind {
  readonly magic: string;
  readonly version: number;
  /** "shard", "catalogue": what a person calls it. */
  readonly name: string;
}

/** Lays sections (tag of four ASCII letters -> data) into one buffer, with its checksum. */
export function writeContainer(
  kind: ContainerKind,
  sections: Readonly<Record<string, SectionData>>,
): ArrayBuffer {
  const entries = Object.entries(sections);
  let end = align(HEADER_BYTES + entries.length * ENTRY_BYTES);
  const offsets = entries.map(([, data]) => {
    const offset = end;
    end = align(end + data.byteLength);
    return offset;
  });
  const buffer = new ArrayBuffer(end);
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  writeAscii(bytes, 0, kind.magic);
  view.setUint16(4, kind.version, true);
  view.setUint16(6, entries.length, true);
  view.setUint32(8, end, true);
  entries.forEach(([tag, data], index) => {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    writeAscii(bytes, at, tag);
    view.setUint32(at + 4, ELEMENTS[elementOf(data)].code, true);
    view.setUint32(at + 8, offsets[index]!, true);
    view.setUint32(at + 12, data.byteLength, true);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offsets[index]!);
  });
  view.setUint32(12, checksum(bytes), true);
  return buffer;
}

/** A value's bytes: a buffer, or where in a larger one they lie (at a multiple of 8). */
export type ValueBytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** A container's sections, as views over its buffer. */
export class Sections {
  readonly #kind: ContainerKind;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #entries = new Map<string, { code: number; offset: number; bytes: number }>();

  /**
   * Reads the header and the section table; nothing is copied.
   *
   * @param verify compares the checksum of the whole value too (about 1 GB/s).
   * @throws UsherError `VALUE_DAMAGED` or `VALUE_VERSION`, saying what was expected and what came.
   */
  constructor(value: ValueBytes, kind: ContainerKind, verify: boolean) {
    const bytes = value instanceof Uint8Array ? value : new Uint8Array(value);
    this.#kind = kind;
    this.#bytes = bytes;
    if (bytes.length < HEADER_BYTES) {
      throw this.damaged(`it has ${bytes.length} bytes, a header alone has ${HEADER_BYTES}`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const magic = readAscii(view, 0);
    if (magic !== kind.magic) throw this.damaged(`it starts with "${magic}", not "${kind.magic}"`);
    const version = view.getUint16(4, true);
    if (version !== kind.version) {
      throw new UsherError(
        "VALUE_VERSION",
        `This ${kind.name} has format version ${version}; this code reads version ${kind.version}. Deploy the code that made the release, or train a release with this code.`,
      );
    }
    const length = view.getUint32(8, true);
    if (length !== bytes.length) {
      throw this.damaged(`its header says ${length} bytes, but ${bytes.length} came`);
    }
    if (verify && view.getUint32(12, true) !== checksum(bytes)) {
      throw this.damaged("its checksum does not match its bytes");
    }
    this.#readTable(view, view.getUint16(6, true));
  }

  #readTable(view: DataView, count: number): void {
    const tableEnd = HEADER_BYTES + count * ENTRY_BYTES;
    if (tableEnd > view.byteLength) throw this.damaged(`a table of ${count} sections does not fit`);
    for (let index = 0; index < count; index++) {
      const at = HEADER_BYTES + index * ENTRY_BYTES;
      const entry = {
        code: view.getUint32(at + 4, true),
        offset: view.getUint32(at + 8, true),
        bytes: view.getUint32(at + 12, true),
      };
      const inside = entry.offset >= tableEnd && entry.offset + entry.bytes <= view.byteLength;
      const tag = readAscii(view, at);
      if (!inside || entry.offset % ALIGNMENT !== 0) {
        throw this.damaged(`its section "${tag}" lies outside the value or is misaligned`);
      }
      if (this.#entries.has(tag)) throw this.damaged(`it has two sections "${tag}"`);
      this.#entries.set(tag, entry);
    }
  }

  /** Element count of a section. */
  count(tag: string, element: Element): number {
    return this.#find(tag, element).bytes / ELEMENTS[element].make.BYTES_PER_ELEMENT;
  }

  /** Element type of a section that may be of one of several. */
  elementOf(tag: string, ...allowed: Element[]): Element {
    const entry = this.#entries.get(tag);
    const found = allowed.find((element) => ELEMENTS[element].code === entry?.code);
    if (found === undefined) throw this.damaged(`it has no section "${tag}" of ${allowed}`);
    return found;
  }

  /** A section as a typed array over the buffer, with exactly `length` elements. */
  get<E extends Element>(tag: string, element: E, length: number): View<E> {
    const { offset } = this.#find(tag, element);
    const has = this.count(tag, element);
    if (has !== length) {
      throw this.damaged(`its section "${tag}" has ${has} elements, not ${length}`);
    }
    return new ELEMENTS[element].make(
      this.#bytes.buffer,
      this.#bytes.byteOffset + offset,
      length,
    ) as View<E>;
  }

  #find(tag: string, element: Element) {
    const entry = this.#entries.get(tag);
    const { code, make } = ELEMENTS[element];
    if (entry === undefined || entry.code !== code || entry.bytes % make.BYTES_PER_ELEMENT !== 0) {
      throw this.damaged(`it has no section "${tag}" of ${element}`);
    }
    return entry;
  }

  /** The error for bytes that cannot be what they claim to be. */
  damaged(why: string): UsherError {
    return new UsherError("VALUE_DAMAGED", `This ${this.#kind.name} is damaged: ${why}.`);
  }
}

/** Of all bytes behind the header, seeded with its version and section count: those are under it too. */
function checksum(value: Uint8Array): number {
  const seed = new DataView(value.buffer, value.byteOffset).getUint32(4, true);
  const words = new Uint32Array(4);
  murmur128(value.subarray(HEADER_BYTES), seed, words);
  return words[0]!;
}

function elementOf(data: SectionData): Element {
  const names = Object.keys(ELEMENTS) as Element[];
  return names.find((name) => data instanceof ELEMENTS[name].make)!;
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = text.charCodeAt(index);
}

function readAscii(view: DataView, at: number): string {
  let text = "";
  for (let index = 0; index < 4; index++) text += String.fromCharCode(view.getUint8(at + index));
  return text;
}
