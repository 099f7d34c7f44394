CREATE TYPE "public"."smart_client_kind" AS ENUM('system', 'public-app', 'confidential-app');--> statement-breakpoint
CREATE TABLE "smart_code" (
	"code_hash" "bytea" PRIMARY KEY NOT NULL,
	"grant_id" uuid NOT NULL,
	"redirect_uri" text NOT NULL,
	"challenge" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "smart_grant" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"client_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"person_id" uuid,
	"institution_id" uuid,
	"phone_index" "bytea",
	"patient_id" uuid,
	"tenant" uuid NOT NULL,
	"audience" text NOT NULL,
	"subjects" text[] NOT NULL,
	"scopes" text[] NOT NULL,
	"offline" boolean NOT NULL,
	"refreshes" boolean NOT NULL,
	"granted_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"activated_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "smart_refresh" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"grant_id" uuid NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "smart_client" ADD COLUMN "kind" "smart_client_kind" DEFAULT 'system' NOT NULL;--> statement-breakpoint
ALTER TABLE "smart_client" ADD COLUMN "redirect_uris" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "smart_code" ADD CONSTRAINT "smart_code_grant_id_smart_grant_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."smart_grant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_grant" ADD CONSTRAINT "smart_grant_client_id_smart_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."smart_client"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_grant" ADD CONSTRAINT "smart_grant_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_grant" ADD CONSTRAINT "smart_grant_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_grant" ADD CONSTRAINT "smart_grant_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_grant" ADD CONSTRAINT "smart_grant_tenant_institution_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_refresh" ADD CONSTRAINT "smart_refresh_grant_id_smart_grant_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."smart_grant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "smart_code_grant_id_index" ON "smart_code" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "smart_grant_person_id_index" ON "smart_grant" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "smart_grant_phone_index_index" ON "smart_grant" USING btree ("phone_index");--> statement-breakpoint
CREATE INDEX "smart_grant_session_id_index" ON "smart_grant" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "smart_grant_client_id_index" ON "smart_grant" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "smart_refresh_grant_id_index" ON "smart_refresh" USING btree ("grant_id");