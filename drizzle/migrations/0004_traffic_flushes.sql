CREATE TABLE "traffic_flushes" (
	"flush_id" uuid PRIMARY KEY NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "traffic_flushes_added" ON "traffic_flushes" USING btree ("added_at");