/**
 * Where everything lies in the one memory that all scoring threads share: the item rows, their panels
 * and the hidden layer once, then a work area for each thread.
 */

/** Users scored side by side in registers (an even number), and items: 6 x 8 fill the 16 of x86-64. */
export const GROUP_USERS = 6;
export const PANEL_ITEMS = 8;
/** Users side by side in a product of floats, which needs a register more. */
export const PRODUCT_USERS = 5;
/** Classes of panels, in which high scores are looked for side by side. */
export const PEAKS = 32;
/**
 * Users of one pass over all items: their packed vectors stay in the second-level cache. A multiple
 * of both groups.
 */
export const BLOCK_USERS = 390;
/** Hidden units of one pass over a block's users: how near they are stays in the second-level cache. */
export const TILE_UNITS = 128;
/** Columns of a panel of centres or of mixing. */
export const COLUMNS = 8;
/** Terms of a matrix product in one turn of its loop: sums are padded with zeros to a multiple. */
export const TERMS = 4;
/** Dimensions are padded with zeros to a multiple of this: the kernel's loops have no remainders. */
const DIMENSION_STEP = 16;
/** Four vectors of two at the head of a panel: start, scale, and the two parts of the error bound. */
export const PANEL_HEAD_BYTES = 4 * PANEL_ITEMS * 4;
const PAGE_BYTES = 65_536;
const ALIGNMENT = 64;

export interface Shape {
  readonly items: number;
  readonly dimensions: number;
  /** Dimensions of the linear part, and units of the hidden layer over it (0: there is none). */
  readonly linear: number;
  readonly hidden: number;
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
  /** Hidden units, filled up to whole tiles with some that do nothing. */
  readonly units: number;
  /** Centres in panels of 8 units: centre dimensions x 8 each. */
  readonly centres: number;
  readonly centreDimensions: number;
  /** For each tile of units and each 8 dimensions from `mixedFrom` on: tile units x 8. */
  readonly mixing: number;
  /** The first of the dimensions that the hidden layer adds to, down to a multiple of 8. */
  readonly mixedFrom: number;
  /** Floats from one user's ceilings to the next one's. */
  readonly ceilingStride: number;
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
  /** What turns products with centres into exponents: users, f32. */
  readonly nearness: number;
  /** How active the hidden units of a tile are: users x tile units, f32. */
  readonly active: number;
  /** The highest that a score in a panel can be: users x ceiling stride, f32. */
  readonly ceilings: number;
  /** How far below its ceiling a score in a panel can be: panels, f32. */
  readonly widths: number;
  /** Ceilings of one user's scores in one panel: panel items, f32. */
  readonly estimates: number;
  /** Floors of one user's best scores: PEAKS, f32. */
  readonly peaks: number;
  /** Panels that can matter to one user: up to all, u32. */
  readonly found: number;
  /** Items that the users have seen, user after user, and their weights (u32, f32). */
  readonly seen: number;
  readonly weights: number;
}

export function layOut(shape: Shape): Layout {
  const { items, dimensions, linear, hidden, threads } = shape;
  const stride = align(dimensions, DIMENSION_STEP);
  const panelCount = Math.ceil(items / PANEL_ITEMS);
  const panelBytes = PANEL_HEAD_BYTES + PANEL_ITEMS * stride;
  // An odd number of cache lines: the ceilings of a block's users do not all fall into one set.
  const ceilingStride = (2 * Math.ceil(panelCount / PEAKS) + 1) * 16;
  const blockSeen = Math.max(items, BLOCK_USERS * 512);
  const rows = ALIGNMENT;
  const panels = align(rows + items * stride * 4, ALIGNMENT);
  const units = align(hidden, TILE_UNITS);
  // The loop over terms runs at least once.
  const centreDimensions = align(Math.max(1, linear), TERMS);
  const mixedFrom = Math.floor(linear / COLUMNS) * COLUMNS;
  const centres = align(panels + panelCount * panelBytes, ALIGNMENT);
  const mixing = align(centres + units * centreDimensions * 4, ALIGNMENT);
  const work = align(mixing + units * (stride - mixedFrom) * 4, ALIGNMENT);
  const parts = inARow({
    packed: BLOCK_USERS * stride,
    vectors: BLOCK_USERS * stride * 4,
    nearness: BLOCK_USERS * 4,
    active: units === 0 ? 0 : BLOCK_USERS * TILE_UNITS * 4,
    ceilings: BLOCK_USERS * ceilingStride * 4,
    widths: ceilingStride * 4,
    estimates: PANEL_ITEMS * 4,
    peaks: PEAKS * 4,
    found: panelCount * 4,
    seen: blockSeen * 4,
    weights: blockSeen * 4,
  });
  const pages = Math.ceil((work + threads * parts.bytes) / PAGE_BYTES);
  const tiling = { panels, panelCount, panelBytes, ceilingStride };
  const layer = { units, centres, centreDimensions, mixing, mixedFrom };
  return { ...shape, ...tiling, ...layer, stride, rows, pages, blockSeen, work, parts };
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
