CREATE TABLE "referral_outside" (
	"referral_id" uuid PRIMARY KEY NOT NULL,
	"our_institution_id" uuid NOT NULL,
	"house_id" uuid NOT NULL,
	"side" text NOT NULL,
	"outside_id" uuid,
	"attempt" smallint DEFAULT 1 NOT NULL,
	"their_system" text,
	"their_number" text,
	"their_task" text,
	"agreed_state" "referral_state",
	"their_state" "referral_state",
	"consent" jsonb,
	"requester_name" text,
	"sent_at" timestamp with time zone,
	"read_at" timestamp with time zone,
	"tried_at" timestamp with time zone,
	"next_at" timestamp with time zone,
	"fault" text,
	"failed_count" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp with time zone,
	"silence_told_at" timestamp with time zone,
	"contradiction" "referral_state",
	"contradicted_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "referral_outside_side" CHECK ("referral_outside"."side" in ('from', 'to')),
	CONSTRAINT "referral_outside_houses" CHECK ("referral_outside"."house_id" <> "referral_outside"."our_institution_id"),
	CONSTRAINT "referral_outside_number_whole" CHECK (num_nonnulls("referral_outside"."their_system", "referral_outside"."their_number") in (0, 2) and ("referral_outside"."side" = 'to' or "referral_outside"."their_number" is not null)),
	CONSTRAINT "referral_outside_contradiction" CHECK (("referral_outside"."contradiction" is null) = ("referral_outside"."contradicted_at" is null))
);
--> statement-breakpoint
ALTER TABLE "record_outside" ADD COLUMN "refers_to_institution_id" uuid;--> statement-breakpoint
ALTER TABLE "referral_outside" ADD CONSTRAINT "referral_outside_referral_id_referral_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referral"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_outside" ADD CONSTRAINT "referral_outside_our_institution_id_institution_id_fk" FOREIGN KEY ("our_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_outside" ADD CONSTRAINT "referral_outside_house_id_institution_id_fk" FOREIGN KEY ("house_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_outside" ADD CONSTRAINT "referral_outside_outside_id_record_outside_id_fk" FOREIGN KEY ("outside_id") REFERENCES "public"."record_outside"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "referral_outside_number" ON "referral_outside" USING btree ("house_id","our_institution_id","their_system","their_number") WHERE "referral_outside"."their_number" is not null;--> statement-breakpoint
CREATE INDEX "referral_outside_house_id_index" ON "referral_outside" USING btree ("house_id");--> statement-breakpoint
CREATE INDEX "referral_outside_our_institution_id_index" ON "referral_outside" USING btree ("our_institution_id");--> statement-breakpoint
ALTER TABLE "record_outside" ADD CONSTRAINT "record_outside_refers_to_institution_id_institution_id_fk" FOREIGN KEY ("refers_to_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "record_outside_house" ON "record_outside" USING btree ("institution_id","refers_to_institution_id") WHERE "record_outside"."removed_at" is null and "record_outside"."refers_to_institution_id" is not null;--> statement-breakpoint
ALTER TABLE "record_outside" ADD CONSTRAINT "record_outside_refers" CHECK ("record_outside"."refers_to_institution_id" <> "record_outside"."institution_id");