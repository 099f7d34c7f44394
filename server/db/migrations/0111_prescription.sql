CREATE TYPE "public"."formulary_state" AS ENUM('draft', 'published');--> statement-breakpoint
CREATE TYPE "public"."delivery_state" AS ENUM('preparing', 'on-its-way', 'delivered', 'refused');--> statement-breakpoint
CREATE TYPE "public"."hand_over_method" AS ENUM('pick-up', 'delivery');--> statement-breakpoint
CREATE TYPE "public"."prescription_channel" AS ENUM('in-person', 'internet');--> statement-breakpoint
CREATE TYPE "public"."prescription_encounter" AS ENUM('appointment', 'consult', 'fever-visit');--> statement-breakpoint
CREATE TYPE "public"."prescription_kind" AS ENUM('ordinary', 'emergency', 'long');--> statement-breakpoint
CREATE TYPE "public"."prescription_return_reason" AS ENUM('dose', 'interaction', 'allergy', 'contraindication', 'duplicate', 'diagnosis', 'quantity', 'not-in-stock', 'signature', 'other');--> statement-breakpoint
CREATE TYPE "public"."prescription_state" AS ENUM('draft', 'pending-review', 'returned', 'approved', 'dispensed', 'collected', 'cancelled', 'expired');--> statement-breakpoint
CREATE TABLE "formulary_version" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid,
	"version" integer NOT NULL,
	"valid_from" date NOT NULL,
	"state" "formulary_state" DEFAULT 'draft' NOT NULL,
	"content" jsonb NOT NULL,
	"note" text NOT NULL,
	"starter" boolean DEFAULT false NOT NULL,
	"authored_by" uuid,
	"published_by" uuid,
	"published_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "formulary_version_number" UNIQUE NULLS NOT DISTINCT("institution_id","version"),
	CONSTRAINT "formulary_version_owner" CHECK ("formulary_version"."starter" = ("formulary_version"."institution_id" is null)),
	CONSTRAINT "formulary_version_second_person" CHECK ("formulary_version"."starter" or ("formulary_version"."authored_by" is not null and ("formulary_version"."state" = 'draft' or
        ("formulary_version"."published_by" is not null and "formulary_version"."published_at" is not null and "formulary_version"."published_by" <> "formulary_version"."authored_by"))))
);
--> statement-breakpoint
CREATE TABLE "pharmacy_batch" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"medicine_code" text NOT NULL,
	"batch_number" text NOT NULL,
	"expires_on" date NOT NULL,
	"quantity" double precision NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "pharmacy_batch_once" UNIQUE("institution_id","medicine_code","batch_number"),
	CONSTRAINT "pharmacy_batch_stock" CHECK ("pharmacy_batch"."quantity" >= 0)
);
--> statement-breakpoint
CREATE TABLE "prescription" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"doctor_id" uuid NOT NULL,
	"encounter_kind" "prescription_encounter" NOT NULL,
	"encounter_id" uuid NOT NULL,
	"channel" "prescription_channel" NOT NULL,
	"kind" "prescription_kind" NOT NULL,
	"state" "prescription_state" DEFAULT 'draft' NOT NULL,
	"diagnoses" jsonb NOT NULL,
	"facts" jsonb NOT NULL,
	"assessment" text,
	"chart_note" text,
	"patient_signed" boolean DEFAULT false NOT NULL,
	"guardian_present" boolean DEFAULT false NOT NULL,
	"specialist_present" boolean DEFAULT false NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"overruled" jsonb NOT NULL,
	"warnings" jsonb NOT NULL,
	"formulary_id" uuid,
	"valid_days" smallint DEFAULT 1 NOT NULL,
	"repeat_of" uuid,
	"document" jsonb,
	"document_version" integer,
	"jws" text,
	"kid" text,
	"signed_at" timestamp with time zone,
	"review_due_at" timestamp with time zone,
	"valid_until" timestamp with time zone,
	"reviewed_by" uuid,
	"reviewed_at" timestamp with time zone,
	"return_reason" "prescription_return_reason",
	"return_note" text,
	"end_reason" text,
	"code_index" "bytea",
	"code_cipher" text,
	"updated_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "prescription_number_unique" UNIQUE("number"),
	CONSTRAINT "prescription_signed" CHECK ("prescription"."state" in ('draft', 'cancelled') or ("prescription"."jws" is not null and "prescription"."kid" is not null and "prescription"."document" is not null
        and "prescription"."signed_at" is not null and "prescription"."valid_until" is not null and "prescription"."formulary_id" is not null)),
	CONSTRAINT "prescription_reviewed" CHECK ("prescription"."state" not in ('approved', 'returned', 'dispensed', 'collected') or ("prescription"."reviewed_by" is not null and "prescription"."reviewed_at" is not null and "prescription"."reviewed_by" <> "prescription"."doctor_id")),
	CONSTRAINT "prescription_returned" CHECK ("prescription"."state" <> 'returned' or ("prescription"."return_reason" is not null and btrim(coalesce("prescription"."return_note", '')) <> '')),
	CONSTRAINT "prescription_valid_days" CHECK ("prescription"."valid_days" between 1 and 3),
	CONSTRAINT "prescription_code_given" CHECK ("prescription"."state" not in ('approved', 'dispensed') or ("prescription"."code_index" is not null and "prescription"."code_cipher" is not null))
);
--> statement-breakpoint
CREATE TABLE "prescription_dispense" (
	"prescription_id" uuid PRIMARY KEY NOT NULL,
	"institution_id" uuid NOT NULL,
	"prepared_by" uuid NOT NULL,
	"prepared_at" timestamp with time zone NOT NULL,
	"method" "hand_over_method" NOT NULL,
	"taken" jsonb NOT NULL,
	"delivery_state" "delivery_state",
	"delivery_address_cipher" text,
	"carrier" text,
	"tracking_number" text,
	"tracking_text" text,
	"collected_at" timestamp with time zone,
	"handed_over_by" uuid,
	"proxy_name" text,
	"proxy_id_cipher" text,
	"patient_id_seen" boolean DEFAULT false NOT NULL,
	"taken_back_at" timestamp with time zone,
	"taken_back_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "prescription_dispense_proxy" CHECK (("prescription_dispense"."proxy_name" is null) = ("prescription_dispense"."proxy_id_cipher" is null) and ("prescription_dispense"."proxy_name" is null or "prescription_dispense"."patient_id_seen")),
	CONSTRAINT "prescription_dispense_delivery" CHECK (("prescription_dispense"."method" = 'delivery') = ("prescription_dispense"."delivery_state" is not null)),
	CONSTRAINT "prescription_dispense_once" CHECK (num_nonnulls("prescription_dispense"."collected_at", "prescription_dispense"."taken_back_at") <= 1)
);
--> statement-breakpoint
CREATE TABLE "prescription_line" (
	"prescription_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"medicine_code" text NOT NULL,
	"dose" double precision NOT NULL,
	"frequency" text NOT NULL,
	"days" smallint NOT NULL,
	"quantity" double precision NOT NULL,
	"instructions" text DEFAULT '' NOT NULL,
	"medicine" jsonb NOT NULL,
	CONSTRAINT "prescription_line_prescription_id_position_pk" PRIMARY KEY("prescription_id","position"),
	CONSTRAINT "prescription_line_sane" CHECK ("prescription_line"."dose" > 0 and "prescription_line"."quantity" > 0 and "prescription_line"."days" between 1 and 366 and "prescription_line"."position" between 0 and 19)
);
--> statement-breakpoint
CREATE TABLE "prescription_opening" (
	"prescription_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"opened_by" uuid NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	CONSTRAINT "prescription_opening_prescription_id_institution_id_pk" PRIMARY KEY("prescription_id","institution_id")
);
--> statement-breakpoint
CREATE TABLE "prescription_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"prescription_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "prescription_state",
	"to_state" "prescription_state" NOT NULL,
	"person_id" uuid,
	"reason" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "prescription_talk" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"prescription_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"text" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "prescription_talk_said" CHECK (btrim("prescription_talk"."text") <> '')
);
--> statement-breakpoint
ALTER TABLE "record_change" DROP CONSTRAINT "record_change_kind";--> statement-breakpoint
ALTER TABLE "formulary_version" ADD CONSTRAINT "formulary_version_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "formulary_version" ADD CONSTRAINT "formulary_version_authored_by_person_id_fk" FOREIGN KEY ("authored_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "formulary_version" ADD CONSTRAINT "formulary_version_published_by_person_id_fk" FOREIGN KEY ("published_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pharmacy_batch" ADD CONSTRAINT "pharmacy_batch_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription" ADD CONSTRAINT "prescription_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription" ADD CONSTRAINT "prescription_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription" ADD CONSTRAINT "prescription_doctor_id_person_id_fk" FOREIGN KEY ("doctor_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription" ADD CONSTRAINT "prescription_formulary_id_formulary_version_id_fk" FOREIGN KEY ("formulary_id") REFERENCES "public"."formulary_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription" ADD CONSTRAINT "prescription_reviewed_by_person_id_fk" FOREIGN KEY ("reviewed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_dispense" ADD CONSTRAINT "prescription_dispense_prescription_id_prescription_id_fk" FOREIGN KEY ("prescription_id") REFERENCES "public"."prescription"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_dispense" ADD CONSTRAINT "prescription_dispense_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_dispense" ADD CONSTRAINT "prescription_dispense_prepared_by_person_id_fk" FOREIGN KEY ("prepared_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_dispense" ADD CONSTRAINT "prescription_dispense_handed_over_by_person_id_fk" FOREIGN KEY ("handed_over_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_line" ADD CONSTRAINT "prescription_line_prescription_id_prescription_id_fk" FOREIGN KEY ("prescription_id") REFERENCES "public"."prescription"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_opening" ADD CONSTRAINT "prescription_opening_prescription_id_prescription_id_fk" FOREIGN KEY ("prescription_id") REFERENCES "public"."prescription"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_opening" ADD CONSTRAINT "prescription_opening_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_opening" ADD CONSTRAINT "prescription_opening_opened_by_person_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_step" ADD CONSTRAINT "prescription_step_prescription_id_prescription_id_fk" FOREIGN KEY ("prescription_id") REFERENCES "public"."prescription"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_step" ADD CONSTRAINT "prescription_step_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_talk" ADD CONSTRAINT "prescription_talk_prescription_id_prescription_id_fk" FOREIGN KEY ("prescription_id") REFERENCES "public"."prescription"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prescription_talk" ADD CONSTRAINT "prescription_talk_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "formulary_version_institution_id_valid_from_index" ON "formulary_version" USING btree ("institution_id","valid_from");--> statement-breakpoint
CREATE INDEX "prescription_institution_id_state_review_due_at_index" ON "prescription" USING btree ("institution_id","state","review_due_at");--> statement-breakpoint
CREATE INDEX "prescription_patient_id_created_at_index" ON "prescription" USING btree ("patient_id","created_at");--> statement-breakpoint
CREATE INDEX "prescription_encounter_kind_encounter_id_index" ON "prescription" USING btree ("encounter_kind","encounter_id");--> statement-breakpoint
CREATE UNIQUE INDEX "prescription_code" ON "prescription" USING btree ("code_index") WHERE "prescription"."state" in ('approved', 'dispensed');--> statement-breakpoint
CREATE INDEX "prescription_dispense_institution_id_prepared_at_index" ON "prescription_dispense" USING btree ("institution_id","prepared_at");--> statement-breakpoint
CREATE INDEX "prescription_step_prescription_id_index" ON "prescription_step" USING btree ("prescription_id");--> statement-breakpoint
CREATE INDEX "prescription_talk_prescription_id_at_index" ON "prescription_talk" USING btree ("prescription_id","at");--> statement-breakpoint
ALTER TABLE "record_change" ADD CONSTRAINT "record_change_kind" CHECK ("record_change"."kind" in ('directory', 'patient', 'consult', 'schedule', 'appointment', 'clinic-day', 'fever-visit', 'test-result', 'referral', 'episode', 'bed-unit', 'prescription'));