import { Command } from "commander";
import { type EventTrace, traceEvent } from "../../drizzle/event-trace.ts";
import { UsherError } from "../../release/error.ts";
import { archivedEvent } from "../../trainer/archive/archived-events.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher explain-event ID`: from a verdict of `POST /v1/events` on to dataset and releases. */
export function explainEventCommand(): Command {
  return new Command("explain-event")
    .argument("<eventId>", "as the verdict of POST /v1/events or the API's log names it")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (eventId: string, options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const trace = await traceEvent(around.database, eventId, (seq) =>
          archivedEvent(around.database, snapshotStore(around.home), seq),
        );
        if (trace === null) throw notStored(eventId);
        console.log(options.json === true ? JSON.stringify(trace) : traceText(trace));
      } finally {
        await around.close();
      }
    });
}

function notStored(eventId: string): UsherError {
  return new UsherError(
    "EVENT_UNKNOWN",
    `There is no event "${eventId}" in the database. It may still be in the queue (the consumer's log names its call once it is stored), in quarantine, or of a user who was erased.`,
  );
}

function traceText(trace: EventTrace): string {
  const { dataset, releases } = trace;
  const learned = releases.map(({ release, status }) => `${release} (${status})`).join(", ");
  return [
    `event ${trace.eventId}: ${trace.type} of item ${trace.itemId}, from ${trace.source}`,
    `  happened  ${trace.occurredAt}`,
    `  stored    ${trace.storedAt ?? "in the archive"}, as number ${trace.seq}`,
    `  answer    ${trace.answeredBy ?? "none named"}`,
    `  dataset   ${dataset === null ? "none yet: the next cycle takes it up" : `${dataset.hash}, up to number ${dataset.watermark}`}`,
    `  releases  ${learned === "" ? "none yet" : learned}`,
  ].join("\n");
}
