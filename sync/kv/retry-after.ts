/**
 * How long an answer asks to be left alone, in milliseconds (RFC 9110, section 10.2.3): a number of
 * seconds, or a date.
 *
 * @returns 0 when the header is missing, past, or neither.
 */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}
