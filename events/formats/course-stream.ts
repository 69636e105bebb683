import { readInstant } from "../instant.ts";
import { bad, type ImportFormat, idsFault, type ParsedLine } from "./format.ts";
import { PlaySessions } from "./play-sessions.ts";

const LINE = /^([^,]*),([^,]*),(.*)$/;
const RATE = /^GET\s+\/rate\/(.+)=([^=]*)$/;
const DATA = /^GET\s+\/data\/m\/(.+)\/([^/]*)\.mpg$/;
const SHOWN = /^recommendation request\s+(.*)$/;
const FROM_US = /^([^,]*),\s*status (\d{3}), result: (.*), \d+ ms$/;

/** Longer than any film: a minute beyond is a broken line. */
const MOST_MINUTES = 1_000;

export interface StreamOptions {
  /** Servers whose recommendations are ours, as they stand in the lines; all of them when left out. */
  readonly hosts?: readonly string[];
}

/** Whether a line is one of this stream: what tells an unknown file. */
export function isStreamLine(line: string): boolean {
  const request = LINE.exec(line)?.[3]?.trim() ?? "";
  return RATE.test(request) || DATA.test(request) || SHOWN.test(request);
}

/**
 * The event stream of a streaming service, one line a request:
 *
 *     2022-09-28T17:20:44,65411,GET /rate/it+happened+in+saint-tropez+2013=3
 *     2022-10-07T14:21:02,134392,GET /data/m/close+encounters+of+the+third+kind+1977/45.mpg
 *     2025-10-17T01:33:45.122692921,227244,recommendation request HOST:8082, status 200, result: …, 45 ms
 *
 * Ratings become `rate` events; the minutes of a sitting one `play`; recommendations that succeeded
 * are lists that were shown.
 */
export function courseStream(files: readonly string[], options: StreamOptions = {}): ImportFormat {
  return {
    name: "course-stream",
    detect: (fileNames) => files.some((file) => fileNames.includes(file)),
    open: (now) =>
      files.map((file) => {
        const stream = new StreamReader(() => now, options);
        let position = 0;
        return {
          file,
          kind: "ratings" as const,
          encoding: "utf8" as const,
          required: true,
          layout: "time,user,GET /rate/item=3 | GET /data/m/item/45.mpg | recommendation request …",
          parse: (line: string) => stream.read(line, position++),
          finish: () => stream.finish(),
        };
      }),
  };
}

/** Reads the stream line by line; plays come when their sitting has ended. */
export class StreamReader {
  readonly #now: () => number;
  readonly #hosts: readonly string[] | undefined;
  readonly #sessions = new PlaySessions();

  /** @param now epoch ms; asked for at each line, since a stream may be read for weeks. */
  constructor(now: () => number, { hosts }: StreamOptions = {}) {
    this.#now = now;
    this.#hosts = hosts;
  }

  /** @param position where the line stands in its source; see `heldFrom`. */
  read(line: string, position: number): ParsedLine {
    const match = LINE.exec(line);
    if (match === null) return bad("the line has not the fields time, user and request");
    const [, time = "", user = "", rest = ""] = match;
    const instant = readInstant(time.trim(), this.#now());
    if (!instant.ok) return bad(`the time ${instant.fault}`);
    const userId = user.trim();
    const request = rest.trim();
    const rated = RATE.exec(request);
    if (rated !== null) return readRating(userId, rated[1]!, rated[2]!.trim(), instant.ms);
    const watched = DATA.exec(request);
    if (watched !== null) {
      return this.#readMinute(userId, watched[1]!, watched[2]!.trim(), instant.ms, position);
    }
    const shown = SHOWN.exec(request);
    if (shown !== null) return this.#readShown(userId, shown[1]!, instant.ms);
    return bad("the request is none of rate, data and recommendation");
  }

  /** The plays whose sitting had not ended. */
  finish() {
    return this.#sessions.drain();
  }

  /** Position of the earliest line that something has yet to come of; null when all is given. */
  get heldFrom(): number | null {
    return this.#sessions.heldFrom;
  }

  #readMinute(
    user: string,
    item: string,
    minute: string,
    at: number,
    position: number,
  ): ParsedLine {
    const itemId = itemIdOf(item);
    const fault = idsFault(user, itemId);
    if (fault !== null) return bad(fault);
    const minutes = /^\d+$/.test(minute) ? Number(minute) : Number.NaN;
    if (!(minutes <= MOST_MINUTES)) return bad(`the minute is not a number 0..${MOST_MINUTES}`);
    return { ok: true, ratings: this.#sessions.add(user, itemId, minutes, at, position) };
  }

  #readShown(userId: string, request: string, servedAt: number): ParsedLine {
    const parts = FROM_US.exec(request);
    if (parts === null)
      return bad("the recommendation has not the fields server, status, result, ms");
    const [, server = "", status = "", result = ""] = parts;
    if (this.#hosts !== undefined && !this.#hosts.includes(server.trim())) {
      return bad("the recommendation is another server's");
    }
    if (status !== "200") return bad("the recommendation failed: its status is not 200");
    const items = result.split(",").map(itemIdOf);
    const known = items.filter((item) => item !== "");
    if (known.length === 0) return bad("the recommendation holds no items");
    const fault = known.map((item) => idsFault(userId, item)).find((found) => found !== null);
    if (fault !== undefined) return bad(fault);
    return { ok: true, shown: { userId, servedAt, items: known } };
  }
}

function readRating(userId: string, item: string, rating: string, occurredAt: number): ParsedLine {
  const itemId = itemIdOf(item);
  const fault = idsFault(userId, itemId);
  if (fault !== null) return bad(fault);
  if (!/^[1-5]$/.test(rating)) return bad("the rating is not 1, 2, 3, 4 or 5");
  return { ok: true, ratings: [{ userId, itemId, value: Number(rating), occurredAt }] };
}

/** Items are titles with `+` for spaces; a line that has spaces, or another Unicode form, means the same. */
function itemIdOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, "+").normalize("NFC");
}
