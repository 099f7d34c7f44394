CREATE TABLE "teaching_still" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id" uuid NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"thin_bytes" integer NOT NULL,
	"sha256" "bytea" NOT NULL,
	"taken_by" uuid NOT NULL,
	"looked_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"removed_at" timestamp with time zone,
	"removed_by" uuid,
	CONSTRAINT "teaching_still_sane" CHECK ("teaching_still"."width" > 0 and "teaching_still"."height" > 0 and "teaching_still"."thin_bytes" between 1 and 40000
        and ("teaching_still"."removed_at" is null) = ("teaching_still"."removed_by" is null))
);
--> statement-breakpoint
ALTER TABLE "teaching_still" ADD CONSTRAINT "teaching_still_session_id_teaching_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."teaching_session"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_still" ADD CONSTRAINT "teaching_still_taken_by_person_id_fk" FOREIGN KEY ("taken_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teaching_still" ADD CONSTRAINT "teaching_still_removed_by_person_id_fk" FOREIGN KEY ("removed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "teaching_still_session_id_index" ON "teaching_still" USING btree ("session_id");