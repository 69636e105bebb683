/** The whole data model. Migrations are generated from it: `npm run migrations`. */
import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgSequence,
  pgTable,
  pgView,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Experiment, MetricName } from "../experiments/definition.ts";
import type { Verdict } from "../experiments/verdict.ts";

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** What can be recommended, as the customer names it. */
export const items = pgTable(
  "items",
  {
    itemId: text("item_id").primaryKey(),
    title: text("title").notNull(),
    categories: text("categories").array().notNull().default(sql`'{}'`),
    year: smallint("year"),
    attributes: jsonb("attributes").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("items_categories").using("gin", table.categories),
    check("items_id_bytes", sql`octet_length(${table.itemId}) between 1 and 128`),
  ],
);

/** Everybody who has been seen in an event. */
export const users = pgTable(
  "users",
  {
    userId: text("user_id").primaryKey(),
    firstSeenAt: moment("first_seen_at").notNull().defaultNow(),
    attributes: jsonb("attributes").$type<Record<string, unknown>>().notNull().default({}),
  },
  (table) => [check("users_id_bytes", sql`octet_length(${table.userId}) between 1 and 128`)],
);

export const eventType = pgEnum("event_type", ["rate", "play", "click", "view", "remove"]);

export const eventsSeq = pgSequence("events_seq_seq");

/**
 * What happened, append-only. `seq` is the order of ingestion and what a watermark counts in. The
 * table is partitioned by ranges of it (`drizzle/event-partitions.ts`), which drizzle cannot say.
 */
export const events = pgTable(
  "events",
  {
    seq: bigint("seq", { mode: "number" }).primaryKey().default(sql`nextval('events_seq_seq')`),
    eventId: text("event_id").notNull(),
    userId: text("user_id").notNull(),
    itemId: text("item_id").notNull(),
    type: eventType("type").notNull(),
    /** Rating 0.5..5 of a `rate`, null otherwise. */
    value: real("value"),
    /** Minutes watched, and share of the whole 0..1, of a `play`. */
    minutes: real("minutes"),
    share: real("share"),
    occurredAt: moment("occurred_at").notNull(),
    ingestedAt: moment("ingested_at").notNull().defaultNow(),
    /** Where it came from: `api`, or an import's folder and format. */
    source: text("source").notNull(),
    requestId: text("request_id"),
  },
  (table) => [
    index("events_user_occurred").on(table.userId, table.occurredAt),
    index("events_occurred").on(table.occurredAt),
    check("events_rate_has_value", sql`(${table.type} = 'rate') = (${table.value} is not null)`),
    check("events_value_range", sql`${table.value} between 0.5 and 5`),
    check("events_minutes_range", sql`${table.minutes} >= 0`),
    check("events_share_range", sql`${table.share} between 0 and 1`),
    check("events_user_bytes", sql`octet_length(${table.userId}) between 1 and 128`),
    check("events_item_bytes", sql`octet_length(${table.itemId}) between 1 and 128`),
  ],
);

/**
 * The ids of all events there ever were, archived ones too: an event is stored once, however often and
 * by whatever path it is delivered. A table of its own, because Postgres keeps a key unique over
 * partitions only when it contains what they are partitioned by.
 */
export const eventIds = pgTable("event_ids", {
  /** 128 bits of the id's SHA-256; `drizzle/event-ids.ts` makes them. */
  id: uuid("id").primaryKey(),
  seq: bigint("seq", { mode: "number" }).notNull(),
});

/** The files that hold the events which have left the table, by ranges of their sequence. */
export const archivedFiles = pgTable("archived_files", {
  fromSeq: bigint("from_seq", { mode: "number" }).primaryKey(),
  /** Included. */
  toSeq: bigint("to_seq", { mode: "number" }).notNull(),
  rows: integer("rows").notNull(),
  bytes: bigint("bytes", { mode: "number" }).notNull(),
  sha256: text("sha256").notNull(),
  /** When the newest of its events happened. */
  newestAt: moment("newest_at").notNull(),
  archivedAt: moment("archived_at").notNull().defaultNow(),
});

/**
 * The rating of each user and item that stands: the latest by occurrence, whatever the order of
 * arrival, and none once it has been removed. Types are compared as text because a value that an
 * enum has just been given cannot be used by the migration that gives it.
 */
