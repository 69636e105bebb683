-- Events become a table partitioned by ranges of their sequence; what there is becomes the first
-- partition as it stands, without a copy. The ids of all events move into a table of their own.
CREATE TABLE "archived_files" (
	"from_seq" bigint PRIMARY KEY NOT NULL,
	"to_seq" bigint NOT NULL,
	"rows" integer NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"newest_at" timestamp (3) with time zone NOT NULL,
	"archived_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_ids" (
	"id" uuid NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
INSERT INTO "event_ids" ("id", "seq")
SELECT encode(substring(sha256(convert_to("event_id", 'UTF8')) from 1 for 16), 'hex')::uuid, "seq"
FROM "events" ORDER BY "seq";--> statement-breakpoint
ALTER TABLE "event_ids" ADD PRIMARY KEY ("id");--> statement-breakpoint
DROP VIEW "public"."ratings";--> statement-breakpoint
ALTER TABLE "events" RENAME TO "events_from_1";--> statement-breakpoint
ALTER INDEX "events_pkey" RENAME TO "events_from_1_pkey";--> statement-breakpoint
ALTER INDEX "events_user_occurred" RENAME TO "events_from_1_user_occurred";--> statement-breakpoint
ALTER INDEX "events_occurred" RENAME TO "events_from_1_occurred";--> statement-breakpoint
DROP INDEX "events_event_id";--> statement-breakpoint
CREATE TABLE "events" (
	LIKE "events_from_1" INCLUDING DEFAULTS INCLUDING CONSTRAINTS
) PARTITION BY RANGE ("seq");--> statement-breakpoint
ALTER TABLE "events" ADD PRIMARY KEY ("seq");--> statement-breakpoint
CREATE INDEX "events_user_occurred" ON "events" USING btree ("user_id","occurred_at");--> statement-breakpoint
CREATE INDEX "events_occurred" ON "events" USING btree ("occurred_at");--> statement-breakpoint
DO $$
DECLARE
	last bigint;
	called boolean;
BEGIN
	-- An identity's sequence goes with it; a partitioned table has none before Postgres 17.
	SELECT last_value, is_called INTO last, called FROM "events_seq_seq";
	ALTER TABLE "events_from_1" ALTER COLUMN "seq" DROP IDENTITY;
	CREATE SEQUENCE "public"."events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;
	PERFORM setval('events_seq_seq', last, called);
	EXECUTE format('ALTER TABLE "events" ATTACH PARTITION "events_from_1" FOR VALUES FROM (1) TO (%s)',
		(last / 10000000 + 1) * 10000000 + 1);
END $$;--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "seq" SET DEFAULT nextval('events_seq_seq');--> statement-breakpoint
ALTER SEQUENCE "events_seq_seq" OWNED BY "events"."seq";--> statement-breakpoint
CREATE VIEW "public"."ratings" AS (
  select user_id, item_id, value, occurred_at from (
    select distinct on (user_id, item_id) user_id, item_id, value, occurred_at
    from events where type::text in ('rate', 'remove')
    order by user_id, item_id, occurred_at desc, seq desc
  ) as latest where value is not null);
