import { StreamReader } from "../../events/formats/course-stream.ts";
import { eventOfRating } from "../../events/formats/format.ts";
import { type Random, shuffle } from "../../trainer/random.ts";

/** A line of the event stream and the user whose it is: the key by which a topic is partitioned. */
export interface StreamLine {
  readonly user: string;
  readonly line: string;
}

const START = Date.UTC(2025, 0, 1);
const ITEMS = 50;

/**
 * About `count` lines as a streaming service writes them: ratings, and sittings whose minutes come
 * out of order and among each other's.
 */
export function makeStreamLines(count: number, random: Random): StreamLine[] {
  const users = Math.ceil(count / 20);
  const lines: StreamLine[] = [];
  for (let second = 0; lines.length < count; second += 30) {
    const user = `${Math.floor(random() * users)}`;
    const item = `film+${Math.floor(random() * ITEMS)}+1999`;
    if (random() < 0.7) {
      lines.push({ user, line: `${at(second)},${user},GET /rate/${item}=${1 + (second % 5)}` });
      continue;
    }
    const minutes = Array.from({ length: 10 }, (_, minute) => minute + 1);
    for (const minute of shuffle(minutes, random)) {
      const line = `${at(second + minute * 60)},${user},GET /data/m/${item}/${minute}.mpg`;
      lines.push({ user, line });
    }
  }
  return lines;
}

/** Ids of the events that lines of one partition stand for, as far as their sittings have ended. */
export function eventIdsOf(lines: readonly string[]): Set<string> {
  const reader = new StreamReader(Date.now);
  const ids = new Set<string>();
  lines.forEach((line, position) => {
    const parsed = reader.read(line, position);
    const ratings = parsed.ok ? (parsed.ratings ?? []) : [];
    for (const rating of ratings) ids.add(eventOfRating(rating).eventId);
  });
  return ids;
}

/** A minute a day after everything: it ends every other sitting of its partition. */
export function lastLine(user: string, lines: number): StreamLine {
  return { user, line: `${at(lines * 30 + 86_400)},${user},GET /data/m/film+0+1999/1.mpg` };
}

function at(second: number): string {
  return new Date(START + second * 1000).toISOString().slice(0, 19);
}
