ALTER TABLE "datasets" ADD COLUMN "snapshot" text;--> statement-breakpoint
ALTER TABLE "erasures" ADD COLUMN "tombstone" text DEFAULT '' NOT NULL;