/** Times of the roll-ups as Prometheus' histograms. */
import type { Counter } from "../../drizzle/measures.ts";
import { ENDLESS, LATENCY_BOUNDS_MS } from "../../events/latency.ts";
import { labelled, labelsOf } from "../../events/traffic.ts";
import type { Family, Labels, Sample } from "./prometheus.ts";

/** What a histogram says, and by which labels it is told apart. */
interface Described {
  readonly help: string;
  readonly by: readonly string[];
}

/**
 * A histogram in seconds of the times that were counted as `NAME_ms` and `NAME_bucket`. Each bucket
 * of Prometheus counts all below its end, and none is left out: quantiles are computed between them.
 */
export function histogram(
  family: string,
  name: string,
  counters: readonly Counter[],
  { help, by }: Described,
): Family {
  const counted = new Map<string, { labels: Labels; buckets: Map<string, number>; sum: number }>();
  for (const counter of counters) {
    if (counter.name !== `${name}_ms` && counter.name !== `${name}_bucket`) continue;
    const { le, ...all } = labelsOf(counter.labels);
    const labels = Object.fromEntries(by.map((label) => [label, all[label] ?? ""]));
    const key = labelled(labels);
    const held = counted.get(key) ?? { labels, buckets: new Map<string, number>(), sum: 0 };
    if (le === undefined) held.sum += counter.sum;
    else held.buckets.set(le, (held.buckets.get(le) ?? 0) + counter.count);
    counted.set(key, held);
  }
  const samples = [...counted.values()].flatMap(({ labels, buckets, sum }): Sample[] => {
    let below = 0;
    const upTo = [...LATENCY_BOUNDS_MS, ENDLESS].map((end): Sample => {
      below += buckets.get(String(end)) ?? 0;
      const le = typeof end === "number" ? String(end / 1000) : end;
      return { labels: { ...labels, le }, value: below, suffix: "_bucket" };
    });
    return [
      ...upTo,
      { labels, value: sum / 1000, suffix: "_sum" },
      { labels, value: below, suffix: "_count" },
    ];
  });
  return { name: family, type: "histogram", help, samples };
}
