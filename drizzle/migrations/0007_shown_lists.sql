ALTER TABLE "served_lists" ALTER COLUMN "experiment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "served_lists" ALTER COLUMN "arm" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "served_lists" ALTER COLUMN "release" DROP NOT NULL;