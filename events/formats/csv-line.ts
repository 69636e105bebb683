/**
 * Splits one line of RFC 4180 CSV (or with another one-character delimiter) into its fields, or gives null when its quotes do not match.
 *
 * Written here because a record is one line (a quote left open must not swallow the rest of the
 * file) and because events/ must run without Node's Buffer; the test compares it with csv-parse.
 */
export function splitCsvLine(line: string, delimiter = ","): string[] | null {
  if (!line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  let start = 0;
  while (true) {
    const quoted = line.charCodeAt(start) === QUOTE;
    const end = quoted ? closingQuote(line, start + 1) : endOfPlain(line, start, delimiter);
    if (end === -1) return null;
    fields.push(quoted ? line.slice(start + 1, end).replaceAll('""', '"') : line.slice(start, end));
    const next = quoted ? end + 1 : end;
    if (next === line.length) return fields;
    if (line[next] !== delimiter) return null;
    start = next + 1;
  }
}

const QUOTE = 34;

/** Where the quote stands that closes a field; a doubled one does not. -1 when none does. */
function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at !== -1 && line.charCodeAt(at + 1) === QUOTE) at = line.indexOf('"', at + 2);
  return at;
}

/** Where an unquoted field ends, or -1 when a quote stands inside it. */
function endOfPlain(line: string, from: number, delimiter: string): number {
  const next = line.indexOf(delimiter, from);
  const end = next === -1 ? line.length : next;
  const quote = line.indexOf('"', from);
  return quote !== -1 && quote < end ? -1 : end;
}
