ALTER TYPE "public"."call_kind" ADD VALUE 'table-moved';--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'result-corrected';--> statement-breakpoint
CREATE TABLE "locality" (
	"code" text PRIMARY KEY NOT NULL,
	"area_zh" text NOT NULL,
	"area_en" text NOT NULL,
	"area_bo" text,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"name_bo" text,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL
);
--> statement-breakpoint
ALTER TABLE "card_policy" ADD COLUMN "entered_by" uuid;--> statement-breakpoint
ALTER TABLE "card_policy" ADD COLUMN "entered_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "card_policy" ADD COLUMN "checked_by" uuid;--> statement-breakpoint
ALTER TABLE "card_policy" ADD COLUMN "checked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "lab_policy" ADD COLUMN "late_accept_hours" smallint DEFAULT 24;--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD COLUMN "accepted" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "card_policy" ADD CONSTRAINT "card_policy_entered_by_person_id_fk" FOREIGN KEY ("entered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "card_policy" ADD CONSTRAINT "card_policy_checked_by_person_id_fk" FOREIGN KEY ("checked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "card_policy" ADD CONSTRAINT "card_policy_entered" CHECK (("card_policy"."entered_by" is null) = ("card_policy"."entered_at" is null));--> statement-breakpoint
ALTER TABLE "card_policy" ADD CONSTRAINT "card_policy_checked" CHECK (("card_policy"."checked_by" is null) = ("card_policy"."checked_at" is null));--> statement-breakpoint
ALTER TABLE "lab_reception_note" ADD CONSTRAINT "lab_reception_note_accepted" CHECK (not "lab_reception_note"."accepted" or ("lab_reception_note"."problem" = 'late' and length(btrim("lab_reception_note"."note")) >= 4));