/** How far in the future an event may lie: clocks of phones are wrong, but not by more. */
export const MAX_AHEAD_MS = 24 * 3_600_000;

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads when an event happened: epoch milliseconds or an ISO 8601 string.
 *
 * A string without an offset is UTC, so that it means the same on every machine. Between 1970 and
 * 24 hours after `now`; anything else is a fault, said as the rest of a sentence.
 */
export function readInstant(
  input: unknown,
  now: number,
): { ok: true; ms: number } | { ok: false; fault: string } {
  const ms = typeof input === "string" ? parseIso(input) : input;
  if (typeof ms !== "number" || !Number.isFinite(ms)) {
    return { ok: false, fault: "is neither ISO 8601 nor epoch milliseconds" };
  }
  if (ms < 0) return { ok: false, fault: "is before 1970" };
  if (ms > now + MAX_AHEAD_MS) return { ok: false, fault: "is more than 24 hours in the future" };
  return { ok: true, ms: Math.floor(ms) };
}

/** Epoch milliseconds, or null when `text` is no ISO 8601 date or names a day that does not exist. */
function parseIso(text: string): number | null {
  const match = ISO_8601.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "0"] = match;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) > lastDay) return null;
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const offset = (match[8] ?? "Z").replace(/(\d{2})(\d{2})$/, "$1:$2");
  const ms = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`,
  );
  return Number.isNaN(ms) ? null : ms;
}
