/** Options about what lists are like, of every command that trains or makes lists. */
import { InvalidArgumentError, Option } from "commander";
import type { ListDiversity } from "../trainer/lists-plan.ts";

/** Best items of a user among which diversity chooses 20. */
const CANDIDATES = 100;

/** `--diversity`: re-ranking by maximal marginal relevance; undefined for 0. */
export function diversityOption(): Option {
  return new Option(
    "--diversity <share>",
    "how unlike the items of a list should be, from 0 (best scores, the default) to 1",
  ).argParser((text): ListDiversity | undefined => {
    const share = shareOf(text);
    return share === 0 ? undefined : { candidates: CANDIDATES, lambda: 1 - share };
  });
}

/** `--popularity-damping`: the shipped model's setting of that name. */
export function popularityDampingOption(): Option {
  return new Option(
    "--popularity-damping <power>",
    "divide scores by popularity to this power, 0 (the default) to 1: more of the catalogue is shown",
  ).argParser(shareOf);
}

/** `--half-life`: days, of `interactionWeights`. */
export function halfLifeOption(): Option {
  return new Option(
    "--half-life <days>",
    "days after which an interaction counts half (default: age does not matter)",
  ).argParser((text) => {
    const days = Number(text);
    if (days > 0 && Number.isFinite(days)) return days;
    throw new InvalidArgumentError("it takes a number of days above 0.");
  });
}

function shareOf(text: string): number {
  const share = Number(text);
  if (text.trim() !== "" && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("it takes a number from 0 to 1, such as 0.2.");
}
