CREATE TYPE "public"."episode_state" AS ENUM('active', 'finished');--> statement-breakpoint
CREATE TYPE "public"."follow_up_kind" AS ENUM('visit', 'phone', 'home', 'test');--> statement-breakpoint
CREATE TYPE "public"."follow_up_state" AS ENUM('planned', 'done', 'missed', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."referral_direction" AS ENUM('up', 'down');--> statement-breakpoint
CREATE TYPE "public"."referral_state" AS ENUM('draft', 'patient-consented', 'submitted', 'more-info-asked', 'accepted', 'returned', 'redirected', 'converted', 'advised', 'booked', 'on-the-way', 'no-show', 'cancel-asked', 'arrived', 'admitted', 'ready-for-down', 'sent-down', 'continued-in-community', 'closed', 'expired', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."referral_urgency" AS ENUM('emergency', 'urgent', 'routine');--> statement-breakpoint
CREATE TABLE "alarm" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"entity_id" uuid NOT NULL,
	"key" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"fired_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "alarm_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "episode" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"patient_id" uuid NOT NULL,
	"state" "episode_state" DEFAULT 'active' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"complaint" text NOT NULL,
	"opened_by_institution_id" uuid NOT NULL,
	"opened_by" uuid,
	"opened_at" timestamp with time zone NOT NULL,
	"care_institution_id" uuid NOT NULL,
	"closed_at" timestamp with time zone,
	"close_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "episode_number_unique" UNIQUE("number"),
	CONSTRAINT "episode_closed" CHECK (("episode"."state" = 'active') = ("episode"."closed_at" is null))
);
--> statement-breakpoint
CREATE TABLE "follow_up" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"episode_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"kind" "follow_up_kind" NOT NULL,
	"purpose" text NOT NULL,
	"due_on" date NOT NULL,
	"owner_id" uuid,
	"state" "follow_up_state" DEFAULT 'planned' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"vitals" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"findings" text,
	"triggered" text[] DEFAULT '{}'::text[] NOT NULL,
	"done_by" uuid,
	"done_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "follow_up_once" UNIQUE("referral_id","due_on","kind"),
	CONSTRAINT "follow_up_done" CHECK (("follow_up"."state" = 'done') = ("follow_up"."done_at" is not null) and ("follow_up"."state" <> 'done' or "follow_up"."done_by" is not null))
);
--> statement-breakpoint
CREATE TABLE "pathway" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"alliance_id" uuid,
	"direction" "referral_direction" NOT NULL,
	"code" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text,
	"specialty_codes" text[] NOT NULL,
	"review_days" smallint,
	"valid_from" date NOT NULL,
	"valid_until" date,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL,
	CONSTRAINT "pathway_code_unique" UNIQUE("code"),
	CONSTRAINT "pathway_days" CHECK ("pathway"."valid_until" > "pathway"."valid_from")
);
--> statement-breakpoint
CREATE TABLE "pathway_criterion" (
	"pathway_id" uuid NOT NULL,
	"code" text NOT NULL,
	"position" smallint NOT NULL,
	"text_zh" text NOT NULL,
	"text_en" text NOT NULL,
	"text_bo" text,
	"evidence" jsonb,
	CONSTRAINT "pathway_criterion_pathway_id_code_pk" PRIMARY KEY("pathway_id","code")
);
--> statement-breakpoint
CREATE TABLE "referral" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"episode_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"direction" "referral_direction" NOT NULL,
	"urgency" "referral_urgency" DEFAULT 'routine' NOT NULL,
	"state" "referral_state" DEFAULT 'draft' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"from_institution_id" uuid NOT NULL,
	"requester_id" uuid NOT NULL,
	"requester_phone" text,
	"to_institution_id" uuid,
	"to_department_id" uuid,
	"to_doctor_id" uuid,
	"pathway_id" uuid,
	"previous_id" uuid,
	"triage_assessment_id" uuid,
	"consult_id" uuid,
	"reason" text,
	"impression" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"present_history" text,
	"past_history" text,
	"examination" text,
	"vitals" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"results" text,
	"treatment_so_far" text,
	"medicines" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"allergies" text,
	"criteria" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"admission_number" text,
	"plan" text,
	"rehabilitation_advice" text,
	"review_on" date,
	"return_triggers" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"pending_results" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"formulary_checked_at" timestamp with time zone,
	"bed_hold_id" uuid,
	"appointment_id" uuid,
	"held_until" timestamp with time zone,
	"patient_asked_at" timestamp with time zone,
	"submitted_at" timestamp with time zone,
	"respond_by" timestamp with time zone,
	"escalation_level" smallint DEFAULT 0 NOT NULL,
	"accepted_at" timestamp with time zone,
	"accepted_by" uuid,
	"answer" text,
	"set_off_at" timestamp with time zone,
	"arrived_at" timestamp with time zone,
	"admitted_at" timestamp with time zone,
	"discharged_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"outcome_read_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "referral_number_unique" UNIQUE("number"),
	CONSTRAINT "referral_has_target" CHECK ("referral"."state" in ('draft', 'patient-consented', 'cancelled') or "referral"."to_institution_id" is not null),
	CONSTRAINT "referral_to_another" CHECK ("referral"."to_institution_id" is distinct from "referral"."from_institution_id")
);
--> statement-breakpoint
CREATE TABLE "referral_consent" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"episode_id" uuid NOT NULL,
	"recipient_institution_id" uuid NOT NULL,
	"given" boolean NOT NULL,
	"method" "consent_method",
	"language" text NOT NULL,
	"text_version" text NOT NULL,
	"signer_name" text NOT NULL,
	"signer_relation" text NOT NULL,
	"signature" jsonb,
	"witness_name" text,
	"reason" text,
	"recorded_by" uuid,
	"recorded_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone,
	CONSTRAINT "referral_consent_evidence" CHECK (not "referral_consent"."given" or case "referral_consent"."method" when 'signature' then "referral_consent"."signature" is not null when 'fingerprint' then "referral_consent"."witness_name" is not null and "referral_consent"."reason" is not null when 'emergency' then "referral_consent"."reason" is not null else "referral_consent"."recorded_by" is null end)
);
--> statement-breakpoint
CREATE TABLE "referral_message" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"referral_id" uuid NOT NULL,
	"by_person_id" uuid NOT NULL,
	"by_institution_id" uuid NOT NULL,
	"text" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "referral_policy" (
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"emergency_minutes" integer,
	"urgent_minutes" integer,
	"routine_minutes" integer,
	"head_minutes" integer,
	"administrator_minutes" integer,
	"hold_hours" integer,
	"duty_phone" text,
	"source" text,
	CONSTRAINT "referral_policy_institution_id_valid_from_pk" PRIMARY KEY("institution_id","valid_from"),
	CONSTRAINT "referral_policy_sane" CHECK (coalesce("referral_policy"."emergency_minutes", 1) between 1 and 120 and coalesce("referral_policy"."urgent_minutes", 1) between 1 and 1440
        and coalesce("referral_policy"."routine_minutes", 1) between 1 and 4800 and coalesce("referral_policy"."head_minutes", 1) between 1 and 1440
        and coalesce("referral_policy"."administrator_minutes", 1) between 1 and 2880 and coalesce("referral_policy"."hold_hours", 1) between 1 and 96)
);
--> statement-breakpoint
CREATE TABLE "referral_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"referral_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "referral_state",
	"to_state" "referral_state" NOT NULL,
	"by_person_id" uuid,
	"by_institution_id" uuid,
	"by_name" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "episode" ADD CONSTRAINT "episode_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "episode" ADD CONSTRAINT "episode_opened_by_institution_id_institution_id_fk" FOREIGN KEY ("opened_by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "episode" ADD CONSTRAINT "episode_opened_by_person_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "episode" ADD CONSTRAINT "episode_care_institution_id_institution_id_fk" FOREIGN KEY ("care_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_up" ADD CONSTRAINT "follow_up_episode_id_episode_id_fk" FOREIGN KEY ("episode_id") REFERENCES "public"."episode"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_up" ADD CONSTRAINT "follow_up_referral_id_referral_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referral"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_up" ADD CONSTRAINT "follow_up_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_up" ADD CONSTRAINT "follow_up_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_up" ADD CONSTRAINT "follow_up_owner_id_person_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_up" ADD CONSTRAINT "follow_up_done_by_person_id_fk" FOREIGN KEY ("done_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pathway" ADD CONSTRAINT "pathway_alliance_id_alliance_id_fk" FOREIGN KEY ("alliance_id") REFERENCES "public"."alliance"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pathway_criterion" ADD CONSTRAINT "pathway_criterion_pathway_id_pathway_id_fk" FOREIGN KEY ("pathway_id") REFERENCES "public"."pathway"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_episode_id_episode_id_fk" FOREIGN KEY ("episode_id") REFERENCES "public"."episode"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_from_institution_id_institution_id_fk" FOREIGN KEY ("from_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_requester_id_person_id_fk" FOREIGN KEY ("requester_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_to_institution_id_institution_id_fk" FOREIGN KEY ("to_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_to_department_id_department_id_fk" FOREIGN KEY ("to_department_id") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_to_doctor_id_person_id_fk" FOREIGN KEY ("to_doctor_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_pathway_id_pathway_id_fk" FOREIGN KEY ("pathway_id") REFERENCES "public"."pathway"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_previous_id_referral_id_fk" FOREIGN KEY ("previous_id") REFERENCES "public"."referral"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_appointment_id_appointment_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral" ADD CONSTRAINT "referral_accepted_by_person_id_fk" FOREIGN KEY ("accepted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_consent" ADD CONSTRAINT "referral_consent_episode_id_episode_id_fk" FOREIGN KEY ("episode_id") REFERENCES "public"."episode"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_consent" ADD CONSTRAINT "referral_consent_recipient_institution_id_institution_id_fk" FOREIGN KEY ("recipient_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_consent" ADD CONSTRAINT "referral_consent_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_message" ADD CONSTRAINT "referral_message_referral_id_referral_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referral"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_message" ADD CONSTRAINT "referral_message_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_message" ADD CONSTRAINT "referral_message_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_policy" ADD CONSTRAINT "referral_policy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_step" ADD CONSTRAINT "referral_step_referral_id_referral_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referral"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_step" ADD CONSTRAINT "referral_step_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_step" ADD CONSTRAINT "referral_step_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alarm_due" ON "alarm" USING btree ("due_at") WHERE "alarm"."fired_at" is null;--> statement-breakpoint
CREATE INDEX "alarm_entity_id_index" ON "alarm" USING btree ("entity_id");--> statement-breakpoint
CREATE INDEX "episode_patient_id_index" ON "episode" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "episode_opened_by_institution_id_index" ON "episode" USING btree ("opened_by_institution_id");--> statement-breakpoint
CREATE INDEX "episode_care_institution_id_index" ON "episode" USING btree ("care_institution_id");--> statement-breakpoint
CREATE INDEX "follow_up_due" ON "follow_up" USING btree ("institution_id","due_on") WHERE "follow_up"."state" = 'planned';--> statement-breakpoint
CREATE INDEX "follow_up_episode_id_index" ON "follow_up" USING btree ("episode_id");--> statement-breakpoint
CREATE INDEX "follow_up_patient_id_index" ON "follow_up" USING btree ("patient_id");--> statement-breakpoint
CREATE UNIQUE INDEX "referral_once" ON "referral" USING btree ("patient_id","direction","to_institution_id","to_department_id") WHERE "referral"."state" not in ('draft', 'patient-consented', 'returned', 'redirected', 'converted', 'advised', 'sent-down', 'continued-in-community', 'closed', 'expired', 'cancelled');--> statement-breakpoint
CREATE INDEX "referral_desk" ON "referral" USING btree ("to_institution_id","state","respond_by") WHERE "referral"."submitted_at" is not null;--> statement-breakpoint
CREATE INDEX "referral_sender" ON "referral" USING btree ("from_institution_id","state");--> statement-breakpoint
CREATE INDEX "referral_episode_id_index" ON "referral" USING btree ("episode_id");--> statement-breakpoint
CREATE INDEX "referral_patient_id_index" ON "referral" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "referral_previous_id_index" ON "referral" USING btree ("previous_id");--> statement-breakpoint
CREATE INDEX "referral_consent_episode_id_index" ON "referral_consent" USING btree ("episode_id");--> statement-breakpoint
CREATE INDEX "referral_message_referral_id_index" ON "referral_message" USING btree ("referral_id");--> statement-breakpoint
CREATE INDEX "referral_step_referral_id_index" ON "referral_step" USING btree ("referral_id");