import { expect, test } from "vitest";
import { EventColumns } from "./event-columns.ts";

test("rows read back as they were appended, across chunks", () => {
  const columns = new EventColumns();
  const rows = (1 << 20) + 3;
  for (let row = 0; row < rows; row++) columns.append(`u${row % 7}`, `i${row % 11}`, row, row % 5);
  expect(columns.length).toBe(rows);
  const last = rows - 1;
  expect(columns.users.ids[columns.user(last)]).toBe(`u${last % 7}`);
  expect(columns.items.ids[columns.item(last)]).toBe(`i${last % 11}`);
  expect(columns.time(last)).toBe(last);
  expect(columns.value(last)).toBe(last % 5);
});

test("grouping by user keeps the order of arrival within a user", () => {
  const columns = new EventColumns();
  for (const user of ["b", "a", "b", "c", "a", "b"]) columns.append(user, "i", 0, 1);
  const { offsets, rows } = columns.rowsByUser();
  expect(Array.from(offsets)).toEqual([0, 3, 5, 6]);
  expect(Array.from(rows)).toEqual([0, 2, 5, 1, 4, 3]);
});
