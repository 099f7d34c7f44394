CREATE TYPE "public"."record_store_kind" AS ENUM('hosted', 'remote');--> statement-breakpoint
CREATE TABLE "record_store" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"kind" "record_store_kind" NOT NULL,
	"location" text NOT NULL,
	"paused_at" timestamp with time zone,
	"paused_by" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "record_store" ADD CONSTRAINT "record_store_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_store" ADD CONSTRAINT "record_store_paused_by_person_id_fk" FOREIGN KEY ("paused_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;