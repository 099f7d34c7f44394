CREATE TYPE "public"."attachment_purpose" AS ENUM('request', 'still', 'answer');--> statement-breakpoint
CREATE TYPE "public"."attachment_state" AS ENUM('uploading', 'complete', 'refused');--> statement-breakpoint
CREATE TYPE "public"."consent_kind" AS ENUM('consult', 'record-sharing', 'observers', 'recording', 'relative');--> statement-breakpoint
CREATE TYPE "public"."consent_method" AS ENUM('signature', 'fingerprint', 'emergency');--> statement-breakpoint
CREATE TYPE "public"."consult_state" AS ENUM('draft', 'submitted', 'more-info-asked', 'accepted', 'declined', 'advice-only', 'scheduled', 'in-session', 'interrupted', 'specialist-absent', 'opinion-pending', 'signed', 'acknowledged', 'archived', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."consult_urgency" AS ENUM('emergency', 'urgent', 'routine');--> statement-breakpoint
CREATE TYPE "public"."participant_role" AS ENUM('attending', 'specialist', 'interpreter', 'observer');--> statement-breakpoint
CREATE TYPE "public"."alliance_kind" AS ENUM('city-medical-group', 'county-community', 'specialty', 'telemedicine-network');--> statement-breakpoint
CREATE TYPE "public"."institution_kind" AS ENUM('hospital', 'community-centre', 'county-centre', 'township-clinic', 'rehabilitation-hospital', 'specialty-institute');--> statement-breakpoint
CREATE TYPE "public"."institution_level" AS ENUM('tertiary', 'secondary', 'primary');--> statement-breakpoint
CREATE TYPE "public"."session_kind" AS ENUM('staff', 'patient', 'guest');--> statement-breakpoint
CREATE TYPE "public"."contact_relation" AS ENUM('self', 'guardian', 'mother', 'father', 'spouse', 'child', 'relative', 'neighbour', 'helper');--> statement-breakpoint
CREATE TYPE "public"."patient_sex" AS ENUM('female', 'male', 'other', 'unknown');--> statement-breakpoint
CREATE TABLE "attachment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"consult_id" uuid NOT NULL,
	"purpose" "attachment_purpose" NOT NULL,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"received_bytes" bigint DEFAULT 0 NOT NULL,
	"sha256" "bytea",
	"state" "attachment_state" DEFAULT 'uploading' NOT NULL,
	"width_pixels" integer,
	"height_pixels" integer,
	"storage_key" text NOT NULL,
	"uploaded_by_kind" text NOT NULL,
	"uploaded_by_id" text NOT NULL,
	"uploaded_by_name" text NOT NULL,
	"completed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "attachment_storage_key_unique" UNIQUE("storage_key")
);
--> statement-breakpoint
CREATE TABLE "audit_chain" (
	"position" bigint PRIMARY KEY NOT NULL,
	"event_id" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_chain_event_id_unique" UNIQUE("event_id")
);
--> statement-breakpoint
CREATE TABLE "audit_event" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"actor_name" text,
	"institution_id" uuid,
	"action" text NOT NULL,
	"entity_type" text NOT NULL,
	"entity_id" text,
	"patient_id" uuid,
	"purpose" text,
	"correlation_id" text,
	"address" "inet",
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consult" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"state" "consult_state" DEFAULT 'draft' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"urgency" "consult_urgency" DEFAULT 'routine' NOT NULL,
	"patient_id" uuid NOT NULL,
	"inviting_institution_id" uuid NOT NULL,
	"invited_institution_id" uuid,
	"agreement_id" uuid,
	"requester_id" uuid NOT NULL,
	"wanted_specialty" text,
	"wanted_title" text,
	"wanted_time" text,
	"reason" text,
	"purpose" text,
	"question" text,
	"complaint" text,
	"present_history" text,
	"past_history" text,
	"examination" text,
	"vitals" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"investigations" text,
	"provisional_diagnoses" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"treatment_so_far" text,
	"callback_phone" text,
	"accepted_by" uuid,
	"department_id" uuid,
	"submitted_at" timestamp with time zone,
	"respond_by" timestamp with time zone,
	"scheduled_start" timestamp with time zone,
	"scheduled_end" timestamp with time zone,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"signed_at" timestamp with time zone,
	"acknowledge_by" timestamp with time zone,
	"escalated_at" timestamp with time zone,
	"acknowledged_at" timestamp with time zone,
	"acknowledged_by" uuid,
	"read_back" jsonb,
	"treatment_decision" text,
	"archived_at" timestamp with time zone,
	"inviting_archived_at" timestamp with time zone,
	"invited_archived_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "consult_number_unique" UNIQUE("number"),
	CONSTRAINT "consult_sent_under_agreement" CHECK ("consult"."state" in ('draft', 'cancelled') or ("consult"."agreement_id" is not null and "consult"."invited_institution_id" is not null)),
	CONSTRAINT "consult_schedule_order" CHECK ("consult"."scheduled_end" > "consult"."scheduled_start")
);
--> statement-breakpoint
CREATE TABLE "consult_consent" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"consult_id" uuid NOT NULL,
	"kind" "consent_kind" NOT NULL,
	"given" boolean NOT NULL,
	"method" "consent_method" NOT NULL,
	"language" text NOT NULL,
	"text_version" text NOT NULL,
	"signer_name" text NOT NULL,
	"signer_relation" text NOT NULL,
	"signature" jsonb,
	"witness_name" text,
	"reason" text,
	"relative_name" text,
	"recorded_by" uuid NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone,
	CONSTRAINT "consent_evidence" CHECK (case "consult_consent"."method" when 'signature' then "consult_consent"."signature" is not null or not "consult_consent"."given" when 'fingerprint' then "consult_consent"."witness_name" is not null and "consult_consent"."reason" is not null else "consult_consent"."reason" is not null end)
);
--> statement-breakpoint
CREATE TABLE "consult_guest" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"consult_id" uuid NOT NULL,
	"name" text NOT NULL,
	"relation" text NOT NULL,
	"language" text DEFAULT 'zh-CN' NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"consent_id" uuid NOT NULL,
	"invited_by" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"first_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "consult_guest_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "consult_message" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"consult_id" uuid NOT NULL,
	"by_person_id" uuid NOT NULL,
	"by_institution_id" uuid NOT NULL,
	"text" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consult_opinion" (
	"consult_id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"findings_reviewed" text DEFAULT '' NOT NULL,
	"missing_data" text DEFAULT '' NOT NULL,
	"diagnostic_opinion" text DEFAULT '' NOT NULL,
	"diagnoses" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"tests_advised" text DEFAULT '' NOT NULL,
	"plan" text DEFAULT '' NOT NULL,
	"transfer_conditions" text DEFAULT '' NOT NULL,
	"plain_words" text DEFAULT '' NOT NULL,
	"edited_by" uuid,
	"updated_at" timestamp with time zone NOT NULL,
	"document_id" uuid,
	"document_version" integer,
	"document" jsonb,
	"jws" text,
	"kid" text,
	"signed_by" uuid,
	"signed_at" timestamp with time zone,
	CONSTRAINT "consult_opinion_document_id_unique" UNIQUE("document_id")
);
--> statement-breakpoint
CREATE TABLE "consult_participant" (
	"consult_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"role" "participant_role" NOT NULL,
	"lead" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "consult_participant_consult_id_person_id_pk" PRIMARY KEY("consult_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "consult_presence" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"event_id" text NOT NULL,
	"consult_id" uuid NOT NULL,
	"type" text NOT NULL,
	"peer_name" text,
	"peer_role" text,
	"subject" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "consult_presence_event_id_unique" UNIQUE("event_id")
);
--> statement-breakpoint
CREATE TABLE "consult_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"consult_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "consult_state",
	"to_state" "consult_state" NOT NULL,
	"by_person_id" uuid,
	"by_institution_id" uuid,
	"by_name" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consult_still" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"consult_id" uuid NOT NULL,
	"attachment_id" uuid NOT NULL,
	"taken_by" text NOT NULL,
	"annotations" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "consult_still_attachment_id_unique" UNIQUE("attachment_id")
);
--> statement-breakpoint
CREATE TABLE "agreement" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"inviting_institution_id" uuid NOT NULL,
	"invited_institution_id" uuid NOT NULL,
	"signed_on" date NOT NULL,
	"valid_until" date,
	CONSTRAINT "agreement_pair" UNIQUE("inviting_institution_id","invited_institution_id"),
	CONSTRAINT "agreement_identity" UNIQUE("id","inviting_institution_id","invited_institution_id")
);
--> statement-breakpoint
CREATE TABLE "alliance" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"name_en" text,
	"kind" "alliance_kind" NOT NULL,
	"demo" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alliance_member" (
	"alliance_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"lead" boolean DEFAULT false NOT NULL,
	CONSTRAINT "alliance_member_alliance_id_institution_id_pk" PRIMARY KEY("alliance_id","institution_id")
);
--> statement-breakpoint
CREATE TABLE "department" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text,
	"name_bo" text,
	"specialty_code" text NOT NULL,
	CONSTRAINT "department_institution_id_slug_unique" UNIQUE("institution_id","slug"),
	CONSTRAINT "department_id_institution_id_unique" UNIQUE("id","institution_id")
);
--> statement-breakpoint
CREATE TABLE "holiday" (
	"calendar" text NOT NULL,
	"day" date NOT NULL,
	"name" text NOT NULL,
	"name_bo" text,
	"name_en" text,
	CONSTRAINT "holiday_calendar_day_pk" PRIMARY KEY("calendar","day")
);
--> statement-breakpoint
CREATE TABLE "institution" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"slug" text NOT NULL,
	"credit_code" text,
	"kind" "institution_kind" NOT NULL,
	"level" "institution_level" NOT NULL,
	"phone" text,
	"address" text,
	"time_zone" text DEFAULT 'Asia/Shanghai' NOT NULL,
	"altitude_metres" integer DEFAULT 0 NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"holiday_calendar" text DEFAULT 'CN' NOT NULL,
	"demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "institution_slug_unique" UNIQUE("slug"),
	CONSTRAINT "institution_credit_code_unique" UNIQUE("credit_code")
);
--> statement-breakpoint
CREATE TABLE "institution_name" (
	"institution_id" uuid NOT NULL,
	"language" text NOT NULL,
	"name" text NOT NULL,
	"position" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "institution_name_institution_id_language_name_pk" PRIMARY KEY("institution_id","language","name")
);
--> statement-breakpoint
CREATE TABLE "practitioner" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"title_en" text,
	"licence_number" text,
	"practising_since" date
);
--> statement-breakpoint
CREATE TABLE "practitioner_post" (
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"posted" boolean DEFAULT false NOT NULL,
	CONSTRAINT "practitioner_post_person_id_department_id_pk" PRIMARY KEY("person_id","department_id")
);
--> statement-breakpoint
CREATE TABLE "working_hours" (
	"institution_id" uuid NOT NULL,
	"weekday" smallint NOT NULL,
	"start_minute" smallint NOT NULL,
	"end_minute" smallint NOT NULL,
	CONSTRAINT "working_hours_institution_id_weekday_start_minute_pk" PRIMARY KEY("institution_id","weekday","start_minute")
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"actor_key" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"status" smallint,
	"body" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_key_actor_key_key_pk" PRIMARY KEY("actor_key","key")
);
--> statement-breakpoint
CREATE TABLE "auth_challenge" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"person_id" uuid,
	"challenge" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "passkey" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person_id" uuid NOT NULL,
	"credential_id" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"counter" bigint NOT NULL,
	"transports" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "passkey_credential_id_unique" UNIQUE("credential_id")
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"name_bo" text,
	"name_en" text,
	"demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "phone_code" (
	"phone_index" "bytea" PRIMARY KEY NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"sent_count" integer DEFAULT 1 NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "role" (
	"code" text PRIMARY KEY NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "role_assignment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid,
	"role_code" text NOT NULL,
	"valid_until" timestamp with time zone,
	CONSTRAINT "role_assignment_person_id_institution_id_role_code_unique" UNIQUE("person_id","institution_id","role_code")
);
--> statement-breakpoint
CREATE TABLE "role_permission" (
	"role_code" text NOT NULL,
	"permission" text NOT NULL,
	CONSTRAINT "role_permission_role_code_permission_pk" PRIMARY KEY("role_code","permission")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"previous_token_hash" "bytea",
	"rotated_at" timestamp with time zone NOT NULL,
	"kind" "session_kind" NOT NULL,
	"person_id" uuid,
	"phone_index" "bytea",
	"guest_id" uuid,
	"institution_id" uuid,
	"csrf_token" text NOT NULL,
	"user_agent" text,
	"last_seen_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"strong_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "session_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "session_previous_token_hash_unique" UNIQUE("previous_token_hash")
);
--> statement-breakpoint
CREATE TABLE "staff_account" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"login_name" text NOT NULL,
	"password_hash" text NOT NULL,
	"totp_secret_cipher" text,
	"totp_confirmed_at" timestamp with time zone,
	"totp_last_step" bigint,
	"failed_count" integer DEFAULT 0 NOT NULL,
	"locked_until" timestamp with time zone,
	CONSTRAINT "staff_account_login_name_unique" UNIQUE("login_name")
);
--> statement-breakpoint
CREATE TABLE "media_node" (
	"id" text PRIMARY KEY NOT NULL,
	"public_url" text NOT NULL,
	"region" text,
	"workers" integer NOT NULL,
	"rooms" integer NOT NULL,
	"peers" integer NOT NULL,
	"load" double precision NOT NULL,
	"version" text NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "media_room" (
	"room_id" uuid PRIMARY KEY NOT NULL,
	"node_id" text NOT NULL,
	"assigned_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notice" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"entity_type" text NOT NULL,
	"entity_id" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"dedupe_key" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"read_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "notice_person_id_dedupe_key_unique" UNIQUE("person_id","dedupe_key")
);
--> statement-breakpoint
CREATE TABLE "sms_message" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"phone_cipher" text NOT NULL,
	"kind" text NOT NULL,
	"text_cipher" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone,
	"failed_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "sms_message_dedupe_key_unique" UNIQUE("dedupe_key")
);
--> statement-breakpoint
CREATE TABLE "outbox_event" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"topic" text NOT NULL,
	"entity_id" text NOT NULL,
	"version" integer DEFAULT 0 NOT NULL,
	"institution_ids" uuid[] DEFAULT '{}' NOT NULL,
	"person_ids" uuid[] DEFAULT '{}' NOT NULL,
	"patient_ids" uuid[] DEFAULT '{}' NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "patient" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"full_name" text,
	"full_name_bo" text,
	"sex" "patient_sex" NOT NULL,
	"birth_date" date,
	"birth_date_estimated" boolean DEFAULT false NOT NULL,
	"ethnic_group" text,
	"language" text DEFAULT 'zh-CN' NOT NULL,
	"address" text,
	"resident_id_cipher" text,
	"resident_id_index" "bytea",
	"unknown_person" boolean DEFAULT false NOT NULL,
	"unknown_note" text,
	"managing_institution_id" uuid NOT NULL,
	"demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "patient_named_or_unknown" CHECK ("patient"."full_name" is not null or "patient"."unknown_person")
);
--> statement-breakpoint
CREATE TABLE "patient_contact" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"relation" "contact_relation" NOT NULL,
	"name" text,
	"phone_cipher" text NOT NULL,
	"phone_index" "bytea" NOT NULL,
	"may_sign_in" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "patient_institution" (
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"source" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "patient_institution_patient_id_institution_id_pk" PRIMARY KEY("patient_id","institution_id")
);
--> statement-breakpoint
CREATE TABLE "signing_key" (
	"kid" text PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"label" text,
	"registered_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_reason" text,
	"replaced_by" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_inviting_institution_id_institution_id_fk" FOREIGN KEY ("inviting_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_invited_institution_id_institution_id_fk" FOREIGN KEY ("invited_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_requester_id_person_id_fk" FOREIGN KEY ("requester_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_accepted_by_person_id_fk" FOREIGN KEY ("accepted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_department_id_department_id_fk" FOREIGN KEY ("department_id") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_acknowledged_by_person_id_fk" FOREIGN KEY ("acknowledged_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult" ADD CONSTRAINT "consult_under_agreement" FOREIGN KEY ("agreement_id","inviting_institution_id","invited_institution_id") REFERENCES "public"."agreement"("id","inviting_institution_id","invited_institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_consent" ADD CONSTRAINT "consult_consent_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_consent" ADD CONSTRAINT "consult_consent_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_guest" ADD CONSTRAINT "consult_guest_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_guest" ADD CONSTRAINT "consult_guest_consent_id_consult_consent_id_fk" FOREIGN KEY ("consent_id") REFERENCES "public"."consult_consent"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_guest" ADD CONSTRAINT "consult_guest_invited_by_person_id_fk" FOREIGN KEY ("invited_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_message" ADD CONSTRAINT "consult_message_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_message" ADD CONSTRAINT "consult_message_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_message" ADD CONSTRAINT "consult_message_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_opinion" ADD CONSTRAINT "consult_opinion_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_opinion" ADD CONSTRAINT "consult_opinion_edited_by_person_id_fk" FOREIGN KEY ("edited_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_opinion" ADD CONSTRAINT "consult_opinion_signed_by_person_id_fk" FOREIGN KEY ("signed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_participant" ADD CONSTRAINT "consult_participant_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_participant" ADD CONSTRAINT "consult_participant_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_participant" ADD CONSTRAINT "consult_participant_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_presence" ADD CONSTRAINT "consult_presence_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_step" ADD CONSTRAINT "consult_step_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_step" ADD CONSTRAINT "consult_step_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_step" ADD CONSTRAINT "consult_step_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consult_still" ADD CONSTRAINT "consult_still_consult_id_consult_id_fk" FOREIGN KEY ("consult_id") REFERENCES "public"."consult"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement" ADD CONSTRAINT "agreement_inviting_institution_id_institution_id_fk" FOREIGN KEY ("inviting_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement" ADD CONSTRAINT "agreement_invited_institution_id_institution_id_fk" FOREIGN KEY ("invited_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alliance_member" ADD CONSTRAINT "alliance_member_alliance_id_alliance_id_fk" FOREIGN KEY ("alliance_id") REFERENCES "public"."alliance"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alliance_member" ADD CONSTRAINT "alliance_member_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "department" ADD CONSTRAINT "department_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "institution_name" ADD CONSTRAINT "institution_name_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practitioner_post" ADD CONSTRAINT "practitioner_post_person_id_practitioner_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."practitioner"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "practitioner_post" ADD CONSTRAINT "practitioner_post_department_id_institution_id_department_id_institution_id_fk" FOREIGN KEY ("department_id","institution_id") REFERENCES "public"."department"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "working_hours" ADD CONSTRAINT "working_hours_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_role_code_role_code_fk" FOREIGN KEY ("role_code") REFERENCES "public"."role"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_assignment" ADD CONSTRAINT "role_assignment_department_id_institution_id_department_id_institution_id_fk" FOREIGN KEY ("department_id","institution_id") REFERENCES "public"."department"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_permission" ADD CONSTRAINT "role_permission_role_code_role_code_fk" FOREIGN KEY ("role_code") REFERENCES "public"."role"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_account" ADD CONSTRAINT "staff_account_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient" ADD CONSTRAINT "patient_managing_institution_id_institution_id_fk" FOREIGN KEY ("managing_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_contact" ADD CONSTRAINT "patient_contact_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_institution" ADD CONSTRAINT "patient_institution_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_institution" ADD CONSTRAINT "patient_institution_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signing_key" ADD CONSTRAINT "signing_key_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attachment_consult_id_index" ON "attachment" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "audit_event_patient_id_at_index" ON "audit_event" USING btree ("patient_id","at");--> statement-breakpoint
CREATE INDEX "audit_event_institution_id_at_index" ON "audit_event" USING btree ("institution_id","at");--> statement-breakpoint
CREATE INDEX "consult_inviting_institution_id_state_index" ON "consult" USING btree ("inviting_institution_id","state");--> statement-breakpoint
CREATE INDEX "consult_invited_institution_id_state_index" ON "consult" USING btree ("invited_institution_id","state");--> statement-breakpoint
CREATE INDEX "consult_patient_id_index" ON "consult" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "consult_requester_id_index" ON "consult" USING btree ("requester_id");--> statement-breakpoint
CREATE INDEX "consult_consent_consult_id_index" ON "consult_consent" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "consult_guest_consult_id_index" ON "consult_guest" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "consult_message_consult_id_index" ON "consult_message" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "consult_participant_person_id_index" ON "consult_participant" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "consult_presence_consult_id_index" ON "consult_presence" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "consult_step_consult_id_index" ON "consult_step" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "consult_still_consult_id_index" ON "consult_still" USING btree ("consult_id");--> statement-breakpoint
CREATE INDEX "practitioner_post_institution_id_index" ON "practitioner_post" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "role_assignment_institution_id_role_code_index" ON "role_assignment" USING btree ("institution_id","role_code");--> statement-breakpoint
CREATE INDEX "session_person_id_index" ON "session" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "notice_person_id_read_at_index" ON "notice" USING btree ("person_id","read_at");--> statement-breakpoint
CREATE INDEX "sms_message_sent_at_index" ON "sms_message" USING btree ("sent_at");--> statement-breakpoint
CREATE INDEX "outbox_event_created_at_index" ON "outbox_event" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "patient_managing_institution_id_index" ON "patient" USING btree ("managing_institution_id");--> statement-breakpoint
CREATE INDEX "patient_full_name_index" ON "patient" USING btree ("full_name");--> statement-breakpoint
CREATE INDEX "patient_contact_patient_id_index" ON "patient_contact" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "patient_contact_phone_index_index" ON "patient_contact" USING btree ("phone_index");--> statement-breakpoint
CREATE INDEX "patient_institution_institution_id_index" ON "patient_institution" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "signing_key_person_id_index" ON "signing_key" USING btree ("person_id");