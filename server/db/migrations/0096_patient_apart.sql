CREATE TABLE "patient_apart" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"one_id" uuid NOT NULL,
	"other_id" uuid NOT NULL,
	"facts" text DEFAULT '' NOT NULL,
	"reason" text NOT NULL,
	"said_by" uuid NOT NULL,
	"said_by_name" text NOT NULL,
	"said_at_institution_id" uuid NOT NULL,
	"said_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" uuid,
	"withdrawn_by_name" text,
	"withdrawn_at_institution_id" uuid,
	"withdrawal_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "patient_apart_two" CHECK ("patient_apart"."one_id" < "patient_apart"."other_id"),
	CONSTRAINT "patient_apart_withdrawn" CHECK (num_nonnulls("patient_apart"."withdrawn_at", "patient_apart"."withdrawn_by", "patient_apart"."withdrawn_by_name", "patient_apart"."withdrawn_at_institution_id", "patient_apart"."withdrawal_reason") in (0, 5))
);
--> statement-breakpoint
ALTER TABLE "patient_apart" ADD CONSTRAINT "patient_apart_one_id_patient_id_fk" FOREIGN KEY ("one_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_apart" ADD CONSTRAINT "patient_apart_other_id_patient_id_fk" FOREIGN KEY ("other_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_apart" ADD CONSTRAINT "patient_apart_said_at_institution_id_institution_id_fk" FOREIGN KEY ("said_at_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_apart" ADD CONSTRAINT "patient_apart_withdrawn_at_institution_id_institution_id_fk" FOREIGN KEY ("withdrawn_at_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "patient_apart_once" ON "patient_apart" USING btree ("one_id","other_id") WHERE "patient_apart"."withdrawn_at" is null;--> statement-breakpoint
CREATE INDEX "patient_apart_other_id_index" ON "patient_apart" USING btree ("other_id");