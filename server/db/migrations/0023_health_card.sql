CREATE TABLE "health_card" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"result_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"kid" text NOT NULL,
	"rid" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "health_card_once" UNIQUE("result_id","kid"),
	CONSTRAINT "health_card_rid" UNIQUE("kid","rid")
);
--> statement-breakpoint
ALTER TABLE "card_policy" ADD COLUMN "test_code" text DEFAULT '94500-6' NOT NULL;--> statement-breakpoint
ALTER TABLE "health_card" ADD CONSTRAINT "health_card_result_id_person_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "public"."person_result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "health_card" ADD CONSTRAINT "health_card_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "health_card" ADD CONSTRAINT "health_card_kid_card_key_kid_fk" FOREIGN KEY ("kid") REFERENCES "public"."card_key"("kid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "health_card_patient_id_index" ON "health_card" USING btree ("patient_id");