/**
 * The filter: 8-bit estimates of all products of a block of users with all items, of which only the
 * largest of each panel of 8 items is written down. Nearly all of the time of making lists is spent
 * in its inner loop.
 */
import {
  type Expression,
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
} from "../../release/wasm/assembler.ts";
import {
  GROUP_USERS,
  type Layout,
  PANEL_HEAD_BYTES,
  PANEL_ITEMS,
  type ThreadLayout,
} from "./layout.ts";

const VECTOR_BYTES = 16;
const PANEL_VECTORS = PANEL_ITEMS / 4;
/** Steps of 4 dimensions in one turn of the inner loop. */
const UNROLL = 4;
/** What the bound on an estimate is at least: truncation takes one, rounding on the way there less. */
const MARGIN = 2;

/**
 * `score(groups, length, error)`: the ceiling of each user's scores in each panel, and the width of
 * each panel (users x panels; panels). A panel stays in the first-level cache for all groups.
 */
export function scoreFunction(layout: Layout, area: ThreadLayout): FunctionBuilder {
  const made = new FunctionBuilder();
  const groups = made.param("i32");
  const bounds = { length: made.param("f32"), error: made.param("f32") };
  const panel = new Panel(made);
  const group = made.local("i32");
  const place = made.local("i32");
  const ceiling = made.local("i32");
  const product = new Product(made, GROUP_USERS, layout.stride);
  const end = layout.panels + layout.panelCount * layout.panelBytes;
  return made.body(
    set(panel.address, i32.const(layout.panels)),
    repeatWhile(
      i32.ltU(panel.address, i32.const(end)),
      panel.open(bounds),
      storeLane(place, panel.width(), 0, area.widths),
      set(ceiling, i32.add(place, i32.const(area.ceilings))),
      set(product.users, i32.const(area.packed)),
      set(group, i32.const(0)),
      repeatWhile(
        i32.ltU(group, groups),
        product.compute(panel),
        storeCeilings(made, product.ceilings(panel), ceiling, layout.ceilingStride * 4),
        increase(ceiling, i32.const(GROUP_USERS * layout.ceilingStride * 4)),
        increase(group, i32.const(1)),
      ),
      increase(panel.address, i32.const(layout.panelBytes)),
      increase(place, i32.const(4)),
    ),
  );
}

/** `estimate(user, panel, length, error)`: the ceilings of one user's scores in one panel, by item. */
export function estimateFunction(layout: Layout, area: ThreadLayout): FunctionBuilder {
  const made = new FunctionBuilder();
  /** Addresses of the user's first packed dimensions and of the panel. */
  const user = made.param("i32");
  const address = made.param("i32");
  const bounds = { length: made.param("f32"), error: made.param("f32") };
  const panel = new Panel(made);
  const product = new Product(made, 1, layout.stride);
  return made.body(
    set(panel.address, address),
    panel.open(bounds),
    set(product.users, user),
    product.compute(panel),
    ...product
      .ceilings(panel)[0]!
      .map((ceilings, at) => v128.store(i32.const(area.estimates + at * VECTOR_BYTES), ceilings)),
  );
}

/** The panel of items at hand: what its products start from and are scaled with. */
class Panel {
  readonly address: Local<"i32">;
  readonly starts: readonly Local<"v128">[];
  readonly scales: readonly Local<"v128">[];
  readonly #bounds: readonly Local<"v128">[];

  constructor(made: FunctionBuilder) {
    this.address = made.local("i32");
    this.starts = times(PANEL_VECTORS, () => made.local("v128"));
    this.scales = times(PANEL_VECTORS, () => made.local("v128"));
    this.#bounds = times(PANEL_VECTORS, () => made.local("v128"));
  }

