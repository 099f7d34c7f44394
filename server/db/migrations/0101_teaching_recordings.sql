CREATE TYPE "public"."teaching_recording_state" AS ENUM('recording', 'processing', 'ready', 'failed', 'deleted');--> statement-breakpoint
CREATE TYPE "public"."teaching_recording_variant" AS ENUM('full', 'sound');--> statement-breakpoint
CREATE TYPE "public"."teaching_track_kind" AS ENUM('audio', 'video');--> statement-breakpoint
CREATE TABLE "teaching_recording" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"state" "teaching_recording_state" DEFAULT 'recording' NOT NULL,
	"sealed_key" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"stop_ordered_at" timestamp with time zone,
	"media_from" timestamp with time zone,
	"media_until" timestamp with time zone,
	"ready_at" timestamp with time zone,
	"failed_reason" text,
	"sha256" "bytea",
	"keep_until" timestamp with time zone NOT NULL,
	"legal_hold_at" timestamp with time zone,
	"legal_hold_reason" text,
	"withheld_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	"deleted_by" uuid,
	"deleted_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_recording_deleted" CHECK (("teaching_recording"."state" = 'deleted') = ("teaching_recording"."deleted_at" is not null) and ("teaching_recording"."deleted_at" is null) = ("teaching_recording"."deleted_reason" is null)),
	CONSTRAINT "teaching_recording_held" CHECK (("teaching_recording"."legal_hold_at" is null) = ("teaching_recording"."legal_hold_reason" is null) and not ("teaching_recording"."state" = 'deleted' and "teaching_recording"."legal_hold_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "teaching_recording_file" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"recording_id" uuid NOT NULL,
	"variant" "teaching_recording_variant" NOT NULL,
	"size_bytes" bigint NOT NULL,
	"duration_ms" integer NOT NULL,
	"sha256" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teaching_recording_file_recording_id_variant_unique" UNIQUE("recording_id","variant")
);
--> statement-breakpoint
CREATE TABLE "teaching_recording_segment" (
	"track_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"number" integer NOT NULL,
	"start_ms" bigint NOT NULL,
	"duration_ms" integer NOT NULL,
	"part_ms" bigint NOT NULL,
	"head_bytes" integer NOT NULL,
	"key_ms" bigint,
	"size_bytes" integer NOT NULL,
	"sha256" "bytea" NOT NULL,
	CONSTRAINT "teaching_recording_segment_track_id_part_number_pk" PRIMARY KEY("track_id","part","number")
);
--> statement-breakpoint
CREATE TABLE "teaching_recording_track" (
	"id" uuid PRIMARY KEY NOT NULL,
	"recording_id" uuid NOT NULL,
	"peer_id" text NOT NULL,
	"peer_sub" text NOT NULL,
	"role" text NOT NULL,
	"source" text NOT NULL,
	"kind" "teaching_track_kind" NOT NULL,
	"codec" text NOT NULL,
	"gaps" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "teaching_recording" ADD CONSTRAINT "teaching_recording_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_recording" ADD CONSTRAINT "teaching_recording_deleted_by_person_id_fk" FOREIGN KEY ("deleted_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_recording_file" ADD CONSTRAINT "teaching_recording_file_recording_id_teaching_recording_id_fk" FOREIGN KEY ("recording_id") REFERENCES "public"."teaching_recording"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_recording_segment" ADD CONSTRAINT "teaching_recording_segment_track_id_teaching_recording_track_id_fk" FOREIGN KEY ("track_id") REFERENCES "public"."teaching_recording_track"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_recording_track" ADD CONSTRAINT "teaching_recording_track_recording_id_teaching_recording_id_fk" FOREIGN KEY ("recording_id") REFERENCES "public"."teaching_recording"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "teaching_recording_session_id_index" ON "teaching_recording" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "teaching_recording_kept" ON "teaching_recording" USING btree ("keep_until") WHERE "teaching_recording"."state" <> 'deleted';--> statement-breakpoint
CREATE INDEX "teaching_recording_track_recording_id_index" ON "teaching_recording_track" USING btree ("recording_id");