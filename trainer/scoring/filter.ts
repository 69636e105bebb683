/**
 * The filter: 8-bit estimates of all products of a block of users with all items, and the comparison
 * with the users' thresholds. Nearly all of the time of making lists is spent in its inner loop.
 */
import {
  call,
  FunctionBuilder,
  f32,
  f32x4,
  i32,
  i32x4,
  increase,
  type Local,
  repeatWhile,
  type Statement,
  set,
  v128,
  when,
} from "./assembler.ts";
import {
  GROUP_USERS,
  type Layout,
  PANEL_HEAD_BYTES,
  PANEL_ITEMS,
  RECORD,
  type ThreadLayout,
} from "./layout.ts";

const VECTOR_BYTES = 16;
const PANEL_VECTORS = PANEL_ITEMS / 4;
/** Steps of 4 dimensions in one turn of the inner loop. */
const UNROLL = 4;

/** What the bound on an estimate is at least: truncation takes one, rounding on the way there less. */
const MARGIN = 2;

/** `score(groups, length, error)`: panel after panel of items, for each all groups of users. */
export function scoreFunction(layout: Layout, area: ThreadLayout, note: number): FunctionBuilder {
  const made = new FunctionBuilder();
  const groups = made.param("i32");
  const bounds = { length: made.param("f32"), error: made.param("f32") };
  const panel = new Panel(made, area);
  const user = made.local("i32");
  const record = made.local("i32");
  const product = new GroupProduct(made, layout.stride);
  const hits = new Hits(made, panel, product, { user, record, note });
  const end = layout.panels + layout.panelCount * layout.panelBytes;
  return made.body(
    set(panel.address, i32.const(layout.panels)),
    repeatWhile(
      i32.ltU(panel.address, i32.const(end)),
      ...panel.open(bounds),
      set(user, i32.const(0)),
      set(record, i32.const(area.records)),
      set(product.users, i32.const(area.packed)),
      repeatWhile(
        i32.ltU(user, i32.mul(groups, i32.const(GROUP_USERS))),
        ...product.compute(panel),
        hits.note(),
        increase(user, i32.const(GROUP_USERS)),
        increase(record, i32.const(GROUP_USERS * RECORD.bytes)),
      ),
      increase(panel.address, i32.const(layout.panelBytes)),
      increase(panel.item, i32.const(PANEL_ITEMS)),
    ),
  );
}

/** The panel of items at hand: what its products start from and are scaled with. */
class Panel {
  readonly address: Local<"i32">;
  /** Index of its first item. */
  readonly item: Local<"i32">;
  readonly starts: readonly Local<"v128">[];
  readonly scales: readonly Local<"v128">[];
  /** Where the widths lie (ceiling less floor of a score), for whoever notes a candidate. */
  readonly widths: number;
  readonly scratch: number;
  readonly #bound: Local<"v128">;

  constructor(made: FunctionBuilder, area: ThreadLayout) {
    this.address = made.local("i32");
    this.item = made.local("i32");
    this.starts = times(PANEL_VECTORS, () => made.local("v128"));
    this.scales = times(PANEL_VECTORS, () => made.local("v128"));
    this.#bound = made.local("v128");
    this.widths = area.scratch;
    this.scratch = area.scratch + PANEL_VECTORS * VECTOR_BYTES;
  }

