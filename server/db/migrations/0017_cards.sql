CREATE TYPE "public"."paper_code_reason" AS ENUM('under-18', '60-and-over', 'disabled', 'override');--> statement-breakpoint
CREATE TYPE "public"."paper_revocation" AS ENUM('reissued', 'lost', 'withdrawn', 'mistake');--> statement-breakpoint
CREATE TABLE "card_key" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_cipher" text NOT NULL,
	"active_from" timestamp with time zone NOT NULL,
	"retired_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "card_policy" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"valid_from" date NOT NULL,
	"validity_hours" integer NOT NULL,
	"paper_code_days" integer NOT NULL,
	"source" text NOT NULL,
	"recalled" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "card_policy_valid_from_unique" UNIQUE("valid_from"),
	CONSTRAINT "card_policy_validity" CHECK ("card_policy"."validity_hours" in (24, 48, 72)),
	CONSTRAINT "card_policy_paper" CHECK ("card_policy"."paper_code_days" between 1 and 366)
);
--> statement-breakpoint
CREATE TABLE "card_revocation" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kid" text NOT NULL,
	"rid" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "card_revocation_rid" UNIQUE("kid","rid")
);
--> statement-breakpoint
CREATE TABLE "paper_code" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid,
	"issued_by" uuid,
	"number_hash" "bytea" NOT NULL,
	"text_cipher" text NOT NULL,
	"kid" text NOT NULL,
	"rid" text NOT NULL,
	"reason" "paper_code_reason" NOT NULL,
	"override_reason" text,
	"issued_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"revoked_reason" "paper_revocation",
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "paper_code_number_hash_unique" UNIQUE("number_hash"),
	CONSTRAINT "paper_code_override" CHECK (("paper_code"."reason" = 'override') = ("paper_code"."override_reason" is not null) and ("paper_code"."reason" <> 'override' or "paper_code"."issued_by" is not null)),
	CONSTRAINT "paper_code_staff" CHECK (("paper_code"."issued_by" is null) = ("paper_code"."institution_id" is null)),
	CONSTRAINT "paper_code_lasts" CHECK ("paper_code"."expires_at" > "paper_code"."issued_at"),
	CONSTRAINT "paper_code_revoked" CHECK (("paper_code"."revoked_at" is null) = ("paper_code"."revoked_reason" is null))
);
--> statement-breakpoint
ALTER TABLE "card_revocation" ADD CONSTRAINT "card_revocation_kid_card_key_kid_fk" FOREIGN KEY ("kid") REFERENCES "public"."card_key"("kid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_code" ADD CONSTRAINT "paper_code_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_code" ADD CONSTRAINT "paper_code_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_code" ADD CONSTRAINT "paper_code_issued_by_person_id_fk" FOREIGN KEY ("issued_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_code" ADD CONSTRAINT "paper_code_kid_card_key_kid_fk" FOREIGN KEY ("kid") REFERENCES "public"."card_key"("kid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "paper_code_one_valid" ON "paper_code" USING btree ("patient_id") WHERE "paper_code"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "paper_code_patient_id_index" ON "paper_code" USING btree ("patient_id");