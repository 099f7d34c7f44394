CREATE TYPE "public"."helper_consent_method" AS ENUM('spoken', 'written', 'fingerprint');--> statement-breakpoint
CREATE TYPE "public"."helper_kind" AS ENUM('volunteer', 'neighbour', 'committee');--> statement-breakpoint
CREATE TYPE "public"."hotline_confirm_way" AS ENUM('sms', 'read-out', 'post');--> statement-breakpoint
CREATE TYPE "public"."hotline_outcome" AS ENUM('booked', 'cancelled', 'moved', 'place-told', 'preference-set', 'emergency', 'handed-over', 'not-reached', 'nothing');--> statement-breakpoint
CREATE TYPE "public"."hotline_state" AS ENUM('open', 'dropped', 'transferred', 'ended');--> statement-breakpoint
CREATE TYPE "public"."hotline_transfer_target" AS ENUM('120', 'nurse');--> statement-breakpoint
CREATE TYPE "public"."call_kind" AS ENUM('clinic-stopped', 'doctor-late', 'waitlist-offer', 'near', 'called', 'passed');--> statement-breakpoint
CREATE TYPE "public"."call_outcome" AS ENUM('reached', 'not-reached', 'left-with-helper');--> statement-breakpoint
CREATE TYPE "public"."call_state" AS ENUM('open', 'reached', 'left-with-helper', 'lapsed');--> statement-breakpoint
CREATE TYPE "public"."notice_mode" AS ENUM('sms', 'call-me', 'call-helper');--> statement-breakpoint
CREATE TYPE "public"."sms_outcome" AS ENUM('received', 'confirmed', 'cancel-asked', 'cancelled', 'kept', 'place', 'refused', 'unknown', 'silent');--> statement-breakpoint
CREATE TABLE "helper_consent" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"helper_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"method" "helper_consent_method" NOT NULL,
	"words" text NOT NULL,
	"witness_name" text NOT NULL,
	"recorded_by" uuid NOT NULL,
	"given_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "registered_helper" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"kind" "helper_kind" NOT NULL,
	"area" text DEFAULT '' NOT NULL,
	"registered_by" uuid NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hotline_call" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"state" "hotline_state" DEFAULT 'open' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"outcome" "hotline_outcome",
	"opened_by" uuid NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"holder_id" uuid NOT NULL,
	"holder_tab" text NOT NULL,
	"held_since" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"caller_name" text,
	"caller_phone_cipher" text,
	"caller_phone_index" "bytea",
	"caller_relation" "contact_relation" DEFAULT 'self' NOT NULL,
	"patient_id" uuid,
	"consent_words" text,
	"consent_by" "contact_relation",
	"consent_at" timestamp with time zone,
	"consent_heard_by" uuid,
	"questions_from" date,
	"answers" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"flagged" boolean DEFAULT false NOT NULL,
	"screened_at" timestamp with time zone,
	"transfer_to" "hotline_transfer_target",
	"transfer_at" timestamp with time zone,
	"taken_over_by" uuid,
	"taken_over_at" timestamp with time zone,
	"draft" jsonb NOT NULL,
	"appointment_id" uuid,
	"confirm_way" "hotline_confirm_way",
	"dropped_by_silence" boolean DEFAULT false NOT NULL,
	"dropped_at" timestamp with time zone,
	"call_back_tries" smallint DEFAULT 0 NOT NULL,
	"operator_ms" integer DEFAULT 0 NOT NULL,
	"operator_actions" integer DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "hotline_call_ended" CHECK (("hotline_call"."state" = 'ended') = ("hotline_call"."ended_at" is not null) and ("hotline_call"."state" = 'ended') = ("hotline_call"."outcome" is not null)),
	CONSTRAINT "hotline_call_consent" CHECK (("hotline_call"."consent_at" is null) = ("hotline_call"."consent_words" is null) and ("hotline_call"."consent_at" is null) = ("hotline_call"."consent_heard_by" is null)
        and ("hotline_call"."consent_at" is null) = ("hotline_call"."consent_by" is null)),
	CONSTRAINT "hotline_call_transfer" CHECK ("hotline_call"."state" <> 'transferred' or ("hotline_call"."transfer_to" is not null and "hotline_call"."transfer_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "hotline_letter" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"appointment_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"address_cipher" text NOT NULL,
	"wanted_by" uuid NOT NULL,
	"wanted_at" timestamp with time zone NOT NULL,
	"printed_at" timestamp with time zone,
	"printed_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "hotline_letter_appointment_id_unique" UNIQUE("appointment_id")
);
--> statement-breakpoint
CREATE TABLE "hotline_question" (
	"valid_from" date NOT NULL,
	"position" smallint NOT NULL,
	"zh" text NOT NULL,
	"en" text NOT NULL,
	"bo" text NOT NULL,
	"yes_route" "hotline_transfer_target" NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "hotline_question_valid_from_position_pk" PRIMARY KEY("valid_from","position")
);
--> statement-breakpoint
CREATE TABLE "call_attempt" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"task_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by_person_id" uuid NOT NULL,
	"outcome" "call_outcome" NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "call_task" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"appointment_id" uuid NOT NULL,
	"kind" "call_kind" NOT NULL,
	"state" "call_state" DEFAULT 'open' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"words_cipher" text NOT NULL,
	"contact_name" text,
	"contact_relation" "contact_relation",
	"contact_phone_cipher" text,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"dedupe_key" text NOT NULL,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "call_task_dedupe_key_unique" UNIQUE("dedupe_key"),
	CONSTRAINT "call_task_ended" CHECK (("call_task"."state" = 'open') = ("call_task"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "notice_preference" (
	"patient_id" uuid PRIMARY KEY NOT NULL,
	"mode" "notice_mode" NOT NULL,
	"contact_name" text,
	"contact_relation" "contact_relation",
	"contact_phone_cipher" text,
	"set_by_person_id" uuid,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "notice_preference_whom" CHECK ("notice_preference"."mode" <> 'call-helper' or ("notice_preference"."contact_name" is not null and "notice_preference"."contact_phone_cipher" is not null))
);
--> statement-breakpoint
CREATE TABLE "sms_inbound" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"gateway_id" text NOT NULL,
	"phone_index" "bytea" NOT NULL,
	"phone_cipher" text NOT NULL,
	"text_cipher" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"outcome" "sms_outcome" DEFAULT 'received' NOT NULL,
	"appointment_id" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "sms_inbound_gateway_id_unique" UNIQUE("gateway_id")
);
--> statement-breakpoint
ALTER TABLE "helper_consent" ADD CONSTRAINT "helper_consent_helper_id_registered_helper_id_fk" FOREIGN KEY ("helper_id") REFERENCES "public"."registered_helper"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "helper_consent" ADD CONSTRAINT "helper_consent_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "helper_consent" ADD CONSTRAINT "helper_consent_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "helper_consent" ADD CONSTRAINT "helper_consent_revoked_by_person_id_fk" FOREIGN KEY ("revoked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registered_helper" ADD CONSTRAINT "registered_helper_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registered_helper" ADD CONSTRAINT "registered_helper_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registered_helper" ADD CONSTRAINT "registered_helper_registered_by_person_id_fk" FOREIGN KEY ("registered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_opened_by_person_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_holder_id_person_id_fk" FOREIGN KEY ("holder_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_consent_heard_by_person_id_fk" FOREIGN KEY ("consent_heard_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_taken_over_by_person_id_fk" FOREIGN KEY ("taken_over_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_appointment_id_appointment_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_letter" ADD CONSTRAINT "hotline_letter_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_letter" ADD CONSTRAINT "hotline_letter_appointment_id_appointment_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_letter" ADD CONSTRAINT "hotline_letter_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_letter" ADD CONSTRAINT "hotline_letter_wanted_by_person_id_fk" FOREIGN KEY ("wanted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_letter" ADD CONSTRAINT "hotline_letter_printed_by_person_id_fk" FOREIGN KEY ("printed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_attempt" ADD CONSTRAINT "call_attempt_task_id_call_task_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."call_task"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_attempt" ADD CONSTRAINT "call_attempt_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_task" ADD CONSTRAINT "call_task_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_task" ADD CONSTRAINT "call_task_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_preference" ADD CONSTRAINT "notice_preference_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_preference" ADD CONSTRAINT "notice_preference_set_by_person_id_person_id_fk" FOREIGN KEY ("set_by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "helper_consent_once" ON "helper_consent" USING btree ("helper_id","patient_id") WHERE "helper_consent"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "helper_consent_patient_id_index" ON "helper_consent" USING btree ("patient_id");--> statement-breakpoint
CREATE UNIQUE INDEX "registered_helper_once" ON "registered_helper" USING btree ("institution_id","person_id") WHERE "registered_helper"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "registered_helper_person_id_index" ON "registered_helper" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "hotline_call_open" ON "hotline_call" USING btree ("institution_id","updated_at") WHERE "hotline_call"."state" <> 'ended';--> statement-breakpoint
CREATE INDEX "hotline_call_holder" ON "hotline_call" USING btree ("holder_id") WHERE "hotline_call"."state" = 'open';--> statement-breakpoint
CREATE INDEX "hotline_call_patient_id_index" ON "hotline_call" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "hotline_letter_open" ON "hotline_letter" USING btree ("institution_id") WHERE "hotline_letter"."printed_at" is null;--> statement-breakpoint
CREATE INDEX "call_attempt_task_id_index" ON "call_attempt" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "call_task_open" ON "call_task" USING btree ("institution_id","due_at") WHERE "call_task"."state" = 'open';--> statement-breakpoint
CREATE INDEX "call_task_appointment_id_index" ON "call_task" USING btree ("appointment_id");--> statement-breakpoint
CREATE INDEX "sms_inbound_phone_index_received_at_index" ON "sms_inbound" USING btree ("phone_index","received_at");