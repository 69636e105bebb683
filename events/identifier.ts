/** Longest user id, item id, event id or request id, in bytes of UTF-8. */
const MAX_ID_BYTES = 128;

const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * What is wrong with an id, as the rest of a sentence ("is empty"), or null when nothing is.
 *
 * Ids are the customer's own strings, kept as they come: 1..128 bytes of UTF-8. Control characters
 * and lone surrogates are refused because Postgres cannot store them (NUL, lone surrogates) or
 * because they would break the comma- and line-separated forms that ids appear in.
 */
export function identifierFault(id: string): string | null {
  if (id.length === 0) return "is empty";
  if (CONTROL_CHARACTER.test(id)) return "holds a control character";
  if (!id.isWellFormed()) return "is not well-formed Unicode";
  const bytes = utf8Length(id);
  return bytes > MAX_ID_BYTES ? `has ${bytes} bytes, more than ${MAX_ID_BYTES}` : null;
}

/** Bytes that a well-formed string takes in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes: one byte more for each of its units.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}
