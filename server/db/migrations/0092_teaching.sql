CREATE TYPE "public"."teaching_audience_kind" AS ENUM('alliance', 'level', 'institution');--> statement-breakpoint
CREATE TYPE "public"."teaching_speaker_role" AS ENUM('presenter', 'co-host', 'panel', 'interpreter');--> statement-breakpoint
CREATE TYPE "public"."teaching_state" AS ENUM('draft', 'planned', 'live', 'ended', 'processing', 'published', 'cancelled');--> statement-breakpoint
CREATE TABLE "teaching_audience" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"kind" "teaching_audience_kind" NOT NULL,
	"alliance_id" uuid,
	"level" "institution_level",
	"institution_id" uuid,
	CONSTRAINT "teaching_audience_once" UNIQUE NULLS NOT DISTINCT("session_id","alliance_id","level","institution_id"),
	CONSTRAINT "teaching_audience_whom" CHECK (("teaching_audience"."kind" in ('alliance', 'level')) = ("teaching_audience"."alliance_id" is not null) and ("teaching_audience"."kind" = 'level') = ("teaching_audience"."level" is not null)
        and ("teaching_audience"."kind" = 'institution') = ("teaching_audience"."institution_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "teaching_series" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid,
	"owner_id" uuid NOT NULL,
	"title" text NOT NULL,
	"about" text,
	"points" numeric(4, 1) DEFAULT 0 NOT NULL,
	"minimum_sessions_percent" smallint DEFAULT 80 NOT NULL,
	"closed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_series_sane" CHECK (btrim("teaching_series"."title") <> '' and "teaching_series"."points" between 0 and 100 and "teaching_series"."minimum_sessions_percent" between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "teaching_session" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" "teaching_state" DEFAULT 'draft' NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid,
	"owner_id" uuid NOT NULL,
	"series_id" uuid,
	"title" text NOT NULL,
	"title_bo" text,
	"title_en" text,
	"topic" text,
	"languages" text[] NOT NULL,
	"starts_at" timestamp with time zone,
	"length_minutes" smallint,
	"points" numeric(4, 1) DEFAULT 0 NOT NULL,
	"minimum_presence_percent" smallint DEFAULT 80 NOT NULL,
	"minimum_quiz_percent" smallint DEFAULT 0 NOT NULL,
	"record" boolean DEFAULT true NOT NULL,
	"recording_words" text,
	"rehearsed_at" timestamp with time zone,
	"planned_at" timestamp with time zone,
	"live_at" timestamp with time zone,
	"interrupted_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"published_at" timestamp with time zone,
	"cancelled_at" timestamp with time zone,
	"cancel_reason" text,
	"withheld_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "teaching_session_number_unique" UNIQUE("number"),
	CONSTRAINT "teaching_session_sane" CHECK (btrim("teaching_session"."title") <> '' and cardinality("teaching_session"."languages") between 1 and 3 and "teaching_session"."points" between 0 and 100
        and "teaching_session"."minimum_presence_percent" between 0 and 100 and "teaching_session"."minimum_quiz_percent" between 0 and 100
        and coalesce("teaching_session"."length_minutes", 10) between 10 and 480),
	CONSTRAINT "teaching_session_planned" CHECK ("teaching_session"."state" in ('draft', 'cancelled') or ("teaching_session"."starts_at" is not null and "teaching_session"."length_minutes" is not null and "teaching_session"."planned_at" is not null)),
	CONSTRAINT "teaching_session_cancelled" CHECK (("teaching_session"."state" = 'cancelled') = ("teaching_session"."cancelled_at" is not null) and ("teaching_session"."cancelled_at" is null) = ("teaching_session"."cancel_reason" is null)),
	CONSTRAINT "teaching_session_live" CHECK ("teaching_session"."state" in ('draft', 'planned', 'cancelled') or "teaching_session"."live_at" is not null),
	CONSTRAINT "teaching_session_ended" CHECK (("teaching_session"."state" in ('ended', 'processing', 'published')) = ("teaching_session"."ended_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "teaching_speaker" (
	"session_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"role" "teaching_speaker_role" NOT NULL,
	"position" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "teaching_speaker_session_id_person_id_pk" PRIMARY KEY("session_id","person_id")
);
--> statement-breakpoint
ALTER TABLE "teaching_audience" ADD CONSTRAINT "teaching_audience_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_audience" ADD CONSTRAINT "teaching_audience_alliance_id_alliance_id_fk" FOREIGN KEY ("alliance_id") REFERENCES "public"."alliance"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_audience" ADD CONSTRAINT "teaching_audience_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_series" ADD CONSTRAINT "teaching_series_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_series" ADD CONSTRAINT "teaching_series_department_id_department_id_fk" FOREIGN KEY ("department_id") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_series" ADD CONSTRAINT "teaching_series_owner_id_person_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_session" ADD CONSTRAINT "teaching_session_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_session" ADD CONSTRAINT "teaching_session_department_id_department_id_fk" FOREIGN KEY ("department_id") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_session" ADD CONSTRAINT "teaching_session_owner_id_person_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_session" ADD CONSTRAINT "teaching_session_series_id_teaching_series_id_fk" FOREIGN KEY ("series_id") REFERENCES "public"."teaching_series"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_speaker" ADD CONSTRAINT "teaching_speaker_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_speaker" ADD CONSTRAINT "teaching_speaker_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_speaker" ADD CONSTRAINT "teaching_speaker_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "teaching_audience_institution_id_index" ON "teaching_audience" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "teaching_audience_alliance_id_index" ON "teaching_audience" USING btree ("alliance_id");--> statement-breakpoint
CREATE INDEX "teaching_series_institution_id_index" ON "teaching_series" USING btree ("institution_id");--> statement-breakpoint
CREATE INDEX "teaching_session_institution_id_starts_at_index" ON "teaching_session" USING btree ("institution_id","starts_at");--> statement-breakpoint
CREATE INDEX "teaching_session_starts_at_index" ON "teaching_session" USING btree ("starts_at");--> statement-breakpoint
CREATE INDEX "teaching_session_series_id_index" ON "teaching_session" USING btree ("series_id");--> statement-breakpoint
CREATE INDEX "teaching_session_owner_id_index" ON "teaching_session" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "teaching_speaker_person_id_index" ON "teaching_speaker" USING btree ("person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_speaker_one_presenter" ON "teaching_speaker" USING btree ("session_id") WHERE "teaching_speaker"."role" = 'presenter';