export const ratings = pgView("ratings", {
  userId: text("user_id").notNull(),
  itemId: text("item_id").notNull(),
  value: real("value").notNull(),
  occurredAt: moment("occurred_at").notNull(),
}).as(sql`
  select user_id, item_id, value, occurred_at from (
    select distinct on (user_id, item_id) user_id, item_id, value, occurred_at
    from events where type::text in ('rate', 'remove')
    order by user_id, item_id, occurred_at desc, seq desc
  ) as latest where value is not null`);

/** What could not be taken in, word for word, with the reason. Nothing is lost. */
export const quarantine = pgTable(
  "quarantine",
  {
    id: bigint("id", { mode: "number" }).generatedAlwaysAsIdentity().primaryKey(),
    /** The file, or the queue message. */
    source: text("source").notNull(),
    line: integer("line"),
    raw: text("raw").notNull(),
    reason: text("reason").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    // The same bad row read again is the same row.
    uniqueIndex("quarantine_once").on(
      table.source,
      sql`coalesce(${table.line}, 0)`,
      sql`md5(${table.raw})`,
    ),
  ],
);

/** Queue messages that nobody could read, whole, until `usher redrive` can. */
export const deadLetters = pgTable(
  "dead_letters",
  {
    id: bigint("id", { mode: "number" }).generatedAlwaysAsIdentity().primaryKey(),
    /** The queue's own id of the message. */
    messageId: text("message_id").notNull(),
    /** JSON as it came. */
    body: text("body").notNull(),
    reason: text("reason").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    redrivenAt: moment("redriven_at"),
  },
  (table) => [uniqueIndex("dead_letters_message").on(table.messageId)],
);

/** Snapshots: what a model learned from, by content. */
export const datasets = pgTable("datasets", {
  hash: text("hash").primaryKey(),
  watermark: bigint("watermark", { mode: "number" }).notNull(),
  users: integer("users").notNull(),
  items: integer("items").notNull(),
  interactions: bigint("interactions", { mode: "number" }).notNull(),
  /** The cleaning report, rule by rule. */
  report: jsonb("report").$type<unknown>().notNull(),
  /** The files it was made from: the hash of their manifest. */
  snapshot: text("snapshot"),
  createdAt: moment("created_at").notNull().defaultNow(),
});

export const releaseStatus = pgEnum("release_status", [
  "built",
  "staged",
  "active",
  "retired",
  "refused",
]);

/** Releases and what became of them. */
export const releases = pgTable(
  "releases",
  {
    release: text("release").primaryKey(),
    datasetHash: text("dataset_hash")
      .notNull()
      .references(() => datasets.hash),
    status: releaseStatus("status").notNull(),
    manifest: jsonb("manifest").$type<unknown>().notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    activatedAt: moment("activated_at"),
  },
  (table) => [
    index("releases_dataset").on(table.datasetHash),
    index("releases_status").on(table.status, table.createdAt),
  ],
);

/** Experiments between releases or serving parameters; `experiments/definition.ts` says what they are. */
export const experiments = pgTable("experiments", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** Experiments of one layer exclude each other. */
  layer: text("layer").notNull().default("default"),
  mode: text("mode", { enum: ["split", "interleaving"] })
    .notNull()
    .default("split"),
  /** The control first. */
  arms: jsonb("arms").$type<Experiment["arms"]>().notNull(),
  salt: text("salt").notNull(),
  primaryMetric: text("primary_metric").$type<MetricName>().notNull().default("clicks"),
  guardrails: text("guardrails").array().$type<MetricName[]>().notNull().default(sql`'{}'`),
  /** Relative change of the primary metric worth finding. */
  minimumEffect: doublePrecision("minimum_effect").notNull().default(0.05),
  alpha: doublePrecision("alpha").notNull().default(0.05),
  power: doublePrecision("power").notNull().default(0.8),
  /** What was told of it when it was defined: users of each arm, days. */
  plan: jsonb("plan").$type<unknown>(),
  status: text("status", { enum: ["draft", "running", "stopped"] })
    .notNull()
    .default("draft"),
  /** Where its users begin in the layer, a point 0..1, once it has started. */
  rangeFrom: doublePrecision("range_from"),
  /** What was found when it was stopped. */
  verdict: jsonb("verdict").$type<Verdict>(),
  /** The arm that serves everybody since, if any. */
  shippedArm: text("shipped_arm"),
  createdAt: moment("created_at").notNull().defaultNow(),
  startedAt: moment("started_at"),
  stoppedAt: moment("stopped_at"),
});

