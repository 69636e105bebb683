import { LIST_LENGTH } from "../../release/shard.ts";
import { Problem } from "./problem.ts";

const ID_BYTES = 128;
const encoder = new TextEncoder();

/** A user or item id from the path. @throws Problem 400 when it is not 1..128 bytes of UTF-8. */
export function idParameter(name: string, value: string | undefined): string {
  // A string of n UTF-16 units is at most 3n bytes: short ids need no encoding to be measured.
  const bytes =
    value === undefined || value.length * 3 <= ID_BYTES
      ? (value?.length ?? 0)
      : encoder.encode(value).byteLength;
  if (bytes >= 1 && bytes <= ID_BYTES) return value!;
  throw new Problem(400, "BAD_ID", `${name} has ${bytes} bytes; an id has 1 to ${ID_BYTES}.`);
}

/** `?limit=`, 20 by default. @throws Problem 400 when it is not a whole number of 1..`most`. */
export function limitParameter(value: string | undefined, most = LIST_LENGTH): number {
  if (value === undefined) return LIST_LENGTH;
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  const shown = value.slice(0, 40);
  throw new Problem(
    400,
    "BAD_LIMIT",
    `limit is "${shown}"; it takes a whole number of 1 to ${most}.`,
  );
}
