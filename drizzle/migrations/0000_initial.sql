CREATE TYPE "public"."event_type" AS ENUM('rate', 'play', 'click', 'view');--> statement-breakpoint
CREATE TYPE "public"."release_status" AS ENUM('built', 'staged', 'active', 'retired', 'refused');--> statement-breakpoint
CREATE TABLE "datasets" (
	"hash" text PRIMARY KEY NOT NULL,
	"watermark" bigint NOT NULL,
	"users" integer NOT NULL,
	"items" integer NOT NULL,
	"interactions" bigint NOT NULL,
	"report" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "erasures_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_hash" text NOT NULL,
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp (3) with time zone,
	"receipt" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"seq" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" text NOT NULL,
	"user_id" text NOT NULL,
	"item_id" text NOT NULL,
	"type" "event_type" NOT NULL,
	"value" real,
	"minutes" real,
	"share" real,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"ingested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"source" text NOT NULL,
	"request_id" text,
	CONSTRAINT "events_rate_has_value" CHECK (("events"."type" = 'rate') = ("events"."value" is not null)),
	CONSTRAINT "events_value_range" CHECK ("events"."value" between 0.5 and 5),
	CONSTRAINT "events_minutes_range" CHECK ("events"."minutes" >= 0),
	CONSTRAINT "events_share_range" CHECK ("events"."share" between 0 and 1),
	CONSTRAINT "events_user_bytes" CHECK (octet_length("events"."user_id") between 1 and 128),
	CONSTRAINT "events_item_bytes" CHECK (octet_length("events"."item_id") between 1 and 128)
);
--> statement-breakpoint
CREATE TABLE "experiments" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"layer" text DEFAULT 'default' NOT NULL,
	"arms" jsonb NOT NULL,
	"salt" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"stopped_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "items" (
	"item_id" text PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"categories" text[] DEFAULT '{}' NOT NULL,
	"year" smallint,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "items_id_bytes" CHECK (octet_length("items"."item_id") between 1 and 128)
);
--> statement-breakpoint
CREATE TABLE "metrics_hourly" (
	"hour" timestamp (3) with time zone NOT NULL,
	"name" text NOT NULL,
	"labels" text DEFAULT '' NOT NULL,
	"count" bigint NOT NULL,
	"sum" double precision NOT NULL,
	"min" double precision NOT NULL,
	"max" double precision NOT NULL,
	CONSTRAINT "metrics_hourly_hour_name_labels_pk" PRIMARY KEY("hour","name","labels")
);
--> statement-breakpoint
CREATE TABLE "quarantine" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quarantine_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text NOT NULL,
	"line" integer,
	"raw" text NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"release" text PRIMARY KEY NOT NULL,
	"dataset_hash" text NOT NULL,
	"status" "release_status" NOT NULL,
	"manifest" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"activated_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "users" (
	"user_id" text PRIMARY KEY NOT NULL,
	"first_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "users_id_bytes" CHECK (octet_length("users"."user_id") between 1 and 128)
);
--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_dataset_hash_datasets_hash_fk" FOREIGN KEY ("dataset_hash") REFERENCES "public"."datasets"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "erasures_user_hash" ON "erasures" USING btree ("user_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "events_event_id" ON "events" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "events_user_occurred" ON "events" USING btree ("user_id","occurred_at");--> statement-breakpoint
CREATE INDEX "events_occurred" ON "events" USING btree ("occurred_at");--> statement-breakpoint
CREATE INDEX "items_categories" ON "items" USING gin ("categories");--> statement-breakpoint
CREATE UNIQUE INDEX "quarantine_once" ON "quarantine" USING btree ("source",coalesce("line", 0),md5("raw"));--> statement-breakpoint
CREATE INDEX "releases_dataset" ON "releases" USING btree ("dataset_hash");--> statement-breakpoint
CREATE INDEX "releases_status" ON "releases" USING btree ("status","created_at");