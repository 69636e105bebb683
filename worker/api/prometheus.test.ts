import { expect, test } from "vitest";
import { prometheusText } from "./prometheus.ts";

test("families are written as Prometheus reads them, labels escaped", () => {
  const text = prometheusText([
    {
      name: "usher_answers_total",
      type: "counter",
      help: "Answers.",
      samples: [
        { labels: { release: 'a"b\\c\nd', source: "list" }, value: 3 },
        { labels: {}, value: 1.5 },
      ],
    },
    { name: "usher_unknown", type: "gauge", help: "Not known.", samples: [] },
    {
      name: "usher_wait_seconds",
      type: "histogram",
      help: "Waiting.",
      samples: [{ labels: {}, value: 0.25, suffix: "_sum" }],
    },
  ]);
  expect(text.split("\n")).toEqual([
    "# HELP usher_answers_total Answers.",
    "# TYPE usher_answers_total counter",
    'usher_answers_total{release="a\\"b\\\\c\\nd",source="list"} 3',
    "usher_answers_total 1.5",
    "# HELP usher_wait_seconds Waiting.",
    "# TYPE usher_wait_seconds histogram",
    "usher_wait_seconds_sum 0.25",
    "",
  ]);
});
