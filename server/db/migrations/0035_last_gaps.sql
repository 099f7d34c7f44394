CREATE TYPE "public"."caller_wait_state" AS ENUM('waiting', 'booked', 'missed', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."hotline_set_state" AS ENUM('draft', 'published');--> statement-breakpoint
ALTER TYPE "public"."fever_arrival" ADD VALUE 'testing-site';--> statement-breakpoint
ALTER TYPE "public"."hotline_outcome" ADD VALUE 'waiting-room' BEFORE 'cancelled';--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'release-booked' BEFORE 'near';--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'release-missed' BEFORE 'near';--> statement-breakpoint
CREATE TABLE "caller_wait" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"place_id" uuid NOT NULL,
	"room_id" uuid NOT NULL,
	"segment_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"relation" "contact_relation" NOT NULL,
	"any_time" boolean NOT NULL,
	"asked_by" uuid NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"state" "caller_wait_state" DEFAULT 'waiting' NOT NULL,
	"appointment_id" uuid,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "caller_wait_ended" CHECK (("caller_wait"."state" = 'waiting') = ("caller_wait"."ended_at" is null) and ("caller_wait"."state" = 'booked') = ("caller_wait"."appointment_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "fever_announcement" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"from_institution_id" uuid NOT NULL,
	"from_zh" text NOT NULL,
	"from_en" text,
	"from_bo" text,
	"registration_id" uuid NOT NULL,
	"announced_by" uuid NOT NULL,
	"announced_at" timestamp with time zone NOT NULL,
	"consent_words" text NOT NULL,
	"ended_at" timestamp with time zone,
	"visit_id" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "fever_announcement_came" CHECK ("fever_announcement"."visit_id" is null or "fever_announcement"."ended_at" is not null),
	CONSTRAINT "fever_announcement_consent" CHECK (btrim("fever_announcement"."consent_words") <> '')
);
--> statement-breakpoint
CREATE TABLE "hotline_question_set" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer NOT NULL,
	"valid_from" date NOT NULL,
	"state" "hotline_set_state" DEFAULT 'draft' NOT NULL,
	"questions" jsonb NOT NULL,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL,
	"starter" boolean DEFAULT false NOT NULL,
	"authored_by" uuid,
	"published_by" uuid,
	"published_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "hotline_question_set_version_unique" UNIQUE("version"),
	CONSTRAINT "hotline_question_set_some" CHECK (jsonb_array_length("hotline_question_set"."questions") between 3 and 6),
	CONSTRAINT "hotline_question_set_second_clinician" CHECK ("hotline_question_set"."starter" or ("hotline_question_set"."authored_by" is not null and ("hotline_question_set"."state" = 'draft' or
        ("hotline_question_set"."published_by" is not null and "hotline_question_set"."published_at" is not null and "hotline_question_set"."published_by" <> "hotline_question_set"."authored_by"))))
);
--> statement-breakpoint
ALTER TABLE "call_task" ALTER COLUMN "appointment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "clinic_schedule" ADD COLUMN "place_en" text;--> statement-breakpoint
ALTER TABLE "clinic_schedule" ADD COLUMN "place_bo" text;--> statement-breakpoint
ALTER TABLE "practitioner" ADD COLUMN "title_bo" text;--> statement-breakpoint
ALTER TABLE "hotline_call" ADD COLUMN "questions_id" uuid;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD COLUMN "place_en" text;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD COLUMN "place_bo" text;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD COLUMN "fever_place_en" text;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD COLUMN "fever_place_bo" text;--> statement-breakpoint
ALTER TABLE "caller_wait" ADD CONSTRAINT "caller_wait_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "caller_wait" ADD CONSTRAINT "caller_wait_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "caller_wait" ADD CONSTRAINT "caller_wait_asked_by_person_id_fk" FOREIGN KEY ("asked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_announcement" ADD CONSTRAINT "fever_announcement_institution_id_fever_site_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."fever_site"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_announcement" ADD CONSTRAINT "fever_announcement_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_announcement" ADD CONSTRAINT "fever_announcement_from_institution_id_institution_id_fk" FOREIGN KEY ("from_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_announcement" ADD CONSTRAINT "fever_announcement_announced_by_person_id_fk" FOREIGN KEY ("announced_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fever_announcement" ADD CONSTRAINT "fever_announcement_visit_id_fever_visit_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."fever_visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_question_set" ADD CONSTRAINT "hotline_question_set_authored_by_person_id_fk" FOREIGN KEY ("authored_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hotline_question_set" ADD CONSTRAINT "hotline_question_set_published_by_person_id_fk" FOREIGN KEY ("published_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "caller_wait_once" ON "caller_wait" USING btree ("place_id") WHERE "caller_wait"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "caller_wait_room" ON "caller_wait" USING btree ("room_id") WHERE "caller_wait"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "caller_wait_patient_id_index" ON "caller_wait" USING btree ("patient_id");--> statement-breakpoint
CREATE UNIQUE INDEX "fever_announcement_once" ON "fever_announcement" USING btree ("institution_id","patient_id") WHERE "fever_announcement"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "fever_announcement_registration_id_index" ON "fever_announcement" USING btree ("registration_id");--> statement-breakpoint
CREATE INDEX "fever_announcement_patient_id_index" ON "fever_announcement" USING btree ("patient_id");--> statement-breakpoint
ALTER TABLE "hotline_call" ADD CONSTRAINT "hotline_call_questions_id_hotline_question_set_id_fk" FOREIGN KEY ("questions_id") REFERENCES "public"."hotline_question_set"("id") ON DELETE no action ON UPDATE no action;