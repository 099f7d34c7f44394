CREATE TYPE "public"."join_basis" AS ENUM('identity-card', 'person', 'relative', 'documents');--> statement-breakpoint
CREATE TABLE "patient_link" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"duplicate_id" uuid NOT NULL,
	"named_id" uuid NOT NULL,
	"survivor_id" uuid NOT NULL,
	"basis" "join_basis" NOT NULL,
	"reason" text NOT NULL,
	"episode_id" uuid,
	"joined_by" uuid NOT NULL,
	"joined_by_name" text NOT NULL,
	"joined_at_institution_id" uuid NOT NULL,
	"joined_at" timestamp with time zone NOT NULL,
	"separated_at" timestamp with time zone,
	"separated_by" uuid,
	"separated_by_name" text,
	"separated_at_institution_id" uuid,
	"separation_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "patient_link_two" CHECK ("patient_link"."duplicate_id" <> "patient_link"."named_id"),
	CONSTRAINT "patient_link_separated" CHECK (num_nonnulls("patient_link"."separated_at", "patient_link"."separated_by", "patient_link"."separated_by_name", "patient_link"."separated_at_institution_id", "patient_link"."separation_reason") in (0, 5))
);
--> statement-breakpoint
CREATE TABLE "down_postponement" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"stay_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"until" date NOT NULL,
	"by_person_id" uuid NOT NULL,
	"by_name" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "pathway" ADD COLUMN "diagnosis_prefixes" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "pathway_criterion" ADD COLUMN "ward_fact" jsonb;--> statement-breakpoint
ALTER TABLE "patient_link" ADD CONSTRAINT "patient_link_duplicate_id_patient_id_fk" FOREIGN KEY ("duplicate_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_link" ADD CONSTRAINT "patient_link_named_id_patient_id_fk" FOREIGN KEY ("named_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_link" ADD CONSTRAINT "patient_link_survivor_id_patient_id_fk" FOREIGN KEY ("survivor_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_link" ADD CONSTRAINT "patient_link_joined_at_institution_id_institution_id_fk" FOREIGN KEY ("joined_at_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_link" ADD CONSTRAINT "patient_link_separated_at_institution_id_institution_id_fk" FOREIGN KEY ("separated_at_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "down_postponement" ADD CONSTRAINT "down_postponement_stay_id_bed_stay_id_fk" FOREIGN KEY ("stay_id") REFERENCES "public"."bed_stay"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "down_postponement" ADD CONSTRAINT "down_postponement_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "patient_link_once" ON "patient_link" USING btree ("duplicate_id") WHERE "patient_link"."separated_at" is null;--> statement-breakpoint
CREATE INDEX "patient_link_survivor_id_index" ON "patient_link" USING btree ("survivor_id");--> statement-breakpoint
CREATE INDEX "down_postponement_stay_id_index" ON "down_postponement" USING btree ("stay_id");--> statement-breakpoint
CREATE INDEX "down_postponement_institution_id_index" ON "down_postponement" USING btree ("institution_id");