CREATE TABLE "record_change" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"institution_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"entity_id" text NOT NULL,
	CONSTRAINT "record_change_kind" CHECK ("record_change"."kind" in ('directory', 'patient', 'consult', 'schedule', 'appointment', 'clinic-day', 'fever-visit'))
);
--> statement-breakpoint
CREATE TABLE "record_projection" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"walk_kind" text,
	"walk_after" text DEFAULT '' NOT NULL,
	"walked_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "record_projection" ADD CONSTRAINT "record_projection_institution_id_record_store_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."record_store"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "record_change_institution_id_id_index" ON "record_change" USING btree ("institution_id","id");