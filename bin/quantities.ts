/** How commands write ages, sizes, counts and shares for a person, and read percentages. */
import { InvalidArgumentError } from "commander";

/** A percentage of a command's option as a share: `5` or `5%` is 0.05. */
export function asPercentage(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text.replace(/%$/, ""));
  if (Number.isFinite(value)) return Number((value / 100).toPrecision(12));
  throw new InvalidArgumentError(`"${text}" is no percentage.`);
}

/** `just now`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function ago(then: Date | string, now: Date): string {
  const minutes = Math.floor((now.getTime() - new Date(then).getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** Decimal units, as KV is billed: `950 B`, `12.3 kB`, `84.0 MB`. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** `25 %`, `0.5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Dollars to the tenth of a cent where they are few. */
export function dollars(value: number): string {
  return `$${value < 1 ? value.toFixed(4) : value.toFixed(2)}`;
}
