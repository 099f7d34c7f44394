CREATE TYPE "public"."bed_hold_outcome" AS ENUM('taken', 'released', 'lapsed');--> statement-breakpoint
CREATE TYPE "public"."bed_hold_purpose" AS ENUM('referral', 'infectious', 'ward');--> statement-breakpoint
CREATE TYPE "public"."bed_stay_source" AS ENUM('direct', 'hold', 'referral', 'displaced');--> statement-breakpoint
CREATE TYPE "public"."bed_unit_kind" AS ENUM('ordinary', 'intensive', 'isolation', 'rehabilitation', 'long-term');--> statement-breakpoint
CREATE TYPE "public"."bed_unit_mode" AS ENUM('peace', 'emergency', 'closed-for-disinfection');--> statement-breakpoint
CREATE TYPE "public"."displaced_destination" AS ENUM('unit', 'home', 'other-hospital');--> statement-breakpoint
CREATE TYPE "public"."mode_switch_state" AS ENUM('ordered', 'confirmed', 'clearing', 'emergency', 'disinfecting', 'ended', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."staff_absence_kind" AS ENUM('leave', 'sick', 'training', 'posted', 'other');--> statement-breakpoint
CREATE TABLE "bed" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"unit_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"label" text NOT NULL,
	"cleaning_since" timestamp with time zone,
	"out_of_use_since" timestamp with time zone,
	"out_of_use_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "bed_label" UNIQUE("unit_id","label"),
	CONSTRAINT "bed_identity" UNIQUE("id","unit_id"),
	CONSTRAINT "bed_labelled" CHECK (btrim("bed"."label") <> ''),
	CONSTRAINT "bed_out_of_use" CHECK (("bed"."out_of_use_since" is null) = ("bed"."out_of_use_reason" is null) and coalesce(btrim("bed"."out_of_use_reason"), '-') <> '')
);
--> statement-breakpoint
CREATE TABLE "bed_disinfection" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"switch_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"bed_id" uuid NOT NULL,
	"method" text NOT NULL,
	"disinfected_by" uuid NOT NULL,
	"disinfected_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "bed_disinfection_once" UNIQUE("switch_id","bed_id"),
	CONSTRAINT "bed_disinfection_method" CHECK (btrim("bed_disinfection"."method") <> '')
);
--> statement-breakpoint
CREATE TABLE "bed_hold" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"bed_id" uuid NOT NULL,
	"unit_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"purpose" "bed_hold_purpose" NOT NULL,
	"reference_id" uuid NOT NULL,
	"held_by_institution_id" uuid NOT NULL,
	"held_by_person_id" uuid,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"extended_at" timestamp with time zone,
	"extended_reason" text,
	"outcome" "bed_hold_outcome",
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"ended_by_person_id" uuid,
	"told_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "bed_hold_time" CHECK ("bed_hold"."until" > "bed_hold"."since"),
	CONSTRAINT "bed_hold_ended" CHECK (("bed_hold"."outcome" is null) = ("bed_hold"."ended_at" is null) and ("bed_hold"."ended_at" is null or "bed_hold"."ended_at" >= "bed_hold"."since")
        and ("bed_hold"."outcome" is distinct from 'released' or coalesce(btrim("bed_hold"."end_reason"), '') <> '')),
	CONSTRAINT "bed_hold_extended" CHECK (("bed_hold"."extended_at" is null) = ("bed_hold"."extended_reason" is null) and coalesce(btrim("bed_hold"."extended_reason"), '-') <> '')
);
--> statement-breakpoint
CREATE TABLE "bed_stay" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"bed_id" uuid NOT NULL,
	"unit_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"source" "bed_stay_source" NOT NULL,
	"hold_id" uuid,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone,
	"expected_discharge_on" date,
	"over_quota_reason" text,
	"admitted_by" uuid,
	"discharged_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "bed_stay_order" CHECK ("bed_stay"."until" is null or "bed_stay"."until" >= "bed_stay"."since"),
	CONSTRAINT "bed_stay_hold" CHECK (("bed_stay"."source" in ('hold', 'referral')) = ("bed_stay"."hold_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "bed_unit" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text,
	"kind" "bed_unit_kind" NOT NULL,
	"mode" "bed_unit_mode" DEFAULT 'peace' NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"touched_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "bed_unit_name" UNIQUE("department_id","name_zh"),
	CONSTRAINT "bed_unit_identity" UNIQUE("id","institution_id"),
	CONSTRAINT "bed_unit_named" CHECK (btrim("bed_unit"."name_zh") <> '' and btrim("bed_unit"."name_en") <> '')
);
--> statement-breakpoint
CREATE TABLE "capacity_policy" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"hold_hours" smallint NOT NULL,
	"max_hold_hours" smallint NOT NULL,
	"priority_percent" smallint NOT NULL,
	"beds_per_absence" smallint NOT NULL,
	"average_stay_days" smallint NOT NULL,
	"stale_hours" smallint NOT NULL,
	"emergency_purposes" "bed_hold_purpose"[] NOT NULL,
	"source" text NOT NULL,
	"entered_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "capacity_policy_dated" UNIQUE("institution_id","valid_from"),
	CONSTRAINT "capacity_policy_sane" CHECK ("capacity_policy"."hold_hours" between 1 and "capacity_policy"."max_hold_hours" and "capacity_policy"."max_hold_hours" <= 336 and "capacity_policy"."priority_percent" between 0 and 100
        and "capacity_policy"."beds_per_absence" between 0 and 50 and "capacity_policy"."average_stay_days" between 1 and 365 and "capacity_policy"."stale_hours" between 1 and 168)
);
--> statement-breakpoint
CREATE TABLE "mode_switch" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"institution_id" uuid NOT NULL,
	"unit_id" uuid NOT NULL,
	"state" "mode_switch_state" DEFAULT 'ordered' NOT NULL,
	"order_number" text NOT NULL,
	"reason" text NOT NULL,
	"ordered_by" uuid NOT NULL,
	"ordered_at" timestamp with time zone NOT NULL,
	"planned_at" timestamp with time zone NOT NULL,
	"confirmed_by" uuid,
	"confirmed_at" timestamp with time zone,
	"executed_at" timestamp with time zone,
	"emergency_at" timestamp with time zone,
	"end_ordered_by" uuid,
	"end_ordered_at" timestamp with time zone,
	"ended_by" uuid,
	"ended_at" timestamp with time zone,
	"cancelled_by" uuid,
	"cancelled_at" timestamp with time zone,
	"cancel_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "mode_switch_order_number" UNIQUE("institution_id","order_number"),
	CONSTRAINT "mode_switch_two_persons" CHECK ("mode_switch"."confirmed_by" <> "mode_switch"."ordered_by"),
	CONSTRAINT "mode_switch_confirmed" CHECK (("mode_switch"."confirmed_by" is null) = ("mode_switch"."confirmed_at" is null) and ("mode_switch"."state" in ('ordered', 'cancelled') or "mode_switch"."confirmed_by" is not null)),
	CONSTRAINT "mode_switch_numbered" CHECK (btrim("mode_switch"."order_number") <> '' and btrim("mode_switch"."reason") <> '')
);
--> statement-breakpoint
CREATE TABLE "mode_switch_transfer" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"switch_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"stay_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"destination" "displaced_destination",
	"to_unit_id" uuid,
	"to_name" text,
	"resolved_at" timestamp with time zone,
	"resolved_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "mode_switch_transfer_once" UNIQUE("switch_id","stay_id"),
	CONSTRAINT "mode_switch_transfer_where" CHECK (("mode_switch_transfer"."destination" is distinct from 'unit' or "mode_switch_transfer"."to_unit_id" is not null)
        and ("mode_switch_transfer"."destination" is distinct from 'other-hospital' or coalesce(btrim("mode_switch_transfer"."to_name"), '') <> '')
        and ("mode_switch_transfer"."resolved_at" is null or "mode_switch_transfer"."destination" is not null))
);
--> statement-breakpoint
CREATE TABLE "staff_absence" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"kind" "staff_absence_kind" NOT NULL,
	"from_day" date NOT NULL,
	"to_day" date NOT NULL,
	"reason" text,
	"covered_by" uuid,
	"entered_by" uuid NOT NULL,
	"cancelled_at" timestamp with time zone,
	"cancelled_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "staff_absence_days" CHECK ("staff_absence"."to_day" >= "staff_absence"."from_day"),
	CONSTRAINT "staff_absence_cover" CHECK ("staff_absence"."covered_by" is distinct from "staff_absence"."person_id"),
	CONSTRAINT "staff_absence_cancelled" CHECK (("staff_absence"."cancelled_at" is null) = ("staff_absence"."cancelled_by" is null))
);
--> statement-breakpoint
ALTER TABLE "bed" ADD CONSTRAINT "bed_of_unit" FOREIGN KEY ("unit_id","institution_id") REFERENCES "public"."bed_unit"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_disinfection" ADD CONSTRAINT "bed_disinfection_switch_id_mode_switch_id_fk" FOREIGN KEY ("switch_id") REFERENCES "public"."mode_switch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_disinfection" ADD CONSTRAINT "bed_disinfection_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_disinfection" ADD CONSTRAINT "bed_disinfection_bed_id_bed_id_fk" FOREIGN KEY ("bed_id") REFERENCES "public"."bed"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_disinfection" ADD CONSTRAINT "bed_disinfection_disinfected_by_person_id_fk" FOREIGN KEY ("disinfected_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_department_id_department_id_fk" FOREIGN KEY ("department_id") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_held_by_institution_id_institution_id_fk" FOREIGN KEY ("held_by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_held_by_person_id_person_id_fk" FOREIGN KEY ("held_by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_ended_by_person_id_person_id_fk" FOREIGN KEY ("ended_by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_hold" ADD CONSTRAINT "bed_hold_bed" FOREIGN KEY ("bed_id","unit_id") REFERENCES "public"."bed"("id","unit_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_stay" ADD CONSTRAINT "bed_stay_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_stay" ADD CONSTRAINT "bed_stay_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_stay" ADD CONSTRAINT "bed_stay_hold_id_bed_hold_id_fk" FOREIGN KEY ("hold_id") REFERENCES "public"."bed_hold"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_stay" ADD CONSTRAINT "bed_stay_admitted_by_person_id_fk" FOREIGN KEY ("admitted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_stay" ADD CONSTRAINT "bed_stay_discharged_by_person_id_fk" FOREIGN KEY ("discharged_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_stay" ADD CONSTRAINT "bed_stay_bed" FOREIGN KEY ("bed_id","unit_id") REFERENCES "public"."bed"("id","unit_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_unit" ADD CONSTRAINT "bed_unit_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bed_unit" ADD CONSTRAINT "bed_unit_department" FOREIGN KEY ("department_id","institution_id") REFERENCES "public"."department"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "capacity_policy" ADD CONSTRAINT "capacity_policy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "capacity_policy" ADD CONSTRAINT "capacity_policy_entered_by_person_id_fk" FOREIGN KEY ("entered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch" ADD CONSTRAINT "mode_switch_ordered_by_person_id_fk" FOREIGN KEY ("ordered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch" ADD CONSTRAINT "mode_switch_confirmed_by_person_id_fk" FOREIGN KEY ("confirmed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch" ADD CONSTRAINT "mode_switch_end_ordered_by_person_id_fk" FOREIGN KEY ("end_ordered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch" ADD CONSTRAINT "mode_switch_ended_by_person_id_fk" FOREIGN KEY ("ended_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch" ADD CONSTRAINT "mode_switch_cancelled_by_person_id_fk" FOREIGN KEY ("cancelled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch" ADD CONSTRAINT "mode_switch_unit" FOREIGN KEY ("unit_id","institution_id") REFERENCES "public"."bed_unit"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch_transfer" ADD CONSTRAINT "mode_switch_transfer_switch_id_mode_switch_id_fk" FOREIGN KEY ("switch_id") REFERENCES "public"."mode_switch"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch_transfer" ADD CONSTRAINT "mode_switch_transfer_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch_transfer" ADD CONSTRAINT "mode_switch_transfer_stay_id_bed_stay_id_fk" FOREIGN KEY ("stay_id") REFERENCES "public"."bed_stay"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch_transfer" ADD CONSTRAINT "mode_switch_transfer_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch_transfer" ADD CONSTRAINT "mode_switch_transfer_to_unit_id_bed_unit_id_fk" FOREIGN KEY ("to_unit_id") REFERENCES "public"."bed_unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mode_switch_transfer" ADD CONSTRAINT "mode_switch_transfer_resolved_by_person_id_fk" FOREIGN KEY ("resolved_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_absence" ADD CONSTRAINT "staff_absence_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_absence" ADD CONSTRAINT "staff_absence_covered_by_person_id_fk" FOREIGN KEY ("covered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_absence" ADD CONSTRAINT "staff_absence_entered_by_person_id_fk" FOREIGN KEY ("entered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_absence" ADD CONSTRAINT "staff_absence_cancelled_by_person_id_fk" FOREIGN KEY ("cancelled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_absence" ADD CONSTRAINT "staff_absence_department" FOREIGN KEY ("department_id","institution_id") REFERENCES "public"."department"("id","institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bed_institution_id_index" ON "bed" USING btree ("institution_id");--> statement-breakpoint
CREATE UNIQUE INDEX "bed_hold_one_per_bed" ON "bed_hold" USING btree ("bed_id") WHERE "bed_hold"."outcome" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "bed_hold_one_per_reference" ON "bed_hold" USING btree ("reference_id") WHERE "bed_hold"."outcome" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "bed_hold_one_per_patient" ON "bed_hold" USING btree ("patient_id") WHERE "bed_hold"."outcome" is null;--> statement-breakpoint
CREATE INDEX "bed_hold_reference_id_index" ON "bed_hold" USING btree ("reference_id");--> statement-breakpoint
CREATE INDEX "bed_hold_institution_id_index" ON "bed_hold" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "bed_hold_held_by_institution_id_index" ON "bed_hold" USING btree ("held_by_institution_id");--> statement-breakpoint
CREATE INDEX "bed_hold_due" ON "bed_hold" USING btree ("until") WHERE "bed_hold"."outcome" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "bed_stay_one_patient" ON "bed_stay" USING btree ("bed_id") WHERE "bed_stay"."until" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "bed_stay_one_bed" ON "bed_stay" USING btree ("patient_id") WHERE "bed_stay"."until" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "bed_stay_of_hold" ON "bed_stay" USING btree ("hold_id");--> statement-breakpoint
CREATE INDEX "bed_stay_unit_id_until_index" ON "bed_stay" USING btree ("unit_id","until");--> statement-breakpoint
CREATE INDEX "bed_stay_institution_id_index" ON "bed_stay" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "bed_unit_institution_id_index" ON "bed_unit" USING btree ("institution_id");--> statement-breakpoint
CREATE UNIQUE INDEX "mode_switch_one_open" ON "mode_switch" USING btree ("unit_id") WHERE "mode_switch"."state" not in ('ended', 'cancelled');--> statement-breakpoint
CREATE INDEX "mode_switch_transfer_stay_id_index" ON "mode_switch_transfer" USING btree ("stay_id");--> statement-breakpoint
CREATE INDEX "staff_absence_institution_id_to_day_index" ON "staff_absence" USING btree ("institution_id","to_day");