  open({ length, error }: Record<"length" | "error", Local<"f32">>): Statement[] {
    return times(PANEL_VECTORS, (at) => {
      const ofUsers = f32x4.mul(f32x4.splat(length), this.#head(2, at));
      const ofItems = f32x4.mul(f32x4.splat(error), this.#head(3, at));
      const margin = f32x4.splat(f32.const(MARGIN));
      const bound = i32x4.truncateF32(f32x4.add(f32x4.add(ofUsers, ofItems), margin));
      const twice = f32x4.convertI32(i32x4.add(this.#bound, this.#bound));
      const width = i32.const(this.widths + at * VECTOR_BYTES);
      return [
        set(this.#bound, bound),
        set(this.starts[at]!, i32x4.add(this.#head(0, at), this.#bound)),
        set(this.scales[at]!, this.#head(1, at)),
        v128.store(width, f32x4.mul(twice, this.scales[at]!)),
      ].flat();
    });
  }

  #head(field: number, vector: number) {
    return v128.load(this.address, (field * PANEL_VECTORS + vector) * VECTOR_BYTES);
  }
}

/** The integer products of a group of users with a panel of items, in registers. */
class GroupProduct {
  /** Address of the packed users; after a product, that of the next group. */
  readonly users: Local<"i32">;
  /** group users x panel vectors. */
  readonly sums: readonly (readonly Local<"v128">[])[];
  readonly #items: Local<"i32">;
  readonly #end: Local<"i32">;
  readonly #columns: readonly Local<"v128">[];
  readonly #dimensions: Local<"v128">;
  readonly #stride: number;

  constructor(made: FunctionBuilder, stride: number) {
    this.users = made.local("i32");
    this.#items = made.local("i32");
    this.#end = made.local("i32");
    this.sums = times(GROUP_USERS, () => times(PANEL_VECTORS, () => made.local("v128")));
    this.#columns = times(PANEL_VECTORS, () => made.local("v128"));
    this.#dimensions = made.local("v128");
    this.#stride = stride;
  }

  compute({ address, starts }: Panel): Statement[] {
    const userBytes = GROUP_USERS * 4;
    const itemBytes = PANEL_ITEMS * 4;
    const start = i32.add(address, i32.const(PANEL_HEAD_BYTES));
    return [
      ...this.sums.flatMap((row) => row.map((sum, at) => set(sum, starts[at]!))),
      set(this.#items, start),
      set(this.#end, i32.add(start, i32.const(PANEL_ITEMS * this.#stride))),
      repeatWhile(
        i32.ltU(this.#items, this.#end),
        ...times(UNROLL, (step) => this.#step(step * userBytes, step * itemBytes)).flat(),
        increase(this.users, i32.const(UNROLL * userBytes)),
        increase(this.#items, i32.const(UNROLL * itemBytes)),
      ),
    ];
  }

  /** Four dimensions. */
  #step(userOffset: number, itemOffset: number): Statement[] {
    const load = (column: Local<"v128">, at: number) =>
      set(column, v128.load(this.#items, itemOffset + at * VECTOR_BYTES));
    return [
      ...this.#columns.map(load),
      ...this.sums.flatMap((row, user) => [
        set(this.#dimensions, v128.loadSplat32(this.users, userOffset + user * 4)),
        ...row.map((sum, at) =>
          set(sum, i32x4.dotI8I7Add(this.#columns[at]!, this.#dimensions, sum)),
        ),
      ]),
    ];
  }
}

/** Compares a group's estimates with its thresholds; nearly always that is all. */
class Hits {
  readonly #panel: Panel;
  readonly #product: GroupProduct;
  readonly #place: { user: Local<"i32">; record: Local<"i32">; note: number };
  readonly #mask: Local<"i32">;
  readonly #lane: Local<"i32">;

  constructor(
    made: FunctionBuilder,
    panel: Panel,
    product: GroupProduct,
    place: { user: Local<"i32">; record: Local<"i32">; note: number },
  ) {
    this.#panel = panel;
    this.#product = product;
    this.#place = place;
    this.#mask = made.local("i32");
    this.#lane = made.local("i32");
  }

  note(): Statement {
    const pairs = this.#product.sums.flatMap((sums, row) =>
      sums.map((_, vector) => [row, vector] as const),
    );
    const any = pairs.map((pair) => this.#beats(...pair)).reduce((a, b) => v128.or(a, b));
    return when(v128.anyTrue(any), ...pairs.map((pair) => this.#noteLanes(...pair)));
  }

  #ceilings(row: number, vector: number) {
    const estimates = f32x4.convertI32(this.#product.sums[row]![vector]!);
    return f32x4.mul(estimates, this.#panel.scales[vector]!);
  }

  #beats(row: number, vector: number) {
    const field = row * RECORD.bytes + RECORD.threshold;
    return f32x4.gt(this.#ceilings(row, vector), v128.loadSplat32(this.#place.record, field));
  }

  /** Notes the items of one vector that beat the threshold of one user. */
  #noteLanes(row: number, vector: number): Statement {
    const { user, note } = this.#place;
    const { item, scratch, widths } = this.#panel;
    const lane = this.#lane;
    const offset = i32.mul(lane, i32.const(4));
    const noted = call(
      note,
      i32.add(user, i32.const(row)),
      i32.add(i32.add(item, i32.const(vector * 4)), lane),
      f32.load(offset, scratch),
      f32.load(offset, widths + vector * VECTOR_BYTES),
    );
    return [
      ...set(this.#mask, i32x4.bitmask(this.#beats(row, vector))),
      ...when(
        this.#mask,
        v128.store(i32.const(scratch), this.#ceilings(row, vector)),
        repeatWhile(
          this.#mask,
          set(lane, i32.trailingZeros(this.#mask)),
          noted,
          set(this.#mask, i32.and(this.#mask, i32.add(this.#mask, i32.const(-1)))),
        ),
      ),
    ];
  }
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
