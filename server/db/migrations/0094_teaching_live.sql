CREATE TYPE "public"."teaching_carrier" AS ENUM('webrtc', 'hls');--> statement-breakpoint
CREATE TYPE "public"."teaching_choice" AS ENUM('single', 'multiple');--> statement-breakpoint
CREATE TYPE "public"."teaching_device_kind" AS ENUM('person', 'site');--> statement-breakpoint
CREATE TYPE "public"."teaching_entry_kind" AS ENUM('went-live', 'interrupted', 'resumed', 'ended', 'slide', 'still', 'case-item', 'stroke', 'erase', 'clear', 'chat', 'chat-removed', 'pin', 'unpin', 'hand-raised', 'hand-lowered', 'stage-joined', 'stage-left', 'poll-opened', 'poll-closed', 'poll-results', 'handover', 'caption', 'notice');--> statement-breakpoint
CREATE TYPE "public"."teaching_language" AS ENUM('zh-CN', 'bo', 'en');--> statement-breakpoint
CREATE TYPE "public"."teaching_stage_role" AS ENUM('presenter', 'co-host', 'panel', 'interpreter', 'guest');--> statement-breakpoint
CREATE TYPE "public"."teaching_way" AS ENUM('full', 'slides-and-sound', 'sound-only');--> statement-breakpoint
CREATE TABLE "teaching_answer" (
	"poll_id" uuid NOT NULL,
	"voter" text NOT NULL,
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"chosen" smallint[] NOT NULL,
	"hands" smallint[],
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "teaching_answer_poll_id_voter_pk" PRIMARY KEY("poll_id","voter")
);
--> statement-breakpoint
CREATE TABLE "teaching_attendance" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"person_id" uuid,
	"institution_id" uuid NOT NULL,
	"name" text,
	"seconds" integer NOT NULL,
	"share" real NOT NULL,
	"quiz_score" real,
	"counted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "teaching_attendance_sane" CHECK (("teaching_attendance"."person_id" is null) = ("teaching_attendance"."name" is not null) and "teaching_attendance"."seconds" > 0 and "teaching_attendance"."share" between 0 and 1
        and coalesce("teaching_attendance"."quiz_score", 0) between 0 and 1)
);
--> statement-breakpoint
CREATE TABLE "teaching_device" (
	"session_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"kind" "teaching_device_kind" NOT NULL,
	"way" "teaching_way" NOT NULL,
	"carrier" "teaching_carrier" NOT NULL,
	"sub" text NOT NULL,
	"name" text NOT NULL,
	"org" text NOT NULL,
	"entered_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "teaching_device_session_id_device_id_pk" PRIMARY KEY("session_id","device_id")
);
--> statement-breakpoint
CREATE TABLE "teaching_entry" (
	"session_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" "teaching_entry_kind" NOT NULL,
	"author_id" uuid,
	"author_name" text,
	"author_org" text,
	"data" jsonb NOT NULL,
	"client_id" uuid,
	"stage_only" boolean DEFAULT false NOT NULL,
	"rehearsal" boolean DEFAULT false NOT NULL,
	CONSTRAINT "teaching_entry_session_id_seq_pk" PRIMARY KEY("session_id","seq"),
	CONSTRAINT "teaching_entry_once" UNIQUE("session_id","author_id","client_id")
);
--> statement-breakpoint
CREATE TABLE "teaching_hand" (
	"session_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"person_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"language" "teaching_language" NOT NULL,
	"raised_at" timestamp with time zone NOT NULL,
	"lowered_at" timestamp with time zone,
	CONSTRAINT "teaching_hand_session_id_seq_pk" PRIMARY KEY("session_id","seq")
);
--> statement-breakpoint
CREATE TABLE "teaching_live" (
	"session_id" uuid PRIMARY KEY NOT NULL,
	"run" integer DEFAULT 1 NOT NULL,
	"last_seq" integer DEFAULT 0 NOT NULL,
	"rehearsal" boolean DEFAULT false NOT NULL,
	"lead_person_id" uuid,
	"chat_rate" double precision DEFAULT 0 NOT NULL,
	"chat_rate_at" timestamp with time zone,
	"slow_seconds" smallint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "teaching_live_policy" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"hls_above" integer NOT NULL,
	"stage_most" smallint NOT NULL,
	"lead_lost_seconds" smallint NOT NULL,
	"chat_seconds" smallint NOT NULL,
	"slow_mode" boolean NOT NULL,
	"correct_hours" smallint NOT NULL,
	"set_by" uuid,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "teaching_live_policy_sane" CHECK ("teaching_live_policy"."hls_above" between 0 and 100000 and "teaching_live_policy"."stage_most" between 2 and 12 and "teaching_live_policy"."lead_lost_seconds" between 5 and 300
        and "teaching_live_policy"."chat_seconds" between 0 and 60 and "teaching_live_policy"."correct_hours" between 0 and 336)
);
--> statement-breakpoint
CREATE TABLE "teaching_poll" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"question" text NOT NULL,
	"options" text[] NOT NULL,
	"choice" "teaching_choice" NOT NULL,
	"right_options" smallint[],
	"position" smallint DEFAULT 0 NOT NULL,
	"created_by" uuid NOT NULL,
	"opened_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"shown_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_poll_sane" CHECK (btrim("teaching_poll"."question") <> '' and cardinality("teaching_poll"."options") between 2 and 10
        and ("teaching_poll"."closed_at" is null or "teaching_poll"."opened_at" is not null) and ("teaching_poll"."shown_at" is null or "teaching_poll"."closed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "teaching_presence" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"kind" "teaching_device_kind" NOT NULL,
	"way" "teaching_way" NOT NULL,
	"carrier" "teaching_carrier" NOT NULL,
	"peer_id" text,
	"opened_by" text,
	"from_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"until_at" timestamp with time zone,
	CONSTRAINT "teaching_presence_opened_by_unique" UNIQUE("opened_by"),
	CONSTRAINT "teaching_presence_order" CHECK ("teaching_presence"."seen_at" >= "teaching_presence"."from_at" and ("teaching_presence"."until_at" is null or "teaching_presence"."until_at" >= "teaching_presence"."from_at"))
);
--> statement-breakpoint
CREATE TABLE "teaching_site_person" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"person_id" uuid,
	"name" text NOT NULL,
	"ticked_by" uuid NOT NULL,
	"ticked_at" timestamp with time zone NOT NULL,
	"removed_by" uuid,
	"removed_at" timestamp with time zone,
	CONSTRAINT "teaching_site_named" CHECK (btrim("teaching_site_person"."name") <> ''),
	CONSTRAINT "teaching_site_removed" CHECK (("teaching_site_person"."removed_at" is null) = ("teaching_site_person"."removed_by" is null))
);
--> statement-breakpoint
CREATE TABLE "teaching_stage" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"role" "teaching_stage_role" NOT NULL,
	"sub" text NOT NULL,
	"pub" text[] NOT NULL,
	"brought_by" uuid,
	"joined_at" timestamp with time zone NOT NULL,
	"left_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "teaching_answer" ADD CONSTRAINT "teaching_answer_poll_id_teaching_poll_id_fk" FOREIGN KEY ("poll_id") REFERENCES "public"."teaching_poll"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_answer" ADD CONSTRAINT "teaching_answer_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_answer" ADD CONSTRAINT "teaching_answer_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_attendance" ADD CONSTRAINT "teaching_attendance_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_attendance" ADD CONSTRAINT "teaching_attendance_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_attendance" ADD CONSTRAINT "teaching_attendance_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_device" ADD CONSTRAINT "teaching_device_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_device" ADD CONSTRAINT "teaching_device_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_device" ADD CONSTRAINT "teaching_device_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_entry" ADD CONSTRAINT "teaching_entry_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_entry" ADD CONSTRAINT "teaching_entry_author_id_person_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_hand" ADD CONSTRAINT "teaching_hand_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_hand" ADD CONSTRAINT "teaching_hand_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_live" ADD CONSTRAINT "teaching_live_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_live" ADD CONSTRAINT "teaching_live_lead_person_id_person_id_fk" FOREIGN KEY ("lead_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_live_policy" ADD CONSTRAINT "teaching_live_policy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_live_policy" ADD CONSTRAINT "teaching_live_policy_set_by_person_id_fk" FOREIGN KEY ("set_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_poll" ADD CONSTRAINT "teaching_poll_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_poll" ADD CONSTRAINT "teaching_poll_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_presence" ADD CONSTRAINT "teaching_presence_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_presence" ADD CONSTRAINT "teaching_presence_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_presence" ADD CONSTRAINT "teaching_presence_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_site_person" ADD CONSTRAINT "teaching_site_person_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_site_person" ADD CONSTRAINT "teaching_site_person_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_site_person" ADD CONSTRAINT "teaching_site_person_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_site_person" ADD CONSTRAINT "teaching_site_person_ticked_by_person_id_fk" FOREIGN KEY ("ticked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_site_person" ADD CONSTRAINT "teaching_site_person_removed_by_person_id_fk" FOREIGN KEY ("removed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_stage" ADD CONSTRAINT "teaching_stage_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_stage" ADD CONSTRAINT "teaching_stage_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_stage" ADD CONSTRAINT "teaching_stage_brought_by_person_id_fk" FOREIGN KEY ("brought_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_stage" ADD CONSTRAINT "teaching_stage_device" FOREIGN KEY ("session_id","device_id") REFERENCES "public"."teaching_device"("session_id","device_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_attendance_person" ON "teaching_attendance" USING btree ("session_id","person_id") WHERE "teaching_attendance"."person_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_attendance_name" ON "teaching_attendance" USING btree ("session_id","institution_id","name") WHERE "teaching_attendance"."person_id" is null;--> statement-breakpoint
CREATE INDEX "teaching_attendance_person_id_index" ON "teaching_attendance" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "teaching_device_session_id_person_id_index" ON "teaching_device" USING btree ("session_id","person_id");--> statement-breakpoint
CREATE INDEX "teaching_entry_kind_of" ON "teaching_entry" USING btree ("session_id","kind","seq");--> statement-breakpoint
CREATE INDEX "teaching_entry_author" ON "teaching_entry" USING btree ("session_id","author_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_hand_once" ON "teaching_hand" USING btree ("session_id","person_id") WHERE "teaching_hand"."lowered_at" is null;--> statement-breakpoint
CREATE INDEX "teaching_poll_session_id_index" ON "teaching_poll" USING btree ("session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_poll_one_open" ON "teaching_poll" USING btree ("session_id") WHERE "teaching_poll"."opened_at" is not null and "teaching_poll"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "teaching_presence_session_id_device_id_index" ON "teaching_presence" USING btree ("session_id","device_id");--> statement-breakpoint
CREATE INDEX "teaching_presence_open" ON "teaching_presence" USING btree ("peer_id") WHERE "teaching_presence"."until_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_site_person_once" ON "teaching_site_person" USING btree ("session_id","person_id") WHERE "teaching_site_person"."person_id" is not null and "teaching_site_person"."removed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_site_name_once" ON "teaching_site_person" USING btree ("session_id","institution_id","name") WHERE "teaching_site_person"."person_id" is null and "teaching_site_person"."removed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "teaching_stage_once" ON "teaching_stage" USING btree ("session_id","person_id") WHERE "teaching_stage"."left_at" is null;