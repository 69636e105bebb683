/**
 * NDCG@100 of the validation users: the figure that early stopping watches.
 */
import { rowIndices } from "../csr.ts";
import type { Recommender } from "../models/model.ts";
import { ndcg } from "./ndcg.ts";
import { rankHeldOut } from "./ranking.ts";
import type { HeldOut } from "./split.ts";

/** Mean NDCG@100 over the held-out users. */
export function validationNdcg(model: Pick<Recommender, "score">, heldOut: HeldOut): number {
  const ranked = rankHeldOut(model, heldOut, 100);
  let sum = 0;
  ranked.forEach((items, user) => {
    sum += ndcg(items, new Set(rowIndices(heldOut.targets, user)), 100);
  });
  return sum / ranked.length;
}
