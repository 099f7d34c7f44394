CREATE TYPE "public"."record_choice_kind" AS ENUM('all', 'limited', 'none', 'hidden', 'shown');--> statement-breakpoint
CREATE TABLE "record_choice" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid,
	"category" text,
	"choice" "record_choice_kind" NOT NULL,
	"relation" "contact_relation" NOT NULL,
	"chosen_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "record_choice_subject" CHECK (case when "record_choice"."category" is null then "record_choice"."institution_id" is not null and "record_choice"."choice"::text in ('all', 'limited', 'none') else "record_choice"."institution_id" is null and "record_choice"."choice"::text in ('hidden', 'shown') end)
);
--> statement-breakpoint
CREATE TABLE "record_choice_store" (
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"applied_number" bigint DEFAULT 0 NOT NULL,
	"tried_at" timestamp with time zone NOT NULL,
	CONSTRAINT "record_choice_store_patient_id_institution_id_pk" PRIMARY KEY("patient_id","institution_id")
);
--> statement-breakpoint
ALTER TABLE "record_choice" ADD CONSTRAINT "record_choice_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_choice" ADD CONSTRAINT "record_choice_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_choice_store" ADD CONSTRAINT "record_choice_store_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_choice_store" ADD CONSTRAINT "record_choice_store_institution_id_record_store_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."record_store"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "record_choice_patient_id_number_index" ON "record_choice" USING btree ("patient_id","number");--> statement-breakpoint
CREATE INDEX "record_choice_store_tried_at_index" ON "record_choice_store" USING btree ("tried_at");