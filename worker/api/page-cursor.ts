import { hashId } from "../../release/hash.ts";
import { Problem } from "./problem.ts";
import type { Wish } from "./wish.ts";

/** Where a page begins: how far along which ranking. */
export interface PageStart {
  /** The release that ranked the pages before; it is read on for as long as KV has it. */
  readonly release: string;
  readonly position: number;
  /** What was asked of whom: a cursor continues nothing else. */
  readonly question: string;
  /** What the ranking was made of; another one begins again. */
  readonly variant: string;
}

/** Items that pages may reach: further down nobody looks, and each page ranks all before it. */
export const MOST_PAGED = 1_000;

const FORM = /^1~([A-Za-z0-9][A-Za-z0-9-]{0,63})~(\d{1,4})~([0-9a-f]{8})~([a-z0-9.+-]{1,60})$/;

/** A digest of what is asked of whom, without where its page begins and how long it is. */
export function questionOf(subject: string, wish: Wish): string {
  const { limit: _, cursor: __, explain: ___, ...rest } = wish;
  const words = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return hashId(JSON.stringify([subject, words]), 0)
    .lo.toString(16)
    .padStart(8, "0");
}

export function encodePageStart({ release, position, question, variant }: PageStart): string {
  return btoa(`1~${release}~${position}~${question}~${variant}`)
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** @throws Problem 400 when the cursor is not one of ours, or belongs to another question. */
export function decodePageStart(cursor: string, question: string): PageStart {
  const match = FORM.exec(textOf(cursor));
  const position = Number(match?.[2]);
  if (match === null || position > MOST_PAGED) {
    throw new Problem(400, "BAD_CURSOR", "cursor: it is not one that Usher gave; leave it out.");
  }
  if (match[3] !== question) {
    throw new Problem(
      400,
      "CURSOR_OF_ANOTHER_QUESTION",
      "cursor: it continues another question; ask with the same parameters, or leave it out.",
    );
  }
  return { release: match[1]!, position, question, variant: match[4]! };
}

function textOf(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
