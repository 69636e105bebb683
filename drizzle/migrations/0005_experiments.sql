CREATE TABLE "exposures" (
	"experiment_id" text NOT NULL,
	"user_id" text NOT NULL,
	"arm" text NOT NULL,
	"first_exposed_at" timestamp (3) with time zone NOT NULL,
	"last_exposed_at" timestamp (3) with time zone NOT NULL,
	"answers" integer NOT NULL,
	CONSTRAINT "exposures_experiment_id_user_id_pk" PRIMARY KEY("experiment_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "served_lists" (
	"id" text PRIMARY KEY NOT NULL,
	"experiment_id" text NOT NULL,
	"user_id" text NOT NULL,
	"arm" text NOT NULL,
	"release" text NOT NULL,
	"served_at" timestamp (3) with time zone NOT NULL,
	"items" text[] NOT NULL,
	"teams" smallint[]
);
--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "mode" text DEFAULT 'split' NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "primary_metric" text DEFAULT 'clicks' NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "guardrails" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "minimum_effect" double precision DEFAULT 0.05 NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "alpha" double precision DEFAULT 0.05 NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "power" double precision DEFAULT 0.8 NOT NULL;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "plan" jsonb;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "verdict" jsonb;--> statement-breakpoint
ALTER TABLE "experiments" ADD COLUMN "shipped_arm" text;--> statement-breakpoint
ALTER TABLE "exposures" ADD CONSTRAINT "exposures_experiment_id_experiments_id_fk" FOREIGN KEY ("experiment_id") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "served_lists" ADD CONSTRAINT "served_lists_experiment_id_experiments_id_fk" FOREIGN KEY ("experiment_id") REFERENCES "public"."experiments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "exposures_user" ON "exposures" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "served_lists_experiment_user" ON "served_lists" USING btree ("experiment_id","user_id","served_at");--> statement-breakpoint
CREATE INDEX "served_lists_user" ON "served_lists" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "served_lists_served" ON "served_lists" USING btree ("served_at");