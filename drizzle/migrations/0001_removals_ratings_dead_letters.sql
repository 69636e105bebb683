ALTER TYPE "public"."event_type" ADD VALUE 'remove';--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dead_letters_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"message_id" text NOT NULL,
	"body" text NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"redriven_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_message" ON "dead_letters" USING btree ("message_id");--> statement-breakpoint
CREATE VIEW "public"."ratings" AS (
  select user_id, item_id, value, occurred_at from (
    select distinct on (user_id, item_id) user_id, item_id, value, occurred_at
    from events where type::text in ('rate', 'remove')
    order by user_id, item_id, occurred_at desc, seq desc
  ) as latest where value is not null);