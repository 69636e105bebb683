import { byId, element } from "../element.js";
import { ago, count, percent } from "./quantities.js";

/** @typedef {import("./service.js").Releases} Releases */
/** @typedef {import("./service.js").Status} Status */

/** What an operator looks at first. @param {Releases} releases @param {Status} status */
export function showFacts(
  { serving, changedAt, staged },
  { intake, stored, drift, trendingComputedAt },
) {
  const arms = serving.map(({ release, share }) =>
    serving.length === 1 ? release : `${release} to ${percent(share)}`,
  );
  const learned = drift.find(({ release }) => release === serving[0]?.release);
  const newest = intake.hours.at(-1)?.events ?? 0;
  byId("facts", HTMLDListElement).replaceChildren(
    fact(
      "Serving",
      arms.join(", ") || "nothing yet",
      changedAt ? `changed ${ago(changedAt)}` : "run usher cycle",
    ),
    fact(
      "Waiting",
      staged?.release ?? "nothing",
      staged ? `${count(staged.verified)} values verified` : "no release is staged",
    ),
    fact(
      "Data taken",
      ago(learned?.takenAt ?? null),
      learned ? `${count(learned.interactions)} interactions` : "nothing serves yet",
    ),
    fact("Events stored", count(stored.events), `${count(newest)} in this hour`),
    fact(
      "Newest event",
      ago(intake.lastEventAt),
      trendingComputedAt
        ? `trending computed ${ago(trendingComputedAt)}`
        : "no trending computed yet",
    ),
    fact(
      "Dead letters",
      count(intake.deadLetters),
      intake.deadLetters > 0 ? "usher redrive brings them back" : "none waits",
      intake.deadLetters > 0,
    ),
    fact("Quarantined", count(intake.quarantined), "rows that were no events"),
  );
}

/** @param {string} name @param {string} value @param {string} about @param {boolean} [worrying] */
function fact(name, value, about, worrying = false) {
  return element(
    "div",
    { class: worrying ? "fact worrying" : "fact" },
    element("dt", {}, name),
    element("dd", {}, element("b", {}, value), element("small", {}, about)),
  );
}
