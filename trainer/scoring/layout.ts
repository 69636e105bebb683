/**
 * Where everything lies in the one memory that all scoring threads share: the item rows and their
 * panels once, then a work area for each thread.
 */

/** Users scored side by side in registers, and items beside them: 6 x 8 fill the 16 of x86-64. */
export const GROUP_USERS = 6;
export const PANEL_ITEMS = 8;
/** Users of one pass over all items: their packed vectors stay in the second-level cache. */
export const BLOCK_USERS = 96;
/** Dimensions are padded with zeros to a multiple of this: the kernel's loops have no remainders. */
const DIMENSION_STEP = 16;
/** Four vectors of two at the head of a panel: start, scale, and the two parts of the error bound. */
export const PANEL_HEAD_BYTES = 4 * PANEL_ITEMS * 4;
const PAGE_BYTES = 65_536;
const ALIGNMENT = 64;

/** Candidates of a user that wait for their exact scores, at most. */
export const PENDING = 512;

/** Offsets (bytes) of the fields of a user's record. */
export const RECORD = {
  /** What an estimate must beat, in units of the user's scale (f32). */
  threshold: 0,
  /** Size of the user's integer unit (f32). */
  scale: 4,
  /** Address of the next seen item, and of the end of those (u32). */
  seen: 8,
  seenEnd: 12,
  /** Address of the first free place among the user's pending candidates (u32). */
  pending: 16,
  bytes: 32,
} as const;
/** An entry of a list or of the pending candidates: score (f32), item (u32). */
export const ENTRY_BYTES = 8;

export interface Shape {
  readonly items: number;
  readonly dimensions: number;
  /** Items to find for each user. */
  readonly listLength: number;
  readonly threads: number;
}

/** Byte offsets; a plain object, so that threads can be told. */
export interface Layout extends Shape {
  /** Floats from one row to the next. */
  readonly stride: number;
  readonly rows: number;
  readonly panels: number;
  readonly panelCount: number;
  readonly panelBytes: number;
  readonly pages: number;
  /** Seen items that a block has room for: enough for one user who has seen everything. */
  readonly blockSeen: number;
  /** Where the first thread's work area begins, and what is in each. */
  readonly work: number;
  readonly parts: { readonly offsets: ThreadLayout; readonly bytes: number };
}

/** Work area of one thread, each part for all users of a block. */
export interface ThreadLayout {
  /** 7-bit vectors: groups x (stride / 4) x users of the group x 4. */
  readonly packed: number;
  /** users x stride, f32. */
  readonly vectors: number;
  readonly records: number;
  /** The exact lists: users x list length x entry. */
  readonly lists: number;
  /** The best lower bounds of scores: users x list length, f32, descending. */
  readonly floors: number;
  /** Candidates: users x PENDING x entry. */
  readonly pending: number;
  /** Items that the users have seen, user after user, and their weights (u32, f32). */
  readonly seen: number;
  readonly weights: number;
  /** A few vectors of the kernel's own. */
  readonly scratch: number;
}

export function layOut(shape: Shape): Layout {
  const { items, dimensions, listLength, threads } = shape;
  const stride = align(dimensions, DIMENSION_STEP);
  const panelCount = Math.ceil(items / PANEL_ITEMS);
  const panelBytes = PANEL_HEAD_BYTES + PANEL_ITEMS * stride;
  const blockSeen = Math.max(items, BLOCK_USERS * 512);
  const rows = ALIGNMENT;
  const panels = align(rows + items * stride * 4, ALIGNMENT);
  const work = align(panels + panelCount * panelBytes, ALIGNMENT);
  const parts = inARow({
    packed: BLOCK_USERS * stride,
    vectors: BLOCK_USERS * stride * 4,
    records: BLOCK_USERS * RECORD.bytes,
    lists: BLOCK_USERS * listLength * ENTRY_BYTES,
    floors: BLOCK_USERS * listLength * 4,
    pending: BLOCK_USERS * PENDING * ENTRY_BYTES,
    seen: blockSeen * 4,
    weights: blockSeen * 4,
    scratch: ALIGNMENT,
  });
  const pages = Math.ceil((work + threads * parts.bytes) / PAGE_BYTES);
  return { ...shape, stride, rows, panels, panelCount, panelBytes, pages, blockSeen, work, parts };
}

/** Where the work area of one thread lies. */
export function workArea({ work, parts }: Layout, thread: number): ThreadLayout {
  const base = work + thread * parts.bytes;
  const places = Object.entries(parts.offsets).map(([part, offset]) => [part, base + offset]);
  return Object.fromEntries(places) as unknown as ThreadLayout;
}

function inARow(sizes: Record<keyof ThreadLayout, number>): Layout["parts"] {
  let bytes = 0;
  const offsets = Object.fromEntries(
    Object.entries(sizes).map(([part, size]) => {
      const offset = bytes;
      bytes = align(bytes + size, ALIGNMENT);
      return [part, offset];
    }),
  );
  return { offsets: offsets as unknown as ThreadLayout, bytes };
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
