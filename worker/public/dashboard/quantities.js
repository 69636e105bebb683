const COUNT = new Intl.NumberFormat("en");

/** @param {number} value */
export function count(value) {
  return COUNT.format(value);
}

/** A time as its age: "3 min ago". @param {string | null} instant ISO 8601 @param {number} [now] ms since 1970 */
export function ago(instant, now = Date.now()) {
  if (instant === null) return "never";
  const seconds = Math.max(0, (now - Date.parse(instant)) / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 995) return `${Number(ms.toPrecision(2))} ms`;
  return `${Number((ms / 1_000).toPrecision(2))} s`;
}

/** Hours as the places along a chart, in the reader's own time. @param {readonly { hour: string }[]} hours ISO 8601 */
export function hoursAlong(hours) {
  return hours.map(({ hour }) => {
    const time = new Date(hour);
    const short = `${String(time.getHours()).padStart(2, "0")}h`;
    return { full: time.toLocaleString(), short };
  });
}

/** @param {number} bytes */
export function size(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} share 0..1 */
export function percent(share) {
  return `${Number((share * 100).toFixed(1))} %`;
}
