CREATE TYPE "public"."courier_run_state" AS ENUM('collecting', 'in-transit', 'delivered');--> statement-breakpoint
CREATE TYPE "public"."sampling_group_kind" AS ENUM('family', 'company', 'class');--> statement-breakpoint
CREATE TYPE "public"."lab_result_kind" AS ENUM('negative', 'positive', 'grey-zone', 'single-target', 'rejected');--> statement-breakpoint
CREATE TYPE "public"."person_result_kind" AS ENUM('negative', 'positive');--> statement-breakpoint
CREATE TYPE "public"."test_priority_reason" AS ENUM('elder', 'pregnant', 'disabled', 'child');--> statement-breakpoint
CREATE TYPE "public"."recall_cause" AS ENUM('positive', 'grey-zone', 'single-target', 'rejected', 'void', 'exposure');--> statement-breakpoint
CREATE TYPE "public"."recall_state" AS ENUM('issued', 'told', 'sampled', 'confirmed', 'repeated', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."test_registration_source" AS ENUM('appointment', 'walk-in', 'group', 'recall');--> statement-breakpoint
CREATE TYPE "public"."test_registration_state" AS ENUM('registered', 'waiting', 'sampled', 'led-away', 'missed', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."lab_result_source" AS ENUM('page', 'csv', 'fhir');--> statement-breakpoint
CREATE TYPE "public"."sampling_step" AS ENUM('open', 'sample', 'undo', 'seal', 'void', 'lead-away');--> statement-breakpoint
CREATE TYPE "public"."sampling_station_state" AS ENUM('closed', 'open', 'paused');--> statement-breakpoint
CREATE TYPE "public"."test_purpose" AS ENUM('fever', 'emergency', 'in-outpatient', 'voluntary', 'surge');--> statement-breakpoint
CREATE TYPE "public"."tube_state" AS ENUM('open', 'collecting', 'sealed', 'in-transit', 'received', 'testing', 'negative', 'positive', 'indeterminate', 'rejected', 'void');--> statement-breakpoint
CREATE TABLE "courier_run" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"site_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"courier_id" uuid NOT NULL,
	"box" text NOT NULL,
	"state" "courier_run_state" DEFAULT 'collecting' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"picked_up_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	"received_by" uuid,
	"received_count" smallint,
	"note" text DEFAULT '' NOT NULL,
	CONSTRAINT "courier_run_times" CHECK (("courier_run"."state" = 'collecting') = ("courier_run"."picked_up_at" is null) and ("courier_run"."state" = 'delivered') = ("courier_run"."delivered_at" is not null)),
	CONSTRAINT "courier_run_two_persons" CHECK ("courier_run"."received_by" is null or "courier_run"."received_by" <> "courier_run"."courier_id")
);
--> statement-breakpoint
CREATE TABLE "lab_result" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"tube_id" uuid NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"result" "lab_result_kind" NOT NULL,
	"method" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tested_at" timestamp with time zone NOT NULL,
	"reported_by" uuid NOT NULL,
	"reported_at" timestamp with time zone NOT NULL,
	"source" "lab_result_source" NOT NULL,
	"source_ref" text,
	"replaces_id" uuid,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "lab_result_replaced_once" UNIQUE("replaces_id"),
	CONSTRAINT "lab_result_says_why" CHECK ("lab_result"."reason" is not null or ("lab_result"."replaces_id" is null and "lab_result"."result" <> 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "person_result" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"registration_id" uuid NOT NULL,
	"tube_id" uuid NOT NULL,
	"size" smallint NOT NULL,
	"single" boolean NOT NULL,
	"lab_result_id" uuid NOT NULL,
	"result" "person_result_kind" NOT NULL,
	"sampled_at" timestamp with time zone NOT NULL,
	"released_at" timestamp with time zone,
	"released_by" uuid,
	"withdrawn_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "person_result_single" CHECK ("person_result"."single" = ("person_result"."size" = 1)),
	CONSTRAINT "person_result_positive_single" CHECK ("person_result"."result" <> 'positive' or "person_result"."single")
);
--> statement-breakpoint
CREATE TABLE "recall" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"tube_id" uuid,
	"registration_id" uuid,
	"institution_id" uuid NOT NULL,
	"cause" "recall_cause" NOT NULL,
	"single" boolean NOT NULL,
	"state" "recall_state" DEFAULT 'issued' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"task_owner_id" uuid,
	"told_at" timestamp with time zone,
	"told_how" text,
	"told_by" uuid,
	"retest_tube_id" uuid,
	"sampled_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"note" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "recall_of_member" UNIQUE("id","patient_id","single"),
	CONSTRAINT "recall_single" CHECK ("recall"."single" = ("recall"."cause" <> 'void')),
	CONSTRAINT "recall_tube" CHECK (("recall"."tube_id" is null) = ("recall"."cause" = 'exposure'))
);
--> statement-breakpoint
CREATE TABLE "sampling_duty" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person_id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"station_id" uuid,
	"day" date NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"assigned_by" uuid
);
--> statement-breakpoint
CREATE TABLE "sampling_group" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"code" text NOT NULL,
	"kind" "sampling_group_kind" NOT NULL,
	"name" text NOT NULL,
	"site_id" uuid NOT NULL,
	"segment_id" uuid,
	"day" date NOT NULL,
	"owner_phone_index" "bytea",
	"owner_person_id" uuid,
	"closed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "sampling_group_code_unique" UNIQUE("code"),
	CONSTRAINT "sampling_group_owner" CHECK (num_nonnulls("sampling_group"."owner_phone_index", "sampling_group"."owner_person_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "sampling_group_member" (
	"group_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"joined_at" timestamp with time zone NOT NULL,
	"joined_by_phone_index" "bytea",
	"joined_by_person_id" uuid,
	CONSTRAINT "sampling_group_member_group_id_patient_id_pk" PRIMARY KEY("group_id","patient_id")
);
--> statement-breakpoint
CREATE TABLE "sampling_op" (
	"id" uuid PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"station_id" uuid,
	"step" "sampling_step" NOT NULL,
	"tube_code" text,
	"registration_id" uuid,
	"at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"problem" text,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"settled_at" timestamp with time zone,
	"settled_by" uuid
);
--> statement-breakpoint
CREATE TABLE "sampling_order" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"number" text NOT NULL,
	"title" text NOT NULL,
	"purpose" "test_purpose" NOT NULL,
	"issued_on" date NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone,
	"scope" text NOT NULL,
	"guides" smallint DEFAULT 0 NOT NULL,
	"transport" text DEFAULT '' NOT NULL,
	"authorised_by" uuid NOT NULL,
	"confirmed_by" uuid,
	"confirmed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "sampling_order_institution_id_number_unique" UNIQUE("institution_id","number"),
	CONSTRAINT "sampling_order_two_persons" CHECK ("sampling_order"."confirmed_by" is null or "sampling_order"."confirmed_by" <> "sampling_order"."authorised_by"),
	CONSTRAINT "sampling_order_confirmed" CHECK (("sampling_order"."confirmed_by" is null) = ("sampling_order"."confirmed_at" is null)),
	CONSTRAINT "sampling_order_window" CHECK ("sampling_order"."ends_at" is null or "sampling_order"."ends_at" > "sampling_order"."starts_at")
);
--> statement-breakpoint
CREATE TABLE "sampling_site" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"schedule_id" uuid,
	"order_id" uuid,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text,
	"place" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"opens_at" timestamp with time zone NOT NULL,
	"closes_at" timestamp with time zone,
	"purpose" "test_purpose" DEFAULT 'voluntary' NOT NULL,
	"pool_size" smallint DEFAULT 10 NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"fever_place" text NOT NULL,
	"population" integer,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "sampling_site_schedule_id_unique" UNIQUE("schedule_id"),
	CONSTRAINT "sampling_site_pool" CHECK ("sampling_site"."pool_size" in (1, 5, 10, 20)),
	CONSTRAINT "sampling_site_window" CHECK ("sampling_site"."closes_at" is null or "sampling_site"."closes_at" > "sampling_site"."opens_at")
);
--> statement-breakpoint
CREATE TABLE "sampling_station" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"site_id" uuid NOT NULL,
	"number" smallint NOT NULL,
	"state" "sampling_station_state" DEFAULT 'closed' NOT NULL,
	"priority" boolean DEFAULT false NOT NULL,
	"sampler_id" uuid,
	"changed_at" timestamp with time zone,
	"per_hour" real,
	"measured_at" timestamp with time zone,
	CONSTRAINT "sampling_station_site_id_number_unique" UNIQUE("site_id","number"),
	CONSTRAINT "sampling_station_number" CHECK ("sampling_station"."number" between 1 and 500)
);
--> statement-breakpoint
CREATE TABLE "test_registration" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"code" text NOT NULL,
	"source" "test_registration_source" NOT NULL,
	"appointment_id" uuid,
	"group_id" uuid,
	"purpose" "test_purpose" NOT NULL,
	"priority" "test_priority_reason",
	"day" date NOT NULL,
	"expected_at" timestamp with time zone NOT NULL,
	"state" "test_registration_state" DEFAULT 'registered' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"station_id" uuid,
	"arrived_at" timestamp with time zone,
	"sampled_at" timestamp with time zone,
	"led_away_at" timestamp with time zone,
	"registered_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "test_registration_appointment_id_unique" UNIQUE("appointment_id"),
	CONSTRAINT "test_registration_sampled" UNIQUE("id","patient_id","purpose")
);
--> statement-breakpoint
CREATE TABLE "tube" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"code" text NOT NULL,
	"size" smallint NOT NULL,
	"state" "tube_state" DEFAULT 'open' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"purpose" "test_purpose" NOT NULL,
	"retest" boolean DEFAULT false NOT NULL,
	"site_id" uuid NOT NULL,
	"station_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"opened_by" uuid NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"count" smallint DEFAULT 0 NOT NULL,
	"first_sampled_at" timestamp with time zone,
	"lab_due_at" timestamp with time zone,
	"result_due_at" timestamp with time zone,
	"sealed_at" timestamp with time zone,
	"sealed_by" uuid,
	"run_id" uuid,
	"picked_up_at" timestamp with time zone,
	"received_at" timestamp with time zone,
	"received_by" uuid,
	"testing_at" timestamp with time zone,
	"result_at" timestamp with time zone,
	"void_reason" text,
	"voided_at" timestamp with time zone,
	"voided_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "tube_code_unique" UNIQUE("code"),
	CONSTRAINT "tube_of_members" UNIQUE("id","size"),
	CONSTRAINT "tube_size" CHECK ("tube"."size" in (1, 5, 10, 20)),
	CONSTRAINT "tube_count" CHECK ("tube"."count" between 0 and "tube"."size"),
	CONSTRAINT "tube_retest_single" CHECK (not "tube"."retest" or "tube"."size" = 1),
	CONSTRAINT "tube_fever_single" CHECK ("tube"."purpose" <> 'fever' or "tube"."size" = 1),
	CONSTRAINT "tube_void_says_why" CHECK ("tube"."state" <> 'void' or "tube"."void_reason" is not null),
	CONSTRAINT "tube_sealed" CHECK (("tube"."sealed_at" is not null) or "tube"."state" in ('open', 'collecting', 'void'))
);
--> statement-breakpoint
CREATE TABLE "tube_batch" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"size" smallint NOT NULL,
	"first_serial" bigint NOT NULL,
	"last_serial" bigint NOT NULL,
	"delivered_on" date NOT NULL,
	CONSTRAINT "tube_batch_size" CHECK ("tube_batch"."size" in (1, 5, 10, 20)),
	CONSTRAINT "tube_batch_range" CHECK ("tube_batch"."last_serial" >= "tube_batch"."first_serial")
);
--> statement-breakpoint
CREATE TABLE "tube_member" (
	"tube_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"size" smallint NOT NULL,
	"position" smallint NOT NULL,
	"registration_id" uuid NOT NULL,
	"purpose" "test_purpose" NOT NULL,
	"recall_id" uuid,
	"recall_single" boolean,
	"station_id" uuid NOT NULL,
	"sampled_at" timestamp with time zone NOT NULL,
	"sampled_by" uuid NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "tube_member_tube_id_patient_id_pk" PRIMARY KEY("tube_id","patient_id"),
	CONSTRAINT "tube_member_tube_id_position_unique" UNIQUE("tube_id","position"),
	CONSTRAINT "tube_member_fits" CHECK ("tube_member"."position" between 1 and "tube_member"."size"),
	CONSTRAINT "tube_member_fever_single" CHECK ("tube_member"."purpose" <> 'fever' or "tube_member"."size" = 1),
	CONSTRAINT "tube_member_recall_single" CHECK ("tube_member"."recall_single" is not true or "tube_member"."size" = 1),
	CONSTRAINT "tube_member_recall_whole" CHECK (("tube_member"."recall_id" is null) = ("tube_member"."recall_single" is null))
);
--> statement-breakpoint
ALTER TABLE "courier_run" ADD CONSTRAINT "courier_run_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "courier_run" ADD CONSTRAINT "courier_run_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "courier_run" ADD CONSTRAINT "courier_run_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "courier_run" ADD CONSTRAINT "courier_run_courier_id_person_id_fk" FOREIGN KEY ("courier_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "courier_run" ADD CONSTRAINT "courier_run_received_by_person_id_fk" FOREIGN KEY ("received_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_result" ADD CONSTRAINT "lab_result_tube_id_tube_id_fk" FOREIGN KEY ("tube_id") REFERENCES "public"."tube"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_result" ADD CONSTRAINT "lab_result_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_result" ADD CONSTRAINT "lab_result_reported_by_person_id_fk" FOREIGN KEY ("reported_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_result" ADD CONSTRAINT "lab_result_replaces" FOREIGN KEY ("replaces_id") REFERENCES "public"."lab_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_result" ADD CONSTRAINT "person_result_registration_id_test_registration_id_fk" FOREIGN KEY ("registration_id") REFERENCES "public"."test_registration"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_result" ADD CONSTRAINT "person_result_lab_result_id_lab_result_id_fk" FOREIGN KEY ("lab_result_id") REFERENCES "public"."lab_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_result" ADD CONSTRAINT "person_result_released_by_person_id_fk" FOREIGN KEY ("released_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_result" ADD CONSTRAINT "person_result_member" FOREIGN KEY ("tube_id","patient_id") REFERENCES "public"."tube_member"("tube_id","patient_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_result" ADD CONSTRAINT "person_result_tube" FOREIGN KEY ("tube_id","size") REFERENCES "public"."tube"("id","size") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_tube_id_tube_id_fk" FOREIGN KEY ("tube_id") REFERENCES "public"."tube"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_registration_id_test_registration_id_fk" FOREIGN KEY ("registration_id") REFERENCES "public"."test_registration"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_task_owner_id_person_id_fk" FOREIGN KEY ("task_owner_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_told_by_person_id_fk" FOREIGN KEY ("told_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall" ADD CONSTRAINT "recall_retest_tube_id_tube_id_fk" FOREIGN KEY ("retest_tube_id") REFERENCES "public"."tube"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_duty" ADD CONSTRAINT "sampling_duty_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_duty" ADD CONSTRAINT "sampling_duty_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_duty" ADD CONSTRAINT "sampling_duty_station_id_sampling_station_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."sampling_station"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_duty" ADD CONSTRAINT "sampling_duty_assigned_by_person_id_fk" FOREIGN KEY ("assigned_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_group" ADD CONSTRAINT "sampling_group_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_group" ADD CONSTRAINT "sampling_group_segment_id_segment_id_fk" FOREIGN KEY ("segment_id") REFERENCES "public"."segment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_group" ADD CONSTRAINT "sampling_group_owner_person_id_person_id_fk" FOREIGN KEY ("owner_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_group_member" ADD CONSTRAINT "sampling_group_member_group_id_sampling_group_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."sampling_group"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_group_member" ADD CONSTRAINT "sampling_group_member_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_op" ADD CONSTRAINT "sampling_op_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_op" ADD CONSTRAINT "sampling_op_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_order" ADD CONSTRAINT "sampling_order_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_order" ADD CONSTRAINT "sampling_order_authorised_by_person_id_fk" FOREIGN KEY ("authorised_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_order" ADD CONSTRAINT "sampling_order_confirmed_by_person_id_fk" FOREIGN KEY ("confirmed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD CONSTRAINT "sampling_site_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD CONSTRAINT "sampling_site_schedule_id_clinic_schedule_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."clinic_schedule"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD CONSTRAINT "sampling_site_order_id_sampling_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."sampling_order"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_site" ADD CONSTRAINT "sampling_site_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_station" ADD CONSTRAINT "sampling_station_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sampling_station" ADD CONSTRAINT "sampling_station_sampler_id_person_id_fk" FOREIGN KEY ("sampler_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_appointment_id_appointment_id_fk" FOREIGN KEY ("appointment_id") REFERENCES "public"."appointment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_group_id_sampling_group_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."sampling_group"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_station_id_sampling_station_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."sampling_station"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_registration" ADD CONSTRAINT "test_registration_registered_by_person_id_fk" FOREIGN KEY ("registered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_station_id_sampling_station_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."sampling_station"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_opened_by_person_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_sealed_by_person_id_fk" FOREIGN KEY ("sealed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_run_id_courier_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."courier_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_received_by_person_id_fk" FOREIGN KEY ("received_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube" ADD CONSTRAINT "tube_voided_by_person_id_fk" FOREIGN KEY ("voided_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube_batch" ADD CONSTRAINT "tube_batch_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube_member" ADD CONSTRAINT "tube_member_sampled_by_person_id_fk" FOREIGN KEY ("sampled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube_member" ADD CONSTRAINT "tube_member_tube" FOREIGN KEY ("tube_id","size") REFERENCES "public"."tube"("id","size") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube_member" ADD CONSTRAINT "tube_member_registration" FOREIGN KEY ("registration_id","patient_id","purpose") REFERENCES "public"."test_registration"("id","patient_id","purpose") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tube_member" ADD CONSTRAINT "tube_member_recall" FOREIGN KEY ("recall_id","patient_id","recall_single") REFERENCES "public"."recall"("id","patient_id","single") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "courier_run_laboratory_id_state_index" ON "courier_run" USING btree ("laboratory_id","state");--> statement-breakpoint
CREATE INDEX "courier_run_institution_id_opened_at_index" ON "courier_run" USING btree ("institution_id","opened_at");--> statement-breakpoint
CREATE UNIQUE INDEX "lab_result_first" ON "lab_result" USING btree ("tube_id") WHERE "lab_result"."replaces_id" is null;--> statement-breakpoint
CREATE INDEX "lab_result_laboratory_id_reported_at_index" ON "lab_result" USING btree ("laboratory_id","reported_at");--> statement-breakpoint
CREATE UNIQUE INDEX "person_result_once" ON "person_result" USING btree ("tube_id","patient_id") WHERE "person_result"."withdrawn_at" is null;--> statement-breakpoint
CREATE INDEX "person_result_patient_id_sampled_at_index" ON "person_result" USING btree ("patient_id","sampled_at");--> statement-breakpoint
CREATE INDEX "person_result_lab_result_id_index" ON "person_result" USING btree ("lab_result_id");--> statement-breakpoint
CREATE UNIQUE INDEX "recall_once_per_tube" ON "recall" USING btree ("tube_id","patient_id") WHERE "recall"."tube_id" is not null and "recall"."state" <> 'withdrawn';--> statement-breakpoint
CREATE INDEX "recall_open" ON "recall" USING btree ("patient_id") WHERE "recall"."state" in ('issued', 'told');--> statement-breakpoint
CREATE INDEX "recall_institution_id_state_due_at_index" ON "recall" USING btree ("institution_id","state","due_at");--> statement-breakpoint
CREATE INDEX "recall_retest_tube_id_index" ON "recall" USING btree ("retest_tube_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sampling_duty_once" ON "sampling_duty" USING btree ("person_id") WHERE "sampling_duty"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sampling_duty_site_id_day_index" ON "sampling_duty" USING btree ("site_id","day");--> statement-breakpoint
CREATE INDEX "sampling_group_owner_phone_index_index" ON "sampling_group" USING btree ("owner_phone_index");--> statement-breakpoint
CREATE INDEX "sampling_group_site_id_day_index" ON "sampling_group" USING btree ("site_id","day");--> statement-breakpoint
CREATE INDEX "sampling_group_member_patient_id_index" ON "sampling_group_member" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "sampling_op_site_id_received_at_index" ON "sampling_op" USING btree ("site_id","received_at");--> statement-breakpoint
CREATE INDEX "sampling_op_conflict" ON "sampling_op" USING btree ("site_id") WHERE "sampling_op"."problem" is not null and "sampling_op"."settled_at" is null;--> statement-breakpoint
CREATE INDEX "sampling_site_institution_id_index" ON "sampling_site" USING btree ("institution_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sampling_station_sampler_once" ON "sampling_station" USING btree ("sampler_id") WHERE "sampling_station"."state" <> 'closed';--> statement-breakpoint
CREATE UNIQUE INDEX "test_registration_one_a_day" ON "test_registration" USING btree ("patient_id","day") WHERE "test_registration"."state" in ('registered', 'waiting');--> statement-breakpoint
CREATE UNIQUE INDEX "test_registration_code" ON "test_registration" USING btree ("site_id","day","code");--> statement-breakpoint
CREATE INDEX "test_registration_site_id_day_state_expected_at_index" ON "test_registration" USING btree ("site_id","day","state","expected_at");--> statement-breakpoint
CREATE INDEX "test_registration_patient_id_index" ON "test_registration" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "test_registration_group_id_index" ON "test_registration" USING btree ("group_id");--> statement-breakpoint
CREATE INDEX "tube_site_id_state_index" ON "tube" USING btree ("site_id","state");--> statement-breakpoint
CREATE INDEX "tube_laboratory_id_state_index" ON "tube" USING btree ("laboratory_id","state");--> statement-breakpoint
CREATE INDEX "tube_run_id_index" ON "tube" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "tube_station_id_opened_at_index" ON "tube" USING btree ("station_id","opened_at");--> statement-breakpoint
CREATE INDEX "tube_batch_institution_id_index" ON "tube_batch" USING btree ("institution_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tube_member_once" ON "tube_member" USING btree ("registration_id") WHERE "tube_member"."active";--> statement-breakpoint
CREATE INDEX "tube_member_patient_id_sampled_at_index" ON "tube_member" USING btree ("patient_id","sampled_at");--> statement-breakpoint
CREATE INDEX "tube_member_station_id_sampled_at_index" ON "tube_member" USING btree ("station_id","sampled_at");