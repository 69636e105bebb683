import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tasteDataset } from "./fixtures/tastes.ts";
import { type TuneInput, tune } from "./tune.ts";

const dataset = await tasteDataset({ users: 60, items: 24, perUser: 8 });
const model = "linear-autoencoder";

let directory: string;
let statePath: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "usher-tune-"));
  statePath = join(directory, "state.json");
});
afterEach(() => rm(directory, { recursive: true }));

/** A tuning whose time is up after so many trials. */
function tuned(trials: number, more: Partial<TuneInput> = {}) {
  const time = new AbortController();
  let made = 0;
  const onProgress: TuneInput["onProgress"] = ({ message }) => {
    if (message.startsWith("trial") && ++made === trials) time.abort();
  };
  return tune({ dataset, model, deadline: time.signal, statePath, onProgress, ...more });
}

test("the best of the whole trainings is found, never worse than the model's own settings", async () => {
  const { settings, ndcg100, ownNdcg100, trials } = await tuned(30);
  expect(trials).toHaveLength(30);
  const whole = trials.filter(({ epochs }) => epochs === null);
  expect(whole.length).toBeGreaterThan(1);
  expect(ndcg100).toBe(Math.max(...whole.map((trial) => trial.ndcg100!)));
  expect(ndcg100).toBeGreaterThanOrEqual(ownNdcg100!);
  expect(whole.map((trial) => trial.settings)).toContainEqual(settings);
});

test("a round halves: nine get three epochs, three get nine, the best gets a whole training", async () => {
  const { trials } = await tuned(14);
  expect(trials.map(({ epochs }) => epochs)).toEqual([
    null,
    ...new Array(9).fill(3),
    ...new Array(3).fill(9),
    null,
  ]);
  const figures = (epochs: number | null) =>
    trials.filter((trial) => trial.epochs === epochs).sort((a, b) => b.ndcg100! - a.ndcg100!);
  expect(trials[13]!.settings).toEqual(figures(9)[0]!.settings);
  expect(
    figures(3)
      .slice(0, 3)
      .map(({ settings }) => settings),
  ).toEqual(trials.slice(10, 13).map(({ settings }) => settings));
});

test("a closed form has no epochs: each of its settings is fitted once", async () => {
  const { trials } = await tuned(20, { model: "radial-autoencoder" });
  expect(trials.every(({ epochs }) => epochs === null)).toBe(true);
  expect(new Set(trials.map(({ settings }) => JSON.stringify(settings))).size).toBe(20);
});

test("a tuning that was stopped goes on where it was, and comes to the same", async () => {
  await tuned(8);
  const resumed = await tuned(10);
  await rm(statePath);
  const atOnce = await tuned(18);
  const told = ({ trials }: typeof atOnce) =>
    trials.map(({ settings, epochs, ndcg100 }) => ({ settings, epochs, ndcg100 }));
  expect(told(resumed)).toEqual(told(atOnce));
  expect(JSON.parse(await readFile(statePath, "utf8")).trials).toHaveLength(18);
});

test("time that is up before one whole training is told", async () => {
  await expect(tune({ dataset, model, deadline: AbortSignal.abort(), statePath })).rejects.toThrow(
    /Give it more minutes/,
  );
});

test("being stopped by the user is no result", async () => {
  const stop = new AbortController();
  const tuning = tuned(99, {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("stop")),
  });
  await expect(tuning).rejects.toThrow("stop");
});

test("a state of another tuning, or no state at all, is not written over", async () => {
  await tuned(2);
  await expect(tuned(2, { seed: 9 })).rejects.toThrow(/not the state of tuning/);
  await writeFile(statePath, "{");
  await expect(tuned(2)).rejects.toThrow(/Remove it to begin anew/);
});

test("a model without settings to tune is refused", async () => {
  await expect(tuned(2, { model: "ease" })).rejects.toThrow(/ease has no settings to tune/);
});
