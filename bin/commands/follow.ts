import { Command } from "commander";
import { followTopic } from "../../trainer/import/follow-topic.ts";
import { kafkaTopic } from "../../trainer/import/kafka-topic.ts";
import { createProgress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";
import { waitForEnd } from "./wait-for-end.ts";

interface FollowChoices {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  readonly hosts?: string;
  readonly home?: string;
}

/** `usher follow --brokers … --topic …`: an event stream on Kafka into the database, until Ctrl-C. */
export function followCommand(): Command {
  return new Command("follow")
    .requiredOption("--brokers <addresses>", "host:port of some brokers, comma-separated")
    .requiredOption("--topic <name>", "topic whose messages are lines of an event stream")
    .option("--group <name>", "consumer group; those of one group share the partitions", "usher")
    .option("--hosts <names>", "servers whose recommendations count, comma-separated")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action(follow);
}

async function follow(options: FollowChoices): Promise<void> {
  const around = await findSurroundings(options.home);
  const { topic: name, group, hosts } = options;
  const topic = kafkaTopic({ brokers: options.brokers.split(","), topic: name, group });
  const progress = createProgress();
  const end = waitForEnd();
  // Following then ends by itself; a stream that does not close has an error to tell there.
  void end.asked.then(() => {
    end.stopping();
    return topic.close().catch(() => {});
  });
  try {
    progress.step(`Following ${name} as ${group}; Ctrl-C ends it`);
    const counts = await followTopic(around.database, topic, {
      ...(hosts === undefined ? {} : { hosts: hosts.split(",") }),
      onBatch: ({ messages, inserted }) =>
        progress.update(`${messages} messages, ${inserted} events stored`, null),
    });
    progress.done(
      `${counts.messages} messages: ${counts.inserted} events stored, ${counts.duplicates} known already, ${counts.quarantined} in quarantine`,
    );
  } finally {
    await topic.close().catch(() => {});
    await around.close();
  }
}
