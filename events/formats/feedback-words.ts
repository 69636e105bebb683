import { HIGHEST_RATING, LOWEST_RATING, type UsherEvent } from "../event.ts";

type Feedback = Pick<UsherEvent, "type" | "value">;

/** Services let their customers choose the words; these are the ones in use. */
const WORDS: readonly (readonly [readonly string[], Feedback])[] = [
  [
    ["like", "love", "star", "favorite", "favourite", "heart", "upvote", "thumbsup", "5star"],
    { type: "rate", value: HIGHEST_RATING },
  ],
  [["dislike", "downvote", "thumbsdown", "hide", "skip"], { type: "rate", value: 1 }],
  [
    ["play", "watch", "listen", "stream", "read", "finish", "complete", "download"],
    { type: "play", value: null },
  ],
  [
    ["purchase", "buy", "order", "checkout", "subscribe", "book", "rent"],
    { type: "play", value: null },
  ],
  [["click", "open", "tap", "cart", "addtocart", "save", "share"], { type: "click", value: null }],
];
const RATING_WORDS = ["rate", "rating", "stars", "review"];

/**
 * What a word for feedback ("Watch", "add_to_cart") is among our events; a word that is not known is a
 * `view`, the weakest sign. A value counts only beside a word for ratings: elsewhere it is a price or
 * a count as often as a rating.
 *
 * @returns what is wrong (the rest of a reason) where a rating has no value of our scale.
 */
export function feedbackOf(word: string, value: string | undefined): Feedback | string {
  const plain = word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  if (RATING_WORDS.includes(plain)) return ratingOf(value);
  return WORDS.find(([words]) => words.includes(plain))?.[1] ?? { type: "view", value: null };
}

function ratingOf(value: string | undefined): Feedback | string {
  const number = value === undefined ? Number.NaN : Number(value);
  if (number >= LOWEST_RATING && number <= HIGHEST_RATING) return { type: "rate", value: number };
  return `the rating is outside ${LOWEST_RATING}..${HIGHEST_RATING}; say its scale in a mapping`;
}
