CREATE TYPE "public"."notice_hold" AS ENUM('quiet', 'digest');--> statement-breakpoint
CREATE TYPE "public"."notice_urgency" AS ENUM('emergency', 'urgent', 'routine');--> statement-breakpoint
CREATE TYPE "public"."sms_state" AS ENUM('held', 'queued', 'sent', 'delivered', 'failed', 'expired');--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'triage-worse';--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'triage-silent';--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'message-failed';--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'referral-unanswered';--> statement-breakpoint
CREATE TABLE "notice_policy" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"digest_minutes" smallint[] NOT NULL,
	"quiet_from_minute" smallint NOT NULL,
	"quiet_to_minute" smallint NOT NULL,
	"kept_days" smallint NOT NULL,
	"worse_minutes" smallint NOT NULL,
	"silent_hours" smallint NOT NULL,
	"silent_minutes" smallint NOT NULL,
	"source" text NOT NULL,
	"entered_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "notice_policy_dated" UNIQUE("institution_id","valid_from"),
	CONSTRAINT "notice_policy_sane" CHECK (cardinality("notice_policy"."digest_minutes") between 1 and 8 and 0 <= all ("notice_policy"."digest_minutes") and 1440 > all ("notice_policy"."digest_minutes")
        and "notice_policy"."quiet_from_minute" between 0 and 1439 and "notice_policy"."quiet_to_minute" between 0 and 1439 and "notice_policy"."kept_days" between 30 and 3650
        and "notice_policy"."worse_minutes" between 5 and 240 and "notice_policy"."silent_hours" between 1 and 48 and "notice_policy"."silent_minutes" between 15 and 1440)
);
--> statement-breakpoint
CREATE TABLE "staff_quiet" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"from_minute" smallint NOT NULL,
	"to_minute" smallint NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "staff_quiet_minutes" CHECK ("staff_quiet"."from_minute" between 0 and 1439 and "staff_quiet"."to_minute" between 0 and 1439)
);
--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "institution_id" uuid;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "urgency" "notice_urgency" DEFAULT 'routine' NOT NULL;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "ack_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "ack_by" uuid;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "held_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "held_for" "notice_hold";--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "released_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "notice" ADD COLUMN "digest_id" uuid;--> statement-breakpoint
ALTER TABLE "notice_preference" ADD COLUMN "quiet_from_minute" smallint;--> statement-breakpoint
ALTER TABLE "notice_preference" ADD COLUMN "quiet_to_minute" smallint;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "state" "sms_state" DEFAULT 'queued' NOT NULL;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "state_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "held_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "institution_id" uuid;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "patient_id" uuid;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "sender_id" uuid;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "news_key" text;--> statement-breakpoint
ALTER TABLE "sms_message" ADD COLUMN "call_cipher" text;--> statement-breakpoint
ALTER TABLE "notice_policy" ADD CONSTRAINT "notice_policy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_policy" ADD CONSTRAINT "notice_policy_entered_by_person_id_fk" FOREIGN KEY ("entered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_quiet" ADD CONSTRAINT "staff_quiet_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_ack_by_person_id_fk" FOREIGN KEY ("ack_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sms_message" ADD CONSTRAINT "sms_message_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sms_message" ADD CONSTRAINT "sms_message_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sms_message" ADD CONSTRAINT "sms_message_sender_id_person_id_fk" FOREIGN KEY ("sender_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notice_institution_id_at_index" ON "notice" USING btree ("institution_id","at");--> statement-breakpoint
CREATE INDEX "notice_entity_id_kind_index" ON "notice" USING btree ("entity_id","kind");--> statement-breakpoint
CREATE INDEX "notice_held" ON "notice" USING btree ("held_until") WHERE "notice"."held_until" is not null and "notice"."released_at" is null;--> statement-breakpoint
CREATE INDEX "sms_message_institution_id_at_index" ON "sms_message" USING btree ("institution_id","at");--> statement-breakpoint
CREATE INDEX "sms_message_news_key_index" ON "sms_message" USING btree ("news_key");--> statement-breakpoint
CREATE INDEX "sms_message_held" ON "sms_message" USING btree ("held_until") WHERE "sms_message"."state" = 'held';--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_held_for" CHECK (("notice"."held_until" is null) = ("notice"."held_for" is null));--> statement-breakpoint
ALTER TABLE "notice" ADD CONSTRAINT "notice_acknowledged" CHECK (("notice"."ack_at" is null) = ("notice"."ack_by" is null));--> statement-breakpoint
ALTER TABLE "notice_preference" ADD CONSTRAINT "notice_preference_quiet" CHECK (("notice_preference"."quiet_from_minute" is null) = ("notice_preference"."quiet_to_minute" is null) and ("notice_preference"."quiet_from_minute" is null or ("notice_preference"."quiet_from_minute" between 0 and 1439 and "notice_preference"."quiet_to_minute" between 0 and 1439)));