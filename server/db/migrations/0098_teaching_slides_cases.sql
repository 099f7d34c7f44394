CREATE TYPE "public"."teaching_case_item_kind" AS ENUM('text', 'warnings', 'problems', 'medicines', 'results', 'image');--> statement-breakpoint
CREATE TYPE "public"."teaching_case_state" AS ENUM('draft', 'review-asked', 'returned', 'ready', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."teaching_deck_refusal" AS ENUM('content', 'encrypted', 'broken', 'pages', 'heavy', 'slow', 'empty');--> statement-breakpoint
CREATE TYPE "public"."teaching_deck_state" AS ENUM('uploading', 'rendering', 'ready', 'refused');--> statement-breakpoint
CREATE TABLE "teaching_case" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" "teaching_case_state" DEFAULT 'draft' NOT NULL,
	"title" text NOT NULL,
	"who" text NOT NULL,
	"place" text NOT NULL,
	"needs_review" boolean NOT NULL,
	"review_reasons" text[] NOT NULL,
	"made_by" uuid NOT NULL,
	"confirmed_at" timestamp with time zone,
	"reviewed_by" uuid,
	"reviewed_at" timestamp with time zone,
	"review_note" text,
	"withdrawn_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "teaching_case_two_persons" CHECK ("teaching_case"."reviewed_by" is distinct from "teaching_case"."made_by"),
	CONSTRAINT "teaching_case_reviewed" CHECK (("teaching_case"."reviewed_by" is null) = ("teaching_case"."reviewed_at" is null)
        and ("teaching_case"."state" <> 'ready' or ("teaching_case"."confirmed_at" is not null and (not "teaching_case"."needs_review" or "teaching_case"."reviewed_by" is not null)))
        and ("teaching_case"."state" = 'withdrawn') = ("teaching_case"."withdrawn_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "teaching_case_item" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"case_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"kind" "teaching_case_item_kind" NOT NULL,
	"title" text NOT NULL,
	"lines" jsonb NOT NULL,
	"sha256" "bytea",
	"width" integer,
	"height" integer,
	CONSTRAINT "teaching_case_item_place" UNIQUE("case_id","position"),
	CONSTRAINT "teaching_case_item_image" CHECK (("teaching_case_item"."kind" = 'image') = ("teaching_case_item"."sha256" is not null))
);
--> statement-breakpoint
CREATE TABLE "teaching_case_source" (
	"case_id" uuid PRIMARY KEY NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"day_zero" date NOT NULL,
	"struck_cipher" text NOT NULL,
	"taken_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "teaching_catchment" (
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"inhabitants" integer NOT NULL,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL,
	CONSTRAINT "teaching_catchment_institution_id_valid_from_pk" PRIMARY KEY("institution_id","valid_from"),
	CONSTRAINT "teaching_catchment_sane" CHECK ("teaching_catchment"."inhabitants" > 0)
);
--> statement-breakpoint
CREATE TABLE "teaching_consent" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"given" boolean NOT NULL,
	"replay" boolean NOT NULL,
	"method" "consent_method" NOT NULL,
	"language" text NOT NULL,
	"text_version" text NOT NULL,
	"signer_name" text NOT NULL,
	"signer_relation" text NOT NULL,
	"signature" jsonb,
	"witness_name" text,
	"reason" text,
	"present" text NOT NULL,
	"without_observers" boolean NOT NULL,
	"recorded_by" uuid NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" uuid,
	"withdraw_reason" text,
	CONSTRAINT "teaching_consent_evidence" CHECK ("teaching_consent"."method" <> 'emergency' and (not "teaching_consent"."given" or case "teaching_consent"."method" when 'signature' then "teaching_consent"."signature" is not null
        when 'fingerprint' then "teaching_consent"."witness_name" is not null and "teaching_consent"."reason" is not null else true end)),
	CONSTRAINT "teaching_consent_private" CHECK ("teaching_consent"."without_observers" and btrim("teaching_consent"."present") <> '')
);
--> statement-breakpoint
CREATE TABLE "teaching_frequency" (
	"code_prefix" text NOT NULL,
	"valid_from" date NOT NULL,
	"per_100k" double precision NOT NULL,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL,
	CONSTRAINT "teaching_frequency_code_prefix_valid_from_pk" PRIMARY KEY("code_prefix","valid_from"),
	CONSTRAINT "teaching_frequency_sane" CHECK ("teaching_frequency"."per_100k" >= 0)
);
--> statement-breakpoint
CREATE TABLE "teaching_policy" (
	"institution_id" uuid NOT NULL,
	"valid_from" date NOT NULL,
	"retention_years" smallint NOT NULL,
	"small_cell_least" smallint NOT NULL,
	"source" text NOT NULL,
	"entered_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_policy_dated" PRIMARY KEY("institution_id","valid_from"),
	CONSTRAINT "teaching_policy_sane" CHECK ("teaching_policy"."retention_years" between 3 and 30 and "teaching_policy"."small_cell_least" between 3 and 1000 and btrim("teaching_policy"."source") <> '')
);
--> statement-breakpoint
CREATE TABLE "teaching_certificate" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"code" text NOT NULL,
	"session_id" uuid,
	"series_id" uuid,
	"person_id" uuid,
	"institution_id" uuid NOT NULL,
	"name" text NOT NULL,
	"points" numeric(4, 1) NOT NULL,
	"presence_percent" smallint NOT NULL,
	"quiz_percent" smallint,
	"issuer_institution_id" uuid NOT NULL,
	"issued_by" uuid,
	"issued_at" timestamp with time zone NOT NULL,
	"jws" text NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_by" uuid,
	"revoke_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_certificate_code_unique" UNIQUE("code"),
	CONSTRAINT "teaching_certificate_jws" UNIQUE("jws"),
	CONSTRAINT "teaching_certificate_of" CHECK (("teaching_certificate"."session_id" is null) <> ("teaching_certificate"."series_id" is null) and "teaching_certificate"."points" > 0),
	CONSTRAINT "teaching_certificate_revoked" CHECK (("teaching_certificate"."revoked_at" is null) = ("teaching_certificate"."revoke_reason" is null) and ("teaching_certificate"."revoked_at" is null) = ("teaching_certificate"."revoked_by" is null))
);
--> statement-breakpoint
CREATE TABLE "teaching_deck" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"name" text NOT NULL,
	"state" "teaching_deck_state" DEFAULT 'uploading' NOT NULL,
	"refusal" "teaching_deck_refusal",
	"size_bytes" bigint NOT NULL,
	"received_bytes" bigint DEFAULT 0 NOT NULL,
	"sha256" "bytea",
	"pages" smallint,
	"pages_done" smallint DEFAULT 0 NOT NULL,
	"uploaded_by" uuid NOT NULL,
	"ready_at" timestamp with time zone,
	"removed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_deck_state" CHECK (("teaching_deck"."state" = 'refused') = ("teaching_deck"."refusal" is not null) and ("teaching_deck"."state" = 'ready') = ("teaching_deck"."ready_at" is not null)
        and ("teaching_deck"."state" <> 'ready' or "teaching_deck"."pages_done" = "teaching_deck"."pages") and coalesce("teaching_deck"."pages", 1) between 1 and 300)
);
--> statement-breakpoint
CREATE TABLE "teaching_slide" (
	"deck_id" uuid NOT NULL,
	"page" smallint NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"title" text,
	"text" text NOT NULL,
	"full_bytes" integer NOT NULL,
	"thin_bytes" integer NOT NULL,
	"sha256" "bytea" NOT NULL,
	CONSTRAINT "teaching_slide_deck_id_page_pk" PRIMARY KEY("deck_id","page"),
	CONSTRAINT "teaching_slide_page" CHECK ("teaching_slide"."page" between 1 and 300)
);
--> statement-breakpoint
ALTER TABLE "teaching_case" ADD CONSTRAINT "teaching_case_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_case" ADD CONSTRAINT "teaching_case_made_by_person_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_case" ADD CONSTRAINT "teaching_case_reviewed_by_person_id_fk" FOREIGN KEY ("reviewed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_case_item" ADD CONSTRAINT "teaching_case_item_case_id_teaching_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "public"."teaching_case"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_case_source" ADD CONSTRAINT "teaching_case_source_case_id_teaching_case_id_fk" FOREIGN KEY ("case_id") REFERENCES "public"."teaching_case"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_case_source" ADD CONSTRAINT "teaching_case_source_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_case_source" ADD CONSTRAINT "teaching_case_source_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_catchment" ADD CONSTRAINT "teaching_catchment_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_consent" ADD CONSTRAINT "teaching_consent_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_consent" ADD CONSTRAINT "teaching_consent_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_consent" ADD CONSTRAINT "teaching_consent_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_consent" ADD CONSTRAINT "teaching_consent_recorded_by_person_id_fk" FOREIGN KEY ("recorded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_consent" ADD CONSTRAINT "teaching_consent_withdrawn_by_person_id_fk" FOREIGN KEY ("withdrawn_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_policy" ADD CONSTRAINT "teaching_policy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_policy" ADD CONSTRAINT "teaching_policy_entered_by_person_id_fk" FOREIGN KEY ("entered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_series_id_teaching_series_id_fk" FOREIGN KEY ("series_id") REFERENCES "public"."teaching_series"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_issuer_institution_id_institution_id_fk" FOREIGN KEY ("issuer_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_issued_by_person_id_fk" FOREIGN KEY ("issued_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_certificate" ADD CONSTRAINT "teaching_certificate_revoked_by_person_id_fk" FOREIGN KEY ("revoked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_deck" ADD CONSTRAINT "teaching_deck_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_deck" ADD CONSTRAINT "teaching_deck_uploaded_by_person_id_fk" FOREIGN KEY ("uploaded_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_slide" ADD CONSTRAINT "teaching_slide_deck_id_teaching_deck_id_fk" FOREIGN KEY ("deck_id") REFERENCES "public"."teaching_deck"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "teaching_case_session_id_index" ON "teaching_case" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "teaching_case_source_patient_id_index" ON "teaching_case_source" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "teaching_consent_patient_id_index" ON "teaching_consent" USING btree ("patient_id");--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_consent_stands" ON "teaching_consent" USING btree ("session_id","patient_id") WHERE "teaching_consent"."withdrawn_at" is null;--> statement-breakpoint
CREATE INDEX "teaching_certificate_person_id_index" ON "teaching_certificate" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "teaching_certificate_institution_id_index" ON "teaching_certificate" USING btree ("institution_id");--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_certificate_once" ON "teaching_certificate" USING btree ("session_id","series_id","institution_id","person_id","name") WHERE "teaching_certificate"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "teaching_deck_session_id_index" ON "teaching_deck" USING btree ("session_id");