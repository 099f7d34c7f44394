CREATE TYPE "public"."lab_finding_state" AS ENUM('waiting', 'entered', 'confirmed', 'released', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."lab_plate_state" AS ENUM('open', 'released');--> statement-breakpoint
CREATE TYPE "public"."recall_outcome" AS ENUM('reached', 'not-reached', 'left-with-helper', 'visit');--> statement-breakpoint
CREATE TYPE "public"."lab_reception_problem" AS ENUM('missing', 'extra', 'broken-seal', 'leaking', 'unreadable', 'late');--> statement-breakpoint
CREATE TABLE "lab_finding" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"plate_id" uuid NOT NULL,
	"tube_id" uuid NOT NULL,
	"state" "lab_finding_state" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"result" "lab_result_kind",
	"method" text,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tested_at" timestamp with time zone,
	"entered_by" uuid NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	"second_by" uuid,
	"second_at" timestamp with time zone,
	"source" "lab_result_source" NOT NULL,
	"source_ref" text,
	"reason" text,
	"replaces_id" uuid,
	"lab_result_id" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "lab_finding_lab_result_id_unique" UNIQUE("lab_result_id"),
	CONSTRAINT "lab_finding_read" CHECK ("lab_finding"."state" in ('waiting', 'withdrawn') or ("lab_finding"."result" is not null and "lab_finding"."method" is not null and "lab_finding"."tested_at" is not null)),
	CONSTRAINT "lab_finding_two_persons" CHECK (("lab_finding"."second_by" is null) = ("lab_finding"."second_at" is null) and ("lab_finding"."second_by" is null or "lab_finding"."second_by" <> "lab_finding"."entered_by")),
	CONSTRAINT "lab_finding_released" CHECK (("lab_finding"."state" = 'released') = ("lab_finding"."lab_result_id" is not null)),
	CONSTRAINT "lab_finding_says_why" CHECK ("lab_finding"."reason" is not null or ("lab_finding"."replaces_id" is null and "lab_finding"."result" is distinct from 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "lab_import" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"sha256" "bytea" NOT NULL,
	"file_name" text NOT NULL,
	"encoding" text NOT NULL,
	"plate_id" uuid,
	"rows" integer NOT NULL,
	"taken" integer NOT NULL,
	"unchanged" integer NOT NULL,
	"refused" jsonb NOT NULL,
	"taken_by" uuid NOT NULL,
	"taken_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "lab_import_once" UNIQUE("laboratory_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "lab_plate" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"code" text NOT NULL,
	"state" "lab_plate_state" DEFAULT 'open' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"source" "lab_result_source" NOT NULL,
	"opened_by" uuid NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"released_by" uuid,
	"released_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "lab_plate_laboratory_id_code_unique" UNIQUE("laboratory_id","code"),
	CONSTRAINT "lab_plate_of_laboratory" UNIQUE("id","laboratory_id"),
	CONSTRAINT "lab_plate_released" CHECK (("lab_plate"."state" = 'released') = ("lab_plate"."released_at" is not null) and ("lab_plate"."released_at" is null) = ("lab_plate"."released_by" is null))
);
--> statement-breakpoint
CREATE TABLE "lab_policy" (
	"valid_from" date PRIMARY KEY NOT NULL,
	"disease_code" text,
	"critical_purposes" "test_purpose"[] NOT NULL,
	"source" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recall_call" (
	"recall_id" uuid PRIMARY KEY NOT NULL,
	"contact_name" text,
	"contact_relation" "contact_relation",
	"contact_phone_cipher" text,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"last_at" timestamp with time zone,
	"last_outcome" "recall_outcome",
	"last_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "recall_call_tried" CHECK (("recall_call"."attempts" = 0) = ("recall_call"."last_at" is null) and ("recall_call"."last_at" is null) = ("recall_call"."last_outcome" is null))
);
--> statement-breakpoint
CREATE TABLE "lab_reception_note" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"run_id" uuid,
	"tube_id" uuid,
	"code" text NOT NULL,
	"problem" "lab_reception_problem" NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by" uuid NOT NULL,
	"settled_at" timestamp with time zone,
	"settled_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "lab_reception_note_settled" CHECK (("lab_reception_note"."settled_at" is null) = ("lab_reception_note"."settled_by" is null))
);
--> statement-breakpoint
ALTER TABLE "lab_finding" ADD CONSTRAINT "lab_finding_tube_id_tube_id_fk" FOREIGN KEY ("tube_id") REFERENCES "public"."tube"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_finding" ADD CONSTRAINT "lab_finding_entered_by_person_id_fk" FOREIGN KEY ("entered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_finding" ADD CONSTRAINT "lab_finding_second_by_person_id_fk" FOREIGN KEY ("second_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_finding" ADD CONSTRAINT "lab_finding_replaces_id_lab_result_id_fk" FOREIGN KEY ("replaces_id") REFERENCES "public"."lab_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_finding" ADD CONSTRAINT "lab_finding_lab_result_id_lab_result_id_fk" FOREIGN KEY ("lab_result_id") REFERENCES "public"."lab_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_finding" ADD CONSTRAINT "lab_finding_plate" FOREIGN KEY ("plate_id","laboratory_id") REFERENCES "public"."lab_plate"("id","laboratory_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_import" ADD CONSTRAINT "lab_import_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_import" ADD CONSTRAINT "lab_import_plate_id_lab_plate_id_fk" FOREIGN KEY ("plate_id") REFERENCES "public"."lab_plate"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_import" ADD CONSTRAINT "lab_import_taken_by_person_id_fk" FOREIGN KEY ("taken_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_plate" ADD CONSTRAINT "lab_plate_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_plate" ADD CONSTRAINT "lab_plate_opened_by_person_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_plate" ADD CONSTRAINT "lab_plate_released_by_person_id_fk" FOREIGN KEY ("released_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall_call" ADD CONSTRAINT "recall_call_recall_id_recall_id_fk" FOREIGN KEY ("recall_id") REFERENCES "public"."recall"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recall_call" ADD CONSTRAINT "recall_call_last_by_person_id_fk" FOREIGN KEY ("last_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD CONSTRAINT "lab_reception_note_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD CONSTRAINT "lab_reception_note_run_id_courier_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."courier_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD CONSTRAINT "lab_reception_note_tube_id_tube_id_fk" FOREIGN KEY ("tube_id") REFERENCES "public"."tube"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD CONSTRAINT "lab_reception_note_by_person_id_fk" FOREIGN KEY ("by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD CONSTRAINT "lab_reception_note_settled_by_person_id_fk" FOREIGN KEY ("settled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "lab_finding_plate_id_index" ON "lab_finding" USING btree ("plate_id");--> statement-breakpoint
CREATE UNIQUE INDEX "lab_finding_open_once" ON "lab_finding" USING btree ("tube_id") WHERE "lab_finding"."state" in ('waiting', 'entered', 'confirmed');--> statement-breakpoint
CREATE UNIQUE INDEX "lab_finding_report_once" ON "lab_finding" USING btree ("laboratory_id","source_ref") WHERE "lab_finding"."source" = 'fhir' and "lab_finding"."replaces_id" is null and "lab_finding"."state" <> 'withdrawn';--> statement-breakpoint
CREATE INDEX "lab_plate_laboratory_id_state_opened_at_index" ON "lab_plate" USING btree ("laboratory_id","state","opened_at");--> statement-breakpoint
CREATE INDEX "lab_reception_note_laboratory_id_at_index" ON "lab_reception_note" USING btree ("laboratory_id","at");--> statement-breakpoint
CREATE INDEX "lab_reception_note_run_id_index" ON "lab_reception_note" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "lab_reception_note_once" ON "lab_reception_note" USING btree ("tube_id","problem");