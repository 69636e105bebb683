/** Prometheus' text format, https://prometheus.io/docs/instrumenting/exposition_formats/. */

export type Labels = Readonly<Record<string, string>>;

/** One number with its labels; `suffix` is that of a histogram's parts. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** Samples of one name. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** A family without samples is left out: nothing is known of it, which is not nought. */
export function prometheusText(families: readonly Family[]): string {
  let text = "";
  for (const { name, type, help, samples } of families) {
    if (samples.length === 0) continue;
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const { labels, value, suffix = "" } of samples) {
      text += `${name}${suffix}${inBraces(labels)} ${value}\n`;
    }
  }
  return text;
}

function inBraces(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
