ALTER TABLE "phone_code" ADD COLUMN "window_started_at" timestamp with time zone NOT NULL;--> statement-breakpoint
ALTER TABLE "session" ADD COLUMN "locked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "staff_account" ADD COLUMN "totp_pending_cipher" text;