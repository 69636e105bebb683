import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { UsherError } from "../release/error.ts";
import { exitCodeOf, REFUSED } from "./exit-codes.ts";

test("a refusal of the gate ends with a code of its own, any other error with 1", () => {
  expect(exitCodeOf(new UsherError("GATE_REFUSED", "Worse than what serves."))).toBe(3);
  expect(exitCodeOf(new UsherError("NOT_RUNNING", "No local Usher runs."))).toBe(1);
});

test.each([
  ["cycle.yaml", "usher-cycle"],
  ["sharded.yaml", "usher-train"],
])("the job of %s that trains fails at once when the gate refuses", async (file, name) => {
  const text = await readFile(new URL(`../deploy/kubernetes/${file}`, import.meta.url), "utf8");
  const job = parseAllDocuments(text)
    .map((document) => document.toJS())
    .find(({ metadata }) => metadata.name === name);
  const spec = job.spec.jobTemplate?.spec ?? job.spec;
  const [container] = spec.template.spec.containers;
  expect(spec.template.spec.restartPolicy).toBe("Never");
  expect(spec.podFailurePolicy.rules).toEqual([
    {
      action: "FailJob",
      onExitCodes: { containerName: container.name, operator: "In", values: [REFUSED] },
    },
  ]);
});
