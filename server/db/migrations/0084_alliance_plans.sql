CREATE TYPE "public"."plan_state" AS ENUM('draft', 'published');--> statement-breakpoint
CREATE TABLE "alliance_plan" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"alliance_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"valid_from" date NOT NULL,
	"state" "plan_state" DEFAULT 'draft' NOT NULL,
	"content" jsonb NOT NULL,
	"note" text NOT NULL,
	"starter" boolean DEFAULT false NOT NULL,
	"authored_by" uuid,
	"published_by" uuid,
	"published_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "alliance_plan_alliance_id_version_unique" UNIQUE("alliance_id","version"),
	CONSTRAINT "alliance_plan_second_clinician" CHECK ("alliance_plan"."starter" or ("alliance_plan"."authored_by" is not null and ("alliance_plan"."state" = 'draft' or
        ("alliance_plan"."published_by" is not null and "alliance_plan"."published_at" is not null and "alliance_plan"."published_by" <> "alliance_plan"."authored_by"))))
);
--> statement-breakpoint
ALTER TABLE "pathway" DROP CONSTRAINT "pathway_code_unique";--> statement-breakpoint
ALTER TABLE "pathway" DROP CONSTRAINT "pathway_days";--> statement-breakpoint
ALTER TABLE "pathway" ADD COLUMN "plan_id" uuid;--> statement-breakpoint
ALTER TABLE "pathway" ADD COLUMN "follow_up_days" smallint[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "pathway" ADD COLUMN "receivers" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "pathway" ADD COLUMN "wanted_results" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "pathway" ADD COLUMN "return_triggers" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "alliance_plan" ADD CONSTRAINT "alliance_plan_alliance_id_alliance_id_fk" FOREIGN KEY ("alliance_id") REFERENCES "public"."alliance"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alliance_plan" ADD CONSTRAINT "alliance_plan_authored_by_person_id_fk" FOREIGN KEY ("authored_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alliance_plan" ADD CONSTRAINT "alliance_plan_published_by_person_id_fk" FOREIGN KEY ("published_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pathway" ADD CONSTRAINT "pathway_plan_id_alliance_plan_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."alliance_plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pathway_alliance_id_index" ON "pathway" USING btree ("alliance_id");--> statement-breakpoint
ALTER TABLE "pathway" ADD CONSTRAINT "pathway_code_once" UNIQUE NULLS NOT DISTINCT("plan_id","code");--> statement-breakpoint
ALTER TABLE "pathway" ADD CONSTRAINT "pathway_days" CHECK ("pathway"."valid_until" >= "pathway"."valid_from");