/**
 * What happens to an item whose estimate beats the threshold: the part of the kernel that is rarely
 * reached, once for about two in a hundred items.
 *
 * `note` keeps the candidate and lets its lower bound raise the threshold; `settle` gives exact scores
 * to the candidates that still stand and puts the best into the user's list. A user's items come in
 * ascending order, so that of equal scores the lower index stays first, and the seen items are walked
 * along.
 */
import {
  both,
  call,
  type Expression,
  FunctionBuilder,
  f32,
  f32x4,
  i32,
  increase,
  type Local,
  leave,
  repeatWhile,
  type Statement,
  set,
  v128,
  when,
  whileTrue,
} from "./assembler.ts";
import { ENTRY_BYTES, type Layout, PENDING, RECORD, type ThreadLayout } from "./layout.ts";

const VECTOR_BYTES = 16;
/** Sums side by side, so that additions do not wait for each other. */
const SUMS = 4;

/** `dot(a, b)`: the product of two vectors, in 16 partial sums (k mod 16) that are added pairwise. */
export function dotFunction({ stride }: Layout): FunctionBuilder<"f32"> {
  const made = new FunctionBuilder("f32");
  const a = made.param("i32");
  const b = made.param("i32");
  const end = made.local("i32");
  const sums = Array.from({ length: SUMS }, () => made.local("v128"));
  const [s0, s1, s2, s3] = sums as [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
  const lane = (at: number) => f32x4.lane(s0, at);
  return made.body(
    set(end, i32.add(a, i32.const(stride * 4))),
    repeatWhile(
      i32.ltU(a, end),
      ...sums.map((sum, at) => {
        const offset = at * VECTOR_BYTES;
        return set(sum, f32x4.add(sum, f32x4.mul(v128.load(a, offset), v128.load(b, offset))));
      }),
      increase(a, i32.const(SUMS * VECTOR_BYTES)),
      increase(b, i32.const(SUMS * VECTOR_BYTES)),
    ),
    set(s0, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))),
    [...f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))).code],
  );
}

/**
 * `note(user, item, ceiling, width)`: the item's score, in the user's units, is at most `ceiling` and
 * at least `ceiling - width`.
 */
export function noteFunction(layout: Layout, area: ThreadLayout, settle: number): FunctionBuilder {
  const made = new FunctionBuilder();
  const user = made.param("i32");
  const item = made.param("i32");
  const ceiling = made.param("f32");
  const width = made.param("f32");
  const record = made.local("i32");
  const seen = made.local("i32");
  const pending = made.local("i32");
  const floors = made.local("i32");
  const isMoreToSee = i32.ltU(seen, i32.load(record, RECORD.seenEnd));
  const full = element(area.pending + PENDING * ENTRY_BYTES, user, PENDING * ENTRY_BYTES);
  const last = (layout.listLength - 1) * 4;
  const lowest = f32.load(floors, last);
  return made.body(
    // The last panel is filled up with items that are none.
    when(i32.geU(item, i32.const(layout.items)), leave),
    set(record, element(area.records, user, RECORD.bytes)),
    set(seen, i32.load(record, RECORD.seen)),
    whileTrue(both(isMoreToSee, i32.ltU(i32.load(seen), item)), increase(seen, i32.const(4))),
    i32.store(record, seen, RECORD.seen),
    when(both(isMoreToSee, i32.eq(i32.load(seen), item)), leave),
    set(pending, i32.load(record, RECORD.pending)),
    f32.store(pending, ceiling),
    i32.store(pending, item, 4),
    increase(pending, i32.const(ENTRY_BYTES)),
    i32.store(record, pending, RECORD.pending),
    set(floors, element(area.floors, user, layout.listLength * 4)),
    insertFloor(made, floors, last, f32.sub(ceiling, width)),
    when(
      f32.gt(lowest, f32.load(record, RECORD.threshold)),
      f32.store(record, lowest, RECORD.threshold),
    ),
    when(i32.eq(pending, full), call(settle, user)),
  );
}

/** Puts a value into descending floors; what is lowest falls out. */
function insertFloor(
  made: FunctionBuilder,
  floors: Local<"i32">,
  last: number,
  value: Expression<"f32">,
): Statement {
  const floor = made.local("f32");
  const slot = made.local("i32");
  const above = i32.sub(slot, i32.const(4));
  return [
    ...set(floor, value),
    ...when(
      f32.gt(floor, f32.load(floors, last)),
      set(slot, i32.add(floors, i32.const(last))),
      whileTrue(
        both(i32.ltU(floors, slot), f32.lt(f32.load(above), floor)),
        f32.store(slot, f32.load(above)),
        set(slot, above),
      ),
      f32.store(slot, floor),
    ),
  ];
}

/** `settle(user)`: exact scores for the pending candidates that still beat the threshold. */
export function settleFunction(layout: Layout, area: ThreadLayout, dot: number): FunctionBuilder {
  const made = new FunctionBuilder();
  const user = made.param("i32");
  const record = made.local("i32");
  const pending = made.local("i32");
  const list = made.local("i32");
  const score = made.local("f32");
  const vector = element(area.vectors, user, layout.stride * 4);
  const row = i32.add(
    i32.const(layout.rows),
    i32.mul(i32.load(pending, 4), i32.const(layout.stride * 4)),
  );
  const last = (layout.listLength - 1) * ENTRY_BYTES;
  const reached = f32.div(f32.load(list, last), f32.load(record, RECORD.scale));
  return made.body(
    set(record, element(area.records, user, RECORD.bytes)),
    set(list, element(area.lists, user, layout.listLength * ENTRY_BYTES)),
    set(pending, element(area.pending, user, PENDING * ENTRY_BYTES)),
    whileTrue(
      i32.ltU(pending, i32.load(record, RECORD.pending)),
      when(
        f32.gt(f32.load(pending), f32.load(record, RECORD.threshold)),
        set(score, { type: "f32", code: call(dot, vector, row) }),
        insertEntry(made, list, last, score, i32.load(pending, 4)),
      ),
      increase(pending, i32.const(ENTRY_BYTES)),
    ),
    i32.store(record, element(area.pending, user, PENDING * ENTRY_BYTES), RECORD.pending),
    when(
      f32.gt(reached, f32.load(record, RECORD.threshold)),
      f32.store(record, reached, RECORD.threshold),
    ),
  );
}

/** Puts an item behind all that score as much; the last falls out. */
function insertEntry(
  made: FunctionBuilder,
  list: Local<"i32">,
  last: number,
  score: Local<"f32">,
  item: Expression<"i32">,
): Statement {
  const slot = made.local("i32");
  const above = i32.sub(slot, i32.const(ENTRY_BYTES));
  return when(
    f32.gt(score, f32.load(list, last)),
    set(slot, i32.add(list, i32.const(last))),
    whileTrue(
      both(i32.ltU(list, slot), f32.lt(f32.load(above), score)),
      f32.store(slot, f32.load(above)),
      i32.store(slot, i32.load(i32.sub(slot, i32.const(ENTRY_BYTES - 4))), 4),
      set(slot, above),
    ),
    f32.store(slot, score),
    i32.store(slot, item, 4),
  );
}

/** `base + index * bytes`. */
function element(base: number, index: Local<"i32">, bytes: number): Expression<"i32"> {
  return i32.add(i32.const(base), i32.mul(index, i32.const(bytes)));
}
