ALTER TABLE "teaching_recording_file" DROP CONSTRAINT "teaching_recording_file_recording_id_variant_unique";--> statement-breakpoint
ALTER TABLE "teaching_recording_file" ADD COLUMN "channel" text;--> statement-breakpoint
ALTER TABLE "teaching_recording_track" ADD COLUMN "channel" text;--> statement-breakpoint
ALTER TABLE "teaching_recording_file" ADD CONSTRAINT "teaching_recording_file_version" UNIQUE NULLS NOT DISTINCT("recording_id","variant","channel");