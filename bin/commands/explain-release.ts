import { Command } from "commander";
import { findDataset } from "../../drizzle/datasets.ts";
import { findRelease } from "../../drizzle/releases.ts";
import { UsherError } from "../../release/error.ts";
import { parseManifest } from "../../release/manifest.ts";
import type { CleaningReport } from "../../trainer/cleaning-report.ts";
import { listSnapshots } from "../../trainer/snapshots/take-snapshot.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

/** `usher explain-release ID`: from an answer's release header back to model, data and code. */
export function explainReleaseCommand(): Command {
  return new Command("explain-release")
    .argument("<release>", "as the usher-release header of an answer names it")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (release: string, options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const origin = await originOf(around, release);
        if (options.json === true) console.log(JSON.stringify(origin));
        else console.log(originText(origin));
      } finally {
        await around.close();
      }
    });
}

type Origin = Awaited<ReturnType<typeof originOf>>;

async function originOf(around: Surroundings, release: string) {
  const row = await findRelease(around.database, release);
  if (row === null) {
    throw new UsherError(
      "RELEASE_UNKNOWN",
      `There is no release "${release}". The usher-release header of an answer names the one it came from.`,
    );
  }
  const { code, createdAt, model, metrics, baseline, gate, dataset } = parseManifest(
    JSON.stringify(row.manifest),
  );
  const known = await findDataset(around.database, row.datasetHash);
  const snapshots = await listSnapshots(snapshotStore(around.home));
  const snapshot = snapshots.find(({ hash }) => hash === known?.snapshot);
  return {
    release,
    status: row.status,
    createdAt,
    code,
    model,
    metrics,
    baseline: baseline.name,
    gate,
    dataset: { ...dataset, snapshot: known?.snapshot ?? null },
    cleaning: (known?.report ?? null) as CleaningReport | null,
    sources: snapshot?.manifest.facts.sources ?? null,
  };
}

function originText(origin: Origin): string {
  const { dataset, cleaning, model } = origin;
  const ndcg = origin.metrics["ndcg@100"]?.mean.toFixed(4) ?? "unknown";
  const gate = origin.gate.forced ? "forced" : origin.gate.passed ? "passed" : "refused";
  const rules = cleaning?.rules.filter(({ dropped }) => dropped > 0) ?? [];
  return [
    `release ${origin.release} (${origin.status}), built ${origin.createdAt} by code ${origin.code}`,
    `  model     ${model.name}, ${model.dimensions} dimensions, NDCG@100 ${ndcg} beside ${origin.baseline}; gate ${gate}`,
    `  dataset   ${dataset.hash}`,
    `            ${dataset.interactions} interactions of ${dataset.users} users with ${dataset.items} items`,
    `  watermark event ${dataset.watermark ?? "none"}${dataset.takenAt === undefined ? "" : `, taken ${dataset.takenAt}`}`,
    `  snapshot  ${dataset.snapshot ?? "none kept"}`,
    `  cleaning  ${cleaning === null ? "unknown" : `${cleaning.seen} events seen, ${cleaning.kept} kept`}`,
    ...rules.map(
      ({ rule, dropped, examples }) =>
        `            ${rule}: ${dropped} dropped, such as ${examples[0]}`,
    ),
    ...(origin.sources ?? []).map(
      ({ source, events, firstSeq, lastSeq }) =>
        `  source    ${source}: ${events} events, ${firstSeq} to ${lastSeq}`,
    ),
  ].join("\n");
}