/** Who has seen an experiment, and how often: a row for each user in it. */
export const exposures = pgTable(
  "exposures",
  {
    experimentId: text("experiment_id")
      .notNull()
      .references(() => experiments.id, { onDelete: "cascade" }),
    userId: text("user_id").notNull(),
    /** The arm's name; `interleaved` where everybody sees both. */
    arm: text("arm").notNull(),
    firstExposedAt: moment("first_exposed_at").notNull(),
    lastExposedAt: moment("last_exposed_at").notNull(),
    /** Answers that the Worker made; what a cache answered is not among them. */
    answers: integer("answers").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.experimentId, table.userId] }),
    index("exposures_user").on(table.userId),
  ],
);

/**
 * The lists that users were shown: in experiments, the same list to the same user once an hour, and in
 * imported streams. The latter belong to no experiment, arm or release of ours.
 */
export const servedLists = pgTable(
  "served_lists",
  {
    /** Derived from experiment, user, items and hour: delivered twice, stored once. */
    id: text("id").primaryKey(),
    experimentId: text("experiment_id").references(() => experiments.id, { onDelete: "cascade" }),
    userId: text("user_id").notNull(),
    /** The arm's name; `interleaved` where everybody sees both. */
    arm: text("arm"),
    release: text("release"),
    servedAt: moment("served_at").notNull(),
    /** Best first. */
    items: text("items").array().notNull(),
    /** Of an interleaved list: the arm that each item stands for, 0 the control. */
    teams: smallint("teams").array(),
  },
  (table) => [
    index("served_lists_experiment_user").on(table.experimentId, table.userId, table.servedAt),
    index("served_lists_user").on(table.userId),
    index("served_lists_served").on(table.servedAt),
  ],
);

/** Requests to erase a user: only a hash of who it was stays, so that replays can be refused. */
export const erasures = pgTable(
  "erasures",
  {
    id: bigint("id", { mode: "number" }).generatedAlwaysAsIdentity().primaryKey(),
    userHash: text("user_hash").notNull(),
    /** What the edge knows an erased user by until no release holds them: 64 bits in hex. */
    tombstone: text("tombstone").notNull().default(""),
    requestedAt: moment("requested_at").notNull().defaultNow(),
    completedAt: moment("completed_at"),
    receipt: jsonb("receipt").$type<unknown>().notNull().default({}),
  },
  (table) => [uniqueIndex("erasures_user_hash").on(table.userHash)],
);

/** What the cron Worker did, a run a row; runs that found nothing to do leave none. */
export const cronRuns = pgTable(
  "cron_runs",
  {
    id: bigint("id", { mode: "number" }).generatedAlwaysAsIdentity().primaryKey(),
    /** `activate`, `guardrail`, `trending` or `retention`. */
    run: text("run").notNull(),
    at: moment("at").notNull(),
    /** In a word: `activated`, `refused`, `rolled-back`, `failed`. */
    outcome: text("outcome").notNull(),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull().default({}),
    milliseconds: integer("milliseconds").notNull(),
  },
  (table) => [index("cron_runs_run_at").on(table.run, table.at)],
);

/** Roll-ups of what the Workers and the trainer measured, an hour a row. */
export const metricsHourly = pgTable(
  "metrics_hourly",
  {
    hour: moment("hour").notNull(),
    name: text("name").notNull(),
    /** Labels as `key=value` pairs in ascending order, joined by commas. */
    labels: text("labels").notNull().default(""),
    count: bigint("count", { mode: "number" }).notNull(),
    sum: doublePrecision("sum").notNull(),
    min: doublePrecision("min").notNull(),
    max: doublePrecision("max").notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.name, table.labels] })],
);

/** Counts of the Workers that are in the roll-ups, by their own ids: delivered twice, counted once. */
export const trafficFlushes = pgTable(
  "traffic_flushes",
  {
    flushId: uuid("flush_id").primaryKey(),
    addedAt: moment("added_at").notNull().defaultNow(),
  },
  (table) => [index("traffic_flushes_added").on(table.addedAt)],
);
