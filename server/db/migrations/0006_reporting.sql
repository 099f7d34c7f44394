CREATE TYPE "public"."critical_value_state" AS ENUM('open', 'received', 'acted', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."diagnosis_kind" AS ENUM('suspected', 'clinical', 'confirmed', 'carrier');--> statement-breakpoint
CREATE TYPE "public"."disease_class" AS ENUM('A', 'B', 'C');--> statement-breakpoint
CREATE TYPE "public"."infectious_report_state" AS ENUM('reported', 'returned', 'corrected', 'received', 'filed', 'withdrawn');--> statement-breakpoint
ALTER TYPE "public"."institution_kind" ADD VALUE 'disease-control';--> statement-breakpoint
CREATE TABLE "critical_value" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" "critical_value_state" DEFAULT 'open' NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"consult_id" uuid,
	"item_code" text,
	"item_text" text NOT NULL,
	"value_text" text NOT NULL,
	"unit" text,
	"measured_at" timestamp with time zone NOT NULL,
	"place_text" text,
	"altitude_metres" integer,
	"note" text,
	"found_by" uuid NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	"receiver_id" uuid,
	"receiver_institution_id" uuid NOT NULL,
	"receiver_name" text NOT NULL,
	"receiver_phone_cipher" text,
	"read_back_words" text,
	"read_back_name" text,
	"read_back_recorded_by" uuid,
	"read_back_at" timestamp with time zone,
	"read_back_due_at" timestamp with time zone NOT NULL,
	"act_due_at" timestamp with time zone,
	"action_taken" text,
	"acted_by" uuid,
	"acted_at" timestamp with time zone,
	"cancelled_by" uuid,
	"cancelled_at" timestamp with time zone,
	"cancel_reason" text,
	"escalation_level" integer DEFAULT 0 NOT NULL,
	"escalated_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "critical_value_receiver" CHECK ("critical_value"."receiver_id" is not null or "critical_value"."receiver_phone_cipher" is not null),
	CONSTRAINT "critical_value_other" CHECK ("critical_value"."receiver_id" <> "critical_value"."found_by"),
	CONSTRAINT "critical_value_read_back" CHECK ("critical_value"."state" not in ('received', 'acted') or (coalesce(btrim("critical_value"."read_back_words"), '') <> '' and coalesce(btrim("critical_value"."read_back_name"), '') <> '' and "critical_value"."read_back_recorded_by" is not null and "critical_value"."read_back_at" is not null and "critical_value"."act_due_at" is not null)),
	CONSTRAINT "critical_value_action" CHECK ("critical_value"."state" <> 'acted' or (coalesce(btrim("critical_value"."action_taken"), '') <> '' and "critical_value"."acted_by" is not null and "critical_value"."acted_at" is not null)),
	CONSTRAINT "critical_value_reason" CHECK ("critical_value"."state" <> 'cancelled' or (coalesce(btrim("critical_value"."cancel_reason"), '') <> '' and "critical_value"."cancelled_by" is not null and "critical_value"."cancelled_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "critical_value_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"critical_value_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "critical_value_state",
	"to_state" "critical_value_state" NOT NULL,
	"by_person_id" uuid,
	"by_institution_id" uuid,
	"by_name" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "infectious_report" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" "infectious_report_state" DEFAULT 'reported' NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"consult_id" uuid,
	"disease_code" text NOT NULL,
	"disease_name" text NOT NULL,
	"disease_class" "disease_class" NOT NULL,
	"managed_as_a" boolean NOT NULL,
	"diagnosis_kind" "diagnosis_kind" NOT NULL,
	"diagnosed_at" timestamp with time zone NOT NULL,
	"onset_on" date,
	"current_address" text,
	"workplace" text,
	"note" text,
	"reported_by" uuid NOT NULL,
	"reported_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"urgent" boolean NOT NULL,
	"corrected_by" uuid,
	"corrected_at" timestamp with time zone,
	"received_by" uuid,
	"received_at" timestamp with time zone,
	"cdc_institution_id" uuid,
	"filed_by" uuid,
	"filed_at" timestamp with time zone,
	"filed_number" text,
	"returned_by" uuid,
	"returned_at" timestamp with time zone,
	"return_reason" text,
	"withdrawn_by" uuid,
	"withdrawn_at" timestamp with time zone,
	"withdraw_reason" text,
	"escalation_level" integer DEFAULT 0 NOT NULL,
	"escalated_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "infectious_report_received" CHECK ("infectious_report"."state" not in ('received', 'filed') or ("infectious_report"."received_by" is not null and "infectious_report"."received_at" is not null and "infectious_report"."cdc_institution_id" is not null)),
	CONSTRAINT "infectious_report_filed" CHECK ("infectious_report"."state" <> 'filed' or ("infectious_report"."filed_by" is not null and "infectious_report"."filed_at" is not null)),
	CONSTRAINT "infectious_report_reason" CHECK (case "infectious_report"."state" when 'returned' then coalesce(btrim("infectious_report"."return_reason"), '') <> '' and "infectious_report"."returned_by" is not null and "infectious_report"."returned_at" is not null when 'withdrawn' then coalesce(btrim("infectious_report"."withdraw_reason"), '') <> '' and "infectious_report"."withdrawn_by" is not null and "infectious_report"."withdrawn_at" is not null else true end)
);
--> statement-breakpoint
CREATE TABLE "infectious_report_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"report_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "infectious_report_state",
	"to_state" "infectious_report_state" NOT NULL,
	"by_person_id" uuid,
	"by_institution_id" uuid,
	"by_name" text NOT NULL,
	"reason" text,
	"content" jsonb,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifiable_disease" (
	"code" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text NOT NULL,
	"icd10" text NOT NULL,
	"disease_class" "disease_class" NOT NULL,
	"managed_as_a" boolean DEFAULT false NOT NULL,
	"report_minutes" integer,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL,
	CONSTRAINT "notifiable_disease_code_valid_from_pk" PRIMARY KEY("code","valid_from"),
	CONSTRAINT "notifiable_disease_days" CHECK ("notifiable_disease"."valid_until" > "notifiable_disease"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "reporting_setting" (
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"cdc_institution_id" uuid,
	"duty_phone" text,
	"read_back_minutes" integer,
	"act_minutes" integer,
	"repeat_minutes" integer,
	"source" text,
	CONSTRAINT "reporting_setting_institution_id_valid_from_pk" PRIMARY KEY("institution_id","valid_from"),
	CONSTRAINT "reporting_setting_minutes" CHECK (coalesce("reporting_setting"."read_back_minutes", 1) > 0 and coalesce("reporting_setting"."act_minutes", 1) > 0 and coalesce("reporting_setting"."repeat_minutes", 1) > 0)
);
--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_found_by_person_id_fk" FOREIGN KEY ("found_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_receiver_id_person_id_fk" FOREIGN KEY ("receiver_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_receiver_institution_id_institution_id_fk" FOREIGN KEY ("receiver_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_read_back_recorded_by_person_id_fk" FOREIGN KEY ("read_back_recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_acted_by_person_id_fk" FOREIGN KEY ("acted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value" ADD CONSTRAINT "critical_value_cancelled_by_person_id_fk" FOREIGN KEY ("cancelled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value_step" ADD CONSTRAINT "critical_value_step_critical_value_id_critical_value_id_fk" FOREIGN KEY ("critical_value_id") REFERENCES "public"."critical_value"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value_step" ADD CONSTRAINT "critical_value_step_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "critical_value_step" ADD CONSTRAINT "critical_value_step_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_reported_by_person_id_fk" FOREIGN KEY ("reported_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_corrected_by_person_id_fk" FOREIGN KEY ("corrected_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_received_by_person_id_fk" FOREIGN KEY ("received_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_cdc_institution_id_institution_id_fk" FOREIGN KEY ("cdc_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_filed_by_person_id_fk" FOREIGN KEY ("filed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_returned_by_person_id_fk" FOREIGN KEY ("returned_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report" ADD CONSTRAINT "infectious_report_withdrawn_by_person_id_fk" FOREIGN KEY ("withdrawn_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report_step" ADD CONSTRAINT "infectious_report_step_report_id_infectious_report_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."infectious_report"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report_step" ADD CONSTRAINT "infectious_report_step_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "infectious_report_step" ADD CONSTRAINT "infectious_report_step_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reporting_setting" ADD CONSTRAINT "reporting_setting_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reporting_setting" ADD CONSTRAINT "reporting_setting_cdc_institution_id_institution_id_fk" FOREIGN KEY ("cdc_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "critical_value_institution_id_state_index" ON "critical_value" USING btree ("institution_id","state");--> statement-breakpoint
CREATE INDEX "critical_value_receiver_institution_id_state_index" ON "critical_value" USING btree ("receiver_institution_id","state");--> statement-breakpoint
CREATE INDEX "critical_value_patient_id_index" ON "critical_value" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "critical_value_consult_id_index" ON "critical_value" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "critical_value_step_critical_value_id_index" ON "critical_value_step" USING btree ("critical_value_id");--> statement-breakpoint
CREATE UNIQUE INDEX "infectious_report_on_its_way" ON "infectious_report" USING btree ("patient_id","institution_id","disease_code") WHERE "infectious_report"."state" in ('reported', 'returned', 'corrected', 'received');--> statement-breakpoint
CREATE INDEX "infectious_report_institution_id_state_index" ON "infectious_report" USING btree ("institution_id","state");--> statement-breakpoint
CREATE INDEX "infectious_report_cdc_institution_id_state_index" ON "infectious_report" USING btree ("cdc_institution_id","state");--> statement-breakpoint
CREATE INDEX "infectious_report_patient_id_index" ON "infectious_report" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "infectious_report_consult_id_index" ON "infectious_report" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "infectious_report_step_report_id_index" ON "infectious_report_step" USING btree ("report_id");