import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { TemporaryDatabase } from "../../local/temporary-database.ts";
import type { FilledTopic } from "./filled-topic.ts";
import { eventIdsOf } from "./stream-lines.ts";

const GROUP = "usher";
/** Longest wait for the followers to get further, in ms: a killed one is missed after 15 s. */
const PATIENCE_MS = 60_000;

/** Real `usher follow` processes of one group, over one topic and one database. */
export class FollowRun {
  readonly #temporary: TemporaryDatabase;
  readonly #topic: FilledTopic;
  readonly #broker: string;
  readonly #followers = new Set<ChildProcess>();

  constructor(temporary: TemporaryDatabase, topic: FilledTopic, broker: string) {
    this.#temporary = temporary;
    this.#topic = topic;
    this.#broker = broker;
  }

  /** Starts a follower; settles when it follows. */
  async start(): Promise<ChildProcess> {
    const { url, wsProxy } = this.#temporary.postgres;
    const topic = ["--brokers", this.#broker, "--topic", this.#topic.name, "--group", GROUP];
    const child = spawn(process.execPath, ["bin/usher.ts", "follow", ...topic], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        DATABASE_URL: url,
        DATABASE_WS_PROXY: wsProxy,
        CLOUDFLARE_ACCOUNT_ID: "none",
        CLOUDFLARE_API_TOKEN: "none",
        USHER_KV_NAMESPACE_ID: "none",
      },
    });
    this.#followers.add(child);
    child.stderr.pipe(process.stderr);
    await once(child.stderr, "data");
    return child;
  }

  /** Ends a follower without warning. */
  async kill(child: ChildProcess): Promise<void> {
    this.#followers.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async killAll(): Promise<void> {
    for (const child of [...this.#followers]) await this.kill(child);
  }

  /** Asks all to stop, as Ctrl-C does; gives how many ended with an error. */
  async stopAll(): Promise<number> {
    const ending = [...this.#followers].map(async (child) => {
      child.kill("SIGINT");
      const [code] = await once(child, "exit");
      return code === 0 ? 0 : 1;
    });
    const errors = await Promise.all(ending);
    this.#followers.clear();
    return errors.reduce<number>((sum, error) => sum + error, 0);
  }

  /** Ids of all events that the topic's lines stand for so far. */
  expected(): Set<string> {
    return new Set(this.#topic.partitions.flatMap((lines) => [...eventIdsOf(lines)]));
  }

  async stored(): Promise<number> {
    const query = "select count(*)::int as count from events";
    const { rows } = await this.#temporary.database.pool.query(query);
    return (rows[0] as { count: number }).count;
  }

  /** Waits until a share of all events is stored. */
  async reached(share: number): Promise<void> {
    const wanted = Math.ceil(this.expected().size * share);
    await waited(`${wanted} events`, async () => (await this.stored()) >= wanted);
  }

  /** Waits until the group has committed all but the last minutes, whose sitting goes on. */
  async committedToTheEnd(): Promise<void> {
    await waited("the last commits", async () => {
      const committed = await this.#topic.committed(GROUP);
      return this.#topic.partitions.every(
        (lines, partition) => committed.get(partition) === BigInt(lines.length - 1),
      );
    });
  }

  /** Events of lines before the group's offsets that the database does not have. */
  async committedButNotStored(): Promise<number> {
    const committed = await this.#topic.committed(GROUP);
    const stored = new Set(await this.#storedIds());
    let missing = 0;
    for (const [partition, offset] of committed) {
      const lines = this.#topic.partitions[partition]!.slice(0, Number(offset));
      for (const id of eventIdsOf(lines)) if (!stored.has(id)) missing++;
    }
    return missing;
  }

  /** The table against the lines: events missing, and rows that no line stands for or that are twice. */
  async compare(): Promise<{ lost: number; doubled: number }> {
    const expected = this.expected();
    const rows = await this.#storedIds();
    const stored = new Set(rows);
    const lost = [...expected].filter((id) => !stored.has(id)).length;
    const strange = [...stored].filter((id) => !expected.has(id)).length;
    return { lost, doubled: rows.length - stored.size + strange };
  }

  async #storedIds(): Promise<string[]> {
    const { rows } = await this.#temporary.database.pool.query("select event_id from events");
    return rows.map((row) => (row as { event_id: string }).event_id);
  }
}

async function waited(what: string, done: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await done())) {
    if (performance.now() > until) throw new Error(`Waited ${PATIENCE_MS} ms for ${what}.`);
    await sleep(50);
  }
}
