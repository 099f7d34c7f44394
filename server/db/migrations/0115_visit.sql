CREATE TYPE "public"."visit_decision" AS ENUM('eligible', 'not-eligible');--> statement-breakpoint
CREATE TYPE "public"."visit_evidence" AS ENUM('record', 'patient', 'none');--> statement-breakpoint
CREATE TYPE "public"."visit_redirect" AS ENUM('appointment', 'consult', 'referral', 'in-person');--> statement-breakpoint
CREATE TYPE "public"."visit_redirect_reason" AS ENUM('first-visit', 'condition-changed', 'needs-examination', 'beyond-scope', 'emergency', 'other');--> statement-breakpoint
CREATE TYPE "public"."visit_state" AS ENUM('requested', 'waiting', 'called', 'in-visit', 'ended', 'redirected', 'cancelled', 'missed');--> statement-breakpoint
CREATE TYPE "public"."visit_stop_reason" AS ENUM('wrong-person', 'not-identified', 'no-guardian', 'patient-silent', 'line-lost', 'other');--> statement-breakpoint
ALTER TYPE "public"."attachment_purpose" ADD VALUE 'evidence';--> statement-breakpoint
ALTER TYPE "public"."prescription_encounter" ADD VALUE 'video-visit';--> statement-breakpoint
CREATE TABLE "visit" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" "visit_state" DEFAULT 'requested' NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"doctor_id" uuid,
	"relation" "contact_relation" NOT NULL,
	"condition" jsonb NOT NULL,
	"reason" text NOT NULL,
	"assessment_id" uuid NOT NULL,
	"evidence_from" "visit_evidence" NOT NULL,
	"evidence" jsonb NOT NULL,
	"callback_cipher" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"waiting_at" timestamp with time zone,
	"due_at" timestamp with time zone,
	"called_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"guardian_name" text,
	"guardian_present" boolean DEFAULT false NOT NULL,
	"decision" "visit_decision",
	"decision_reason" text,
	"decided_by" uuid,
	"decided_at" timestamp with time zone,
	"note" jsonb NOT NULL,
	"diagnoses" jsonb NOT NULL,
	"summary" text DEFAULT '' NOT NULL,
	"return_when" text DEFAULT '' NOT NULL,
	"call_when" text DEFAULT '' NOT NULL,
	"redirect_kind" "visit_redirect",
	"redirect_reason" "visit_redirect_reason",
	"redirect_id" uuid,
	"stop_reason" "visit_stop_reason",
	"updated_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "visit_number_unique" UNIQUE("number"),
	CONSTRAINT "visit_waits" CHECK ("visit"."state" not in ('waiting', 'called', 'in-visit', 'ended') or "visit"."waiting_at" is not null),
	CONSTRAINT "visit_seen" CHECK ("visit"."state" not in ('called', 'in-visit', 'ended') or ("visit"."doctor_id" is not null and "visit"."called_at" is not null)),
	CONSTRAINT "visit_started" CHECK ("visit"."state" not in ('in-visit', 'ended') or "visit"."started_at" is not null),
	CONSTRAINT "visit_ended_complete" CHECK ("visit"."state" <> 'ended' or ("visit"."decision" = 'eligible' and "visit"."ended_at" is not null and btrim("visit"."summary") <> ''
        and btrim("visit"."return_when") <> '' and btrim("visit"."call_when") <> '')),
	CONSTRAINT "visit_redirected" CHECK (("visit"."state" = 'redirected') = ("visit"."redirect_kind" is not null) and ("visit"."redirect_kind" is null) = ("visit"."redirect_reason" is null)
        and ("visit"."redirect_kind" is null or "visit"."redirect_kind" = 'in-person' or "visit"."redirect_id" is not null)),
	CONSTRAINT "visit_decided" CHECK (num_nonnulls("visit"."decision", "visit"."decided_by", "visit"."decided_at", "visit"."decision_reason") in (0, 4)
        and ("visit"."decision" is null or btrim("visit"."decision_reason") <> '')),
	CONSTRAINT "visit_said" CHECK (btrim("visit"."reason") <> '')
);
--> statement-breakpoint
CREATE TABLE "visit_duty" (
	"institution_id" uuid NOT NULL,
	"doctor_id" uuid NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "visit_duty_institution_id_doctor_id_pk" PRIMARY KEY("institution_id","doctor_id"),
	CONSTRAINT "visit_duty_order" CHECK ("visit_duty"."until" >= "visit_duty"."since")
);
--> statement-breakpoint
CREATE TABLE "visit_presence" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"event_id" text NOT NULL,
	"visit_id" uuid NOT NULL,
	"type" text NOT NULL,
	"role" text,
	"subject" text,
	"name" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "visit_presence_event_id_unique" UNIQUE("event_id")
);
--> statement-breakpoint
CREATE TABLE "visit_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"visit_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "visit_state",
	"to_state" "visit_state" NOT NULL,
	"person_id" uuid,
	"reason" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "record_change" DROP CONSTRAINT "record_change_kind";--> statement-breakpoint
ALTER TABLE "visit" ADD CONSTRAINT "visit_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit" ADD CONSTRAINT "visit_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit" ADD CONSTRAINT "visit_doctor_id_person_id_fk" FOREIGN KEY ("doctor_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit" ADD CONSTRAINT "visit_decided_by_person_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_duty" ADD CONSTRAINT "visit_duty_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_duty" ADD CONSTRAINT "visit_duty_doctor_id_person_id_fk" FOREIGN KEY ("doctor_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_presence" ADD CONSTRAINT "visit_presence_visit_id_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_step" ADD CONSTRAINT "visit_step_visit_id_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_step" ADD CONSTRAINT "visit_step_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "visit_institution_id_state_waiting_at_index" ON "visit" USING btree ("institution_id","state","waiting_at");--> statement-breakpoint
CREATE INDEX "visit_patient_id_requested_at_index" ON "visit" USING btree ("patient_id","requested_at");--> statement-breakpoint
CREATE UNIQUE INDEX "visit_open_once" ON "visit" USING btree ("patient_id") WHERE "visit"."state" in ('requested', 'waiting', 'called', 'in-visit');--> statement-breakpoint
CREATE INDEX "visit_duty_until_index" ON "visit_duty" USING btree ("until");--> statement-breakpoint
CREATE INDEX "visit_presence_visit_id_at_index" ON "visit_presence" USING btree ("visit_id","at");--> statement-breakpoint
CREATE INDEX "visit_step_visit_id_index" ON "visit_step" USING btree ("visit_id");--> statement-breakpoint
ALTER TABLE "record_change" ADD CONSTRAINT "record_change_kind" CHECK ("record_change"."kind" in ('directory', 'patient', 'consult', 'schedule', 'appointment', 'clinic-day', 'fever-visit', 'test-result', 'referral', 'episode', 'bed-unit', 'prescription', 'video-visit'));