  open({ length, error }: Record<"length" | "error", Local<"f32">>): Statement {
    return times(PANEL_VECTORS, (at) => {
      const ofUsers = f32x4.mul(f32x4.splat(length), this.#head(2, at));
      const ofItems = f32x4.mul(f32x4.splat(error), this.#head(3, at));
      const margin = f32x4.splat(f32.const(MARGIN));
      const bound = i32x4.truncateF32(f32x4.add(f32x4.add(ofUsers, ofItems), margin));
      return [
        set(this.#bounds[at]!, bound),
        set(this.starts[at]!, i32x4.add(this.#head(0, at), this.#bounds[at]!)),
        set(this.scales[at]!, this.#head(1, at)),
      ];
    }).flat(2);
  }

  /** How far a score may lie below its ceiling: the largest of the panel, in the first lane. */
  width(): Expression<"v128"> {
    const widths = times(PANEL_VECTORS, (at) => {
      const twice = i32x4.add(this.#bounds[at]!, this.#bounds[at]!);
      return f32x4.mul(f32x4.convertI32(twice), this.scales[at]!);
    }).reduce((a, b) => f32x4.max(a, b));
    const halves = f32x4.max(widths, v128.shuffle(widths, widths, [2, 3, 0, 1]));
    return f32x4.max(halves, v128.shuffle(halves, halves, [1, 0, 3, 2]));
  }

  #head(field: number, vector: number) {
    return v128.load(this.address, (field * PANEL_VECTORS + vector) * VECTOR_BYTES);
  }
}

/** The integer products of one or more users of a group with a panel of items, in registers. */
class Product {
  /** Address of the packed users; after a product, that of the next group. */
  readonly users: Local<"i32">;
  /** group users x panel vectors. */
  readonly sums: readonly (readonly Local<"v128">[])[];
  readonly #items: Local<"i32">;
  readonly #end: Local<"i32">;
  readonly #columns: readonly Local<"v128">[];
  readonly #dimensions: Local<"v128">;
  readonly #stride: number;

  constructor(made: FunctionBuilder, users: number, stride: number) {
    this.users = made.local("i32");
    this.#items = made.local("i32");
    this.#end = made.local("i32");
    this.sums = times(users, () => times(PANEL_VECTORS, () => made.local("v128")));
    this.#columns = times(PANEL_VECTORS, () => made.local("v128"));
    this.#dimensions = made.local("v128");
    this.#stride = stride;
  }

  compute({ address, starts }: Panel): Statement {
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
    ].flat();
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

  /** What the scores are at most, in units of the user: users x panel vectors. */
  ceilings({ scales }: Panel): Expression<"v128">[][] {
    return this.sums.map((row) =>
      row.map((sum, at) => f32x4.mul(f32x4.convertI32(sum), scales[at]!)),
    );
  }
}

/** Stores the largest ceiling of each user, users `stride` bytes apart. */
function storeCeilings(
  made: FunctionBuilder,
  ceilings: readonly Expression<"v128">[][],
  address: Local<"i32">,
  stride: number,
): Statement {
  const users = ceilings.map(() => made.local("v128"));
  const merged = made.local("v128");
  const code = users.map((user, at) =>
    set(
      user,
      ceilings[at]!.reduce((a, b) => f32x4.max(a, b)),
    ),
  );
  /** Of two users: their lanes halved, one behind the other. */
  const halved = (a: Expression<"v128">, b: Expression<"v128">) =>
    f32x4.max(v128.shuffle(a, b, [0, 1, 4, 5]), v128.shuffle(a, b, [2, 3, 6, 7]));
  for (let at = 0; at < users.length; at += 2) {
    code.push(set(users[at]!, halved(users[at]!, users[at + 1]!)));
  }
  for (let at = 0; at < users.length; at += 4) {
    const [a, b] = [users[at]!, users[at + 2] ?? users[at]!];
    const even = v128.shuffle(a, b, [0, 2, 4, 6]);
    const odd = v128.shuffle(a, b, [1, 3, 5, 7]);
    code.push(set(merged, f32x4.max(even, odd)));
    for (let lane = 0; lane < 4 && at + lane < users.length; lane++) {
      code.push(storeLane(address, merged, lane, (at + lane) * stride));
    }
  }
  return code.flat();
}

function storeLane(
  address: Expression<"i32">,
  vector: Expression<"v128">,
  lane: number,
  offset: number,
): Statement {
  return f32.store(address, f32x4.lane(vector, lane), offset);
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
