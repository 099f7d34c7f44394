ALTER TYPE "public"."sms_state" ADD VALUE 'unconfirmed';--> statement-breakpoint
ALTER TABLE "referral_consent" DROP CONSTRAINT "referral_consent_evidence";--> statement-breakpoint
ALTER TABLE "transfer_ready_list" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "transfer_ready_list" DROP CONSTRAINT "transfer_ready_list_pkey";--> statement-breakpoint
ALTER TABLE "transfer_ready_list" ADD CONSTRAINT "transfer_ready_list_institution_id_version_pk" PRIMARY KEY("institution_id","version");--> statement-breakpoint
ALTER TABLE "referral_outside" ADD COLUMN "replaces" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "referral_outside" ADD COLUMN "told_appointment_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "referral_consent" ADD CONSTRAINT "referral_consent_evidence" CHECK (not "referral_consent"."given" or ("referral_consent"."text_version" like 'outside:%' and "referral_consent"."recorded_by" is null) or case "referral_consent"."method" when 'signature' then "referral_consent"."signature" is not null when 'fingerprint' then "referral_consent"."witness_name" is not null and "referral_consent"."reason" is not null when 'emergency' then "referral_consent"."reason" is not null else "referral_consent"."recorded_by" is null end);--> statement-breakpoint
ALTER TABLE "transfer_ready_list" ADD CONSTRAINT "transfer_ready_list_version" CHECK ("transfer_ready_list"."version" >= 1);