import { FREE_DAY, PAID } from "../release/prices.ts";
import { costOfPush, type PushPlan } from "../sync/push/plan.ts";
import { count, dollars, percent, size } from "./quantities.ts";

/** A push plan for a person: what will be written, and what it costs on either plan. */
export function planInWords(plan: PushPlan): string {
  const cost = costOfPush(plan);
  const { included, price } = PAID.kvWrites;
  return [
    `release   ${plan.release}: ${count(plan.present)} values are there already`,
    `writes    ${count(plan.writes)} keys, ${size(plan.bytes)}`,
    `requests  ${count(plan.requests)}: ${count(plan.batches.length)} bulk writes, ${count(plan.lists)} listings, ${count(plan.reads)} values read back${plan.manifest === null ? "" : ", the manifest"}`,
    `paid plan ${dollars(cost.dollars)} at $${price} a million writes, once the month's first ${count(included)} are used up`,
    `free plan ${percent(cost.freeDay)} of a day's ${count(FREE_DAY.kvWrites)} writes${cost.freeDay > 1 ? ": more than it allows" : ""}`,
  ].join("\n");
}

/** The same for a machine. */
export function planAsJson(plan: PushPlan) {
  const { release, present, writes, bytes, reads, lists, requests } = plan;
  return { release, present, writes, bytes, reads, lists, requests, ...costOfPush(plan) };
}
