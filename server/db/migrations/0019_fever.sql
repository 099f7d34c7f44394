CREATE TYPE "public"."fever_arrival" AS ENUM('booked', 'walk-in', 'transfer');--> statement-breakpoint
CREATE TYPE "public"."fever_measurement_kind" AS ENUM('temperature', 'spo2');--> statement-breakpoint
CREATE TYPE "public"."fever_policy_state" AS ENUM('draft', 'published');--> statement-breakpoint
CREATE TYPE "public"."fever_room_kind" AS ENUM('room', 'isolation', 'observation');--> statement-breakpoint
CREATE TYPE "public"."fever_route" AS ENUM('infant', 'pregnancy', 'chemotherapy', 'dialysis');--> statement-breakpoint
CREATE TYPE "public"."fever_site_kind" AS ENUM('fever-clinic', 'sentinel');--> statement-breakpoint
CREATE TYPE "public"."fever_venue" AS ENUM('emergency', 'fever-clinic', 'ordinary');--> statement-breakpoint
CREATE TYPE "public"."fever_visit_state" AS ENUM('to-triage', 'ordinary', 'fever', 'waiting', 'seen', 'sampled', 'observation', 'excluded', 'left-before-result', 'suspected', 'reported', 'awaiting-transfer', 'in-transfer', 'handed-over', 'disinfected', 'emergency');--> statement-breakpoint
CREATE TABLE "fever_answer" (
	"screening_id" uuid NOT NULL,
	"question" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "fever_answer_screening_id_question_pk" PRIMARY KEY("screening_id","question")
);
--> statement-breakpoint
CREATE TABLE "fever_block" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"screening_id" uuid NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"lifted_at" timestamp with time zone,
	"lifted_by" uuid,
	"lift_reason" text,
	CONSTRAINT "fever_block_days" CHECK ("fever_block"."until" > "fever_block"."since"),
	CONSTRAINT "fever_block_lifted" CHECK ("fever_block"."lifted_at" is null or ("fever_block"."lifted_at" >= "fever_block"."since" and "fever_block"."lifted_by" is not null and coalesce(btrim("fever_block"."lift_reason"), '') <> ''))
);
--> statement-breakpoint
CREATE TABLE "fever_measurement" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"visit_id" uuid NOT NULL,
	"kind" "fever_measurement_kind" NOT NULL,
	"value" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"altitude_metres" integer,
	"by_person_id" uuid NOT NULL,
	"critical_value_id" uuid,
	CONSTRAINT "fever_measurement_sane" CHECK (case "fever_measurement"."kind" when 'temperature' then "fever_measurement"."value" between 330 and 435 else "fever_measurement"."value" between 30 and 100 end)
);
--> statement-breakpoint
CREATE TABLE "fever_policy" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"region" text NOT NULL,
	"version" integer NOT NULL,
	"valid_from" date NOT NULL,
	"state" "fever_policy_state" DEFAULT 'draft' NOT NULL,
	"temperature_tenths" smallint NOT NULL,
	"repeat_min_minutes" smallint NOT NULL,
	"repeat_max_minutes" smallint NOT NULL,
	"lookback_days" smallint NOT NULL,
	"cluster_least" smallint NOT NULL,
	"asks_marmots" boolean NOT NULL,
	"block_hours" smallint NOT NULL,
	"result_min_hours" smallint NOT NULL,
	"result_max_hours" smallint NOT NULL,
	"content" jsonb NOT NULL,
	"source" text NOT NULL,
	"starter" boolean DEFAULT false NOT NULL,
	"authored_by" uuid,
	"published_by" uuid,
	"published_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "fever_policy_region_version_unique" UNIQUE("region","version"),
	CONSTRAINT "fever_policy_lookback" CHECK ("fever_policy"."lookback_days" in (7, 14)),
	CONSTRAINT "fever_policy_sane" CHECK ("fever_policy"."temperature_tenths" between 360 and 390 and "fever_policy"."repeat_min_minutes" between 1 and "fever_policy"."repeat_max_minutes"
        and "fever_policy"."repeat_max_minutes" <= 15 and "fever_policy"."cluster_least" >= 2 and "fever_policy"."block_hours" between 1 and 336
        and "fever_policy"."result_min_hours" between 1 and "fever_policy"."result_max_hours" and "fever_policy"."result_max_hours" <= 24),
	CONSTRAINT "fever_policy_second_clinician" CHECK ("fever_policy"."starter" or ("fever_policy"."authored_by" is not null and ("fever_policy"."state" = 'draft' or
        ("fever_policy"."published_by" is not null and "fever_policy"."published_at" is not null and "fever_policy"."published_by" <> "fever_policy"."authored_by"))))
);
--> statement-breakpoint
CREATE TABLE "fever_room" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" "fever_room_kind" NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "fever_room_institution_id_name_unique" UNIQUE("institution_id","name")
);
--> statement-breakpoint
CREATE TABLE "fever_screening" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"policy_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"code" text NOT NULL,
	"answered_at" timestamp with time zone NOT NULL,
	"asked_by" uuid,
	"relation" "contact_relation" NOT NULL,
	"age_months" integer,
	"venue" "fever_venue" NOT NULL,
	"call_120" boolean NOT NULL,
	"stay_put" boolean NOT NULL,
	"route" "fever_route",
	"reasons" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "fever_screening_code_unique" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "fever_site" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"kind" "fever_site_kind" NOT NULL,
	"region" text NOT NULL,
	"higher_institution_id" uuid,
	"entrance_zh" text NOT NULL,
	"entrance_en" text NOT NULL,
	"entrance_bo" text,
	"phone" text,
	CONSTRAINT "fever_site_higher" CHECK ("fever_site"."kind" <> 'sentinel' or "fever_site"."higher_institution_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "fever_stay" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"room_id" uuid NOT NULL,
	"visit_id" uuid NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone,
	"disinfected_at" timestamp with time zone,
	"disinfected_by" uuid,
	CONSTRAINT "fever_stay_order" CHECK (("fever_stay"."until" is null or "fever_stay"."until" >= "fever_stay"."since") and ("fever_stay"."disinfected_at" is null
        or ("fever_stay"."until" is not null and "fever_stay"."disinfected_at" >= "fever_stay"."until" and "fever_stay"."disinfected_by" is not null)))
);
--> statement-breakpoint
CREATE TABLE "fever_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"visit_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "fever_visit_state",
	"to_state" "fever_visit_state" NOT NULL,
	"by_person_id" uuid,
	"by_institution_id" uuid,
	"by_name" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fever_transfer" (
	"visit_id" uuid PRIMARY KEY NOT NULL,
	"from_institution_id" uuid NOT NULL,
	"to_institution_id" uuid,
	"to_name" text NOT NULL,
	"vehicle" text NOT NULL,
	"crew" text NOT NULL,
	"ordered_by" uuid NOT NULL,
	"ordered_at" timestamp with time zone NOT NULL,
	"departed_at" timestamp with time zone,
	"departed_by" uuid,
	"receiver_name" text,
	"received_by" uuid,
	"received_at" timestamp with time zone,
	"disinfected_by" uuid,
	"disinfected_at" timestamp with time zone,
	"disinfection" text,
	CONSTRAINT "fever_transfer_order" CHECK (("fever_transfer"."departed_at" is null or ("fever_transfer"."departed_by" is not null and "fever_transfer"."departed_at" >= "fever_transfer"."ordered_at"))
        and ("fever_transfer"."received_at" is null or ("fever_transfer"."receiver_name" is not null and "fever_transfer"."received_by" is not null and "fever_transfer"."received_at" >= "fever_transfer"."departed_at"))
        and ("fever_transfer"."disinfected_at" is null or ("fever_transfer"."disinfected_by" is not null and coalesce(btrim("fever_transfer"."disinfection"), '') <> '' and "fever_transfer"."disinfected_at" >= "fever_transfer"."received_at")))
);
--> statement-breakpoint
CREATE TABLE "fever_visit" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" "fever_visit_state" DEFAULT 'to-triage' NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"arrival" "fever_arrival" NOT NULL,
	"arrived_at" timestamp with time zone NOT NULL,
	"appointment_id" uuid,
	"screening_id" uuid,
	"from_visit_id" uuid,
	"phone_cipher" text,
	"current_address" text,
	"workplace" text,
	"onset_on" date,
	"complaint" text,
	"companions_cipher" text,
	"triaged_by" uuid,
	"triaged_at" timestamp with time zone,
	"triage_note" text,
	"seen_by" uuid,
	"seen_at" timestamp with time zone,
	"sample_code" text,
	"sample_id" uuid,
	"sampled_at" timestamp with time zone,
	"result_due_from" timestamp with time zone,
	"result_due_at" timestamp with time zone,
	"result_text" text,
	"result_at" timestamp with time zone,
	"observation_handed_to" text,
	"observation_since" timestamp with time zone,
	"diagnosis" text,
	"diagnosed_at" timestamp with time zone,
	"report_id" uuid,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "fever_visit_sample_code_unique" UNIQUE("sample_code"),
	CONSTRAINT "fever_visit_sampled" CHECK ("fever_visit"."state" <> 'sampled' or ("fever_visit"."sample_code" is not null and "fever_visit"."sampled_at" is not null and "fever_visit"."result_due_at" is not null)),
	CONSTRAINT "fever_visit_reported" CHECK ("fever_visit"."state" <> 'reported' or "fever_visit"."report_id" is not null),
	CONSTRAINT "fever_visit_triaged" CHECK ("fever_visit"."state" in ('to-triage', 'emergency', 'left-before-result') or ("fever_visit"."triaged_by" is not null and "fever_visit"."triaged_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "fever_answer" ADD CONSTRAINT "fever_answer_screening_id_fever_screening_id_fk" FOREIGN KEY ("screening_id") REFERENCES "public"."fever_screening"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_block" ADD CONSTRAINT "fever_block_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_block" ADD CONSTRAINT "fever_block_screening_id_fever_screening_id_fk" FOREIGN KEY ("screening_id") REFERENCES "public"."fever_screening"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_block" ADD CONSTRAINT "fever_block_lifted_by_person_id_fk" FOREIGN KEY ("lifted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_measurement" ADD CONSTRAINT "fever_measurement_visit_id_fever_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."fever_visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_measurement" ADD CONSTRAINT "fever_measurement_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_measurement" ADD CONSTRAINT "fever_measurement_critical_value_id_critical_value_id_fk" FOREIGN KEY ("critical_value_id") REFERENCES "public"."critical_value"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_policy" ADD CONSTRAINT "fever_policy_authored_by_person_id_fk" FOREIGN KEY ("authored_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_policy" ADD CONSTRAINT "fever_policy_published_by_person_id_fk" FOREIGN KEY ("published_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_room" ADD CONSTRAINT "fever_room_institution_id_fever_site_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."fever_site"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_screening" ADD CONSTRAINT "fever_screening_policy_id_fever_policy_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."fever_policy"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_screening" ADD CONSTRAINT "fever_screening_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_screening" ADD CONSTRAINT "fever_screening_asked_by_person_id_fk" FOREIGN KEY ("asked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_site" ADD CONSTRAINT "fever_site_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_site" ADD CONSTRAINT "fever_site_higher_institution_id_institution_id_fk" FOREIGN KEY ("higher_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_stay" ADD CONSTRAINT "fever_stay_room_id_fever_room_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."fever_room"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_stay" ADD CONSTRAINT "fever_stay_visit_id_fever_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."fever_visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_stay" ADD CONSTRAINT "fever_stay_disinfected_by_person_id_fk" FOREIGN KEY ("disinfected_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_step" ADD CONSTRAINT "fever_step_visit_id_fever_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."fever_visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_step" ADD CONSTRAINT "fever_step_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_step" ADD CONSTRAINT "fever_step_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_visit_id_fever_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."fever_visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_from_institution_id_institution_id_fk" FOREIGN KEY ("from_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_to_institution_id_institution_id_fk" FOREIGN KEY ("to_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_ordered_by_person_id_fk" FOREIGN KEY ("ordered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_departed_by_person_id_fk" FOREIGN KEY ("departed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_received_by_person_id_fk" FOREIGN KEY ("received_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_transfer" ADD CONSTRAINT "fever_transfer_disinfected_by_person_id_fk" FOREIGN KEY ("disinfected_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_institution_id_fever_site_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."fever_site"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_appointment_id_appointment_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_screening_id_fever_screening_id_fk" FOREIGN KEY ("screening_id") REFERENCES "public"."fever_screening"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_triaged_by_person_id_fk" FOREIGN KEY ("triaged_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_seen_by_person_id_fk" FOREIGN KEY ("seen_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_visit" ADD CONSTRAINT "fever_visit_report_id_infectious_report_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."infectious_report"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "fever_block_patient_id_index" ON "fever_block" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "fever_measurement_visit_id_index" ON "fever_measurement" USING btree ("visit_id");--> statement-breakpoint
CREATE INDEX "fever_screening_patient_id_answered_at_index" ON "fever_screening" USING btree ("patient_id","answered_at");--> statement-breakpoint
CREATE UNIQUE INDEX "fever_room_one_patient" ON "fever_stay" USING btree ("room_id") WHERE "fever_stay"."disinfected_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "fever_stay_one_room" ON "fever_stay" USING btree ("visit_id") WHERE "fever_stay"."until" is null;--> statement-breakpoint
CREATE INDEX "fever_step_visit_id_index" ON "fever_step" USING btree ("visit_id");--> statement-breakpoint
CREATE INDEX "fever_transfer_to_institution_id_index" ON "fever_transfer" USING btree ("to_institution_id");--> statement-breakpoint
CREATE UNIQUE INDEX "fever_visit_once" ON "fever_visit" USING btree ("institution_id","patient_id") WHERE "fever_visit"."state" in ('to-triage', 'fever', 'waiting', 'seen', 'sampled', 'observation', 'suspected', 'reported', 'awaiting-transfer');--> statement-breakpoint
CREATE UNIQUE INDEX "fever_visit_appointment" ON "fever_visit" USING btree ("appointment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "fever_visit_brought" ON "fever_visit" USING btree ("from_visit_id");--> statement-breakpoint
CREATE INDEX "fever_visit_institution_id_state_index" ON "fever_visit" USING btree ("institution_id","state");--> statement-breakpoint
CREATE INDEX "fever_visit_patient_id_index" ON "fever_visit" USING btree ("patient_id");