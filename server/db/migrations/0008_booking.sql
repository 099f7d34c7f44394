CREATE TYPE "public"."appointment_state" AS ENUM('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'completed', 'passed', 'cancelled', 'no-show', 'clinic-stopped', 'lapsed');--> statement-breakpoint
CREATE TYPE "public"."booking_channel" AS ENUM('phone-web', 'hotline', 'kiosk', 'window', 'community-doctor', 'helper', 'sms');--> statement-breakpoint
CREATE TYPE "public"."seat_pool" AS ENUM('public', 'priority', 'hotline', 'window');--> statement-breakpoint
CREATE TYPE "public"."service_kind" AS ENUM('clinic', 'fever-clinic', 'test');--> statement-breakpoint
CREATE TYPE "public"."waitlist_state" AS ENUM('waitlisted', 'offered', 'promoted', 'lapsed', 'withdrawn');--> statement-breakpoint
CREATE TABLE "appointment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"code" text NOT NULL,
	"segment_id" uuid NOT NULL,
	"schedule_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"day" date NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"seat_number" smallint,
	"ticket" text NOT NULL,
	"state" "appointment_state" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"channel" "booking_channel" NOT NULL,
	"booked_by_person_id" uuid,
	"booked_by_phone_index" "bytea",
	"relation" "contact_relation" NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"held_until" timestamp with time zone,
	"confirmed_at" timestamp with time zone,
	"told_at" timestamp with time zone,
	"checked_in_at" timestamp with time zone,
	"queue_key" double precision,
	"called_at" timestamp with time zone,
	"call_count" smallint DEFAULT 0 NOT NULL,
	"near_told_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"offered" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "appointment_queue_key" CHECK ("appointment"."state" <> 'waiting' or "appointment"."queue_key" is not null)
);
--> statement-breakpoint
CREATE TABLE "booking_policy" (
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"release_days_ahead" smallint DEFAULT 14 NOT NULL,
	"release_minute" smallint DEFAULT 420 NOT NULL,
	"priority_lead_days" smallint DEFAULT 5 NOT NULL,
	"priority_percent" smallint DEFAULT 50 NOT NULL,
	"priority_return_hours" smallint DEFAULT 24 NOT NULL,
	"hotline_percent" smallint DEFAULT 0 NOT NULL,
	"hold_minutes" smallint DEFAULT 15 NOT NULL,
	"late_minutes" smallint DEFAULT 30 NOT NULL,
	"check_in_minutes_before" smallint DEFAULT 60 NOT NULL,
	"no_show_limit" smallint DEFAULT 3 NOT NULL,
	"no_show_window_days" smallint DEFAULT 90 NOT NULL,
	"no_show_block_days" smallint DEFAULT 90 NOT NULL,
	"patients_per_phone" smallint DEFAULT 5 NOT NULL,
	"return_min_seconds" smallint DEFAULT 60 NOT NULL,
	"return_max_seconds" smallint DEFAULT 600 NOT NULL,
	"offer_minutes" smallint DEFAULT 60 NOT NULL,
	"offer_ends_before_minutes" smallint DEFAULT 60 NOT NULL,
	"requeue_after" smallint DEFAULT 3 NOT NULL,
	CONSTRAINT "booking_policy_institution_id_valid_from_pk" PRIMARY KEY("institution_id","valid_from"),
	CONSTRAINT "booking_policy_sane" CHECK ("booking_policy"."priority_percent" + "booking_policy"."hotline_percent" between 0 and 100
        and "booking_policy"."hold_minutes" between 1 and 60 and "booking_policy"."return_min_seconds" <= "booking_policy"."return_max_seconds")
);
--> statement-breakpoint
CREATE TABLE "clinic_schedule" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"practitioner_id" uuid,
	"kind" "service_kind" NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text,
	"place" text NOT NULL,
	"fee_cents" integer DEFAULT 0 NOT NULL,
	"segment_minutes" smallint NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "clinic_schedule_department_id_name_zh_practitioner_id_unique" UNIQUE("department_id","name_zh","practitioner_id"),
	CONSTRAINT "clinic_schedule_segment" CHECK ("clinic_schedule"."segment_minutes" in (30, 60))
);
--> statement-breakpoint
CREATE TABLE "schedule_exception" (
	"schedule_id" uuid NOT NULL,
	"day" date NOT NULL,
	"closed" boolean NOT NULL,
	"capacity" smallint,
	"reason" text NOT NULL,
	CONSTRAINT "schedule_exception_schedule_id_day_pk" PRIMARY KEY("schedule_id","day"),
	CONSTRAINT "schedule_exception_says_something" CHECK ("schedule_exception"."closed" or "schedule_exception"."capacity" between 1 and 500)
);
--> statement-breakpoint
CREATE TABLE "schedule_rule" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"schedule_id" uuid NOT NULL,
	"weekday" smallint NOT NULL,
	"start_minute" smallint NOT NULL,
	"end_minute" smallint NOT NULL,
	"capacity" smallint NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	CONSTRAINT "schedule_rule_schedule_id_weekday_start_minute_valid_from_unique" UNIQUE("schedule_id","weekday","start_minute","valid_from"),
	CONSTRAINT "schedule_rule_sane" CHECK ("schedule_rule"."weekday" between 1 and 7 and "schedule_rule"."start_minute" between 0 and 1439
        and "schedule_rule"."end_minute" > "schedule_rule"."start_minute" and "schedule_rule"."end_minute" <= "schedule_rule"."start_minute" + 1440
        and "schedule_rule"."capacity" between 1 and 500)
);
--> statement-breakpoint
CREATE TABLE "seat" (
	"segment_id" uuid NOT NULL,
	"number" smallint NOT NULL,
	"pool" "seat_pool" NOT NULL,
	"pool_from" timestamp with time zone NOT NULL,
	"public_from" timestamp with time zone NOT NULL,
	"appointment_id" uuid,
	"held_until" timestamp with time zone,
	"free_from" timestamp with time zone,
	CONSTRAINT "seat_segment_id_number_pk" PRIMARY KEY("segment_id","number"),
	CONSTRAINT "seat_appointment_id_unique" UNIQUE("appointment_id"),
	CONSTRAINT "seat_held_by_somebody" CHECK ("seat"."held_until" is null or "seat"."appointment_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "segment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"schedule_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"practitioner_id" uuid,
	"kind" "service_kind" NOT NULL,
	"day" date NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"capacity" smallint NOT NULL,
	"first_ticket" smallint NOT NULL,
	"stopped_at" timestamp with time zone,
	"stop_reason" text,
	"cancel_until" timestamp with time zone NOT NULL,
	"delay_minutes" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "segment_schedule_id_starts_at_unique" UNIQUE("schedule_id","starts_at"),
	CONSTRAINT "segment_length" CHECK ("segment"."ends_at" > "segment"."starts_at")
);
--> statement-breakpoint
CREATE TABLE "signed_resident" (
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"doctor_id" uuid NOT NULL,
	"signed_on" date NOT NULL,
	"ended_on" date,
	CONSTRAINT "signed_resident_patient_id_institution_id_signed_on_pk" PRIMARY KEY("patient_id","institution_id","signed_on")
);
--> statement-breakpoint
CREATE TABLE "waitlist_entry" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"position" bigserial NOT NULL,
	"schedule_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"day" date NOT NULL,
	"patient_id" uuid NOT NULL,
	"state" "waitlist_state" NOT NULL,
	"channel" "booking_channel" NOT NULL,
	"booked_by_person_id" uuid,
	"booked_by_phone_index" "bytea",
	"relation" "contact_relation" NOT NULL,
	"appointment_id" uuid,
	"offer_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_segment_id_segment_id_fk" FOREIGN KEY ("segment_id") REFERENCES "public"."segment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointment" ADD CONSTRAINT "appointment_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "booking_policy" ADD CONSTRAINT "booking_policy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clinic_schedule" ADD CONSTRAINT "clinic_schedule_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clinic_schedule" ADD CONSTRAINT "clinic_schedule_practitioner_id_practitioner_person_id_fk" FOREIGN KEY ("practitioner_id") REFERENCES "public"."practitioner"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clinic_schedule" ADD CONSTRAINT "clinic_schedule_department_id_institution_id_department_id_institution_id_fk" FOREIGN KEY ("department_id","institution_id") REFERENCES "public"."department"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_exception" ADD CONSTRAINT "schedule_exception_schedule_id_clinic_schedule_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."clinic_schedule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_rule" ADD CONSTRAINT "schedule_rule_schedule_id_clinic_schedule_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."clinic_schedule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seat" ADD CONSTRAINT "seat_segment_id_segment_id_fk" FOREIGN KEY ("segment_id") REFERENCES "public"."segment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "segment" ADD CONSTRAINT "segment_schedule_id_clinic_schedule_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."clinic_schedule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signed_resident" ADD CONSTRAINT "signed_resident_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signed_resident" ADD CONSTRAINT "signed_resident_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signed_resident" ADD CONSTRAINT "signed_resident_doctor_id_practitioner_person_id_fk" FOREIGN KEY ("doctor_id") REFERENCES "public"."practitioner"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_entry" ADD CONSTRAINT "waitlist_entry_schedule_id_clinic_schedule_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."clinic_schedule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_entry" ADD CONSTRAINT "waitlist_entry_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waitlist_entry" ADD CONSTRAINT "waitlist_entry_appointment_id_appointment_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "appointment_one_a_day" ON "appointment" USING btree ("patient_id","department_id","day") WHERE "appointment"."state" in ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed');--> statement-breakpoint
CREATE INDEX "appointment_patient_id_day_index" ON "appointment" USING btree ("patient_id","day");--> statement-breakpoint
CREATE INDEX "appointment_institution_id_day_index" ON "appointment" USING btree ("institution_id","day");--> statement-breakpoint
CREATE INDEX "appointment_queue" ON "appointment" USING btree ("schedule_id","day","queue_key");--> statement-breakpoint
CREATE UNIQUE INDEX "appointment_code" ON "appointment" USING btree ("code") WHERE "appointment"."state" in ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed');--> statement-breakpoint
CREATE INDEX "appointment_untold" ON "appointment" USING btree ("confirmed_at") WHERE "appointment"."told_at" is null and "appointment"."state" = 'booked';--> statement-breakpoint
CREATE INDEX "appointment_held" ON "appointment" USING btree ("held_until") WHERE "appointment"."state" = 'held';--> statement-breakpoint
CREATE INDEX "clinic_schedule_institution_id_index" ON "clinic_schedule" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "segment_institution_id_day_index" ON "segment" USING btree ("institution_id","day");--> statement-breakpoint
CREATE INDEX "segment_department_id_day_index" ON "segment" USING btree ("department_id","day");--> statement-breakpoint
CREATE UNIQUE INDEX "signed_resident_once" ON "signed_resident" USING btree ("patient_id") WHERE "signed_resident"."ended_on" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "waitlist_once" ON "waitlist_entry" USING btree ("patient_id","department_id","day") WHERE "waitlist_entry"."state" in ('waitlisted', 'offered');--> statement-breakpoint
CREATE INDEX "waitlist_entry_appointment_id_index" ON "waitlist_entry" USING btree ("appointment_id");--> statement-breakpoint
CREATE INDEX "waitlist_order" ON "waitlist_entry" USING btree ("schedule_id","day","position");