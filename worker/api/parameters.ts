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
