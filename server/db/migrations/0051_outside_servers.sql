CREATE TYPE "public"."record_outside_sign_in" AS ENUM('none', 'credentials', 'signed-jwt');--> statement-breakpoint
CREATE TABLE "record_copy" (
	"outside_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"view" text NOT NULL,
	"content_cipher" text NOT NULL,
	"taken_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "record_copy_outside_id_patient_id_institution_id_pk" PRIMARY KEY("outside_id","patient_id","institution_id"),
	CONSTRAINT "record_copy_time" CHECK ("record_copy"."expires_at" > "record_copy"."taken_at")
);
--> statement-breakpoint
CREATE TABLE "record_key" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"key_id" text NOT NULL,
	"public_key" jsonb NOT NULL,
	"private_cipher" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "record_outside" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"name" text NOT NULL,
	"base" text NOT NULL,
	"private_network" boolean DEFAULT false NOT NULL,
	"sign_in" "record_outside_sign_in" NOT NULL,
	"token_url" text,
	"client_id" text,
	"secret_cipher" text,
	"scope" text,
	"types" text[],
	"has_everything" boolean,
	"software" text,
	"tested_at" timestamp with time zone,
	"test_fault" text,
	"cache_minutes" integer DEFAULT 0 NOT NULL,
	"paused_at" timestamp with time zone,
	"paused_by" uuid,
	"pause_reason" text,
	"answered_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"removed_at" timestamp with time zone,
	"created_by" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "record_outside_address" CHECK ("record_outside"."base" ~ '^https?://[^/]+(/.*[^/])?$'),
	CONSTRAINT "record_outside_cache" CHECK ("record_outside"."cache_minutes" between 0 and 1440),
	CONSTRAINT "record_outside_sign_in_whole" CHECK ("record_outside"."removed_at" is not null or case "record_outside"."sign_in"::text when 'none' then num_nonnulls("record_outside"."token_url", "record_outside"."client_id", "record_outside"."secret_cipher") = 0 when 'credentials' then num_nonnulls("record_outside"."token_url", "record_outside"."client_id", "record_outside"."secret_cipher") = 3 else num_nonnulls("record_outside"."token_url", "record_outside"."client_id") = 2 and "record_outside"."secret_cipher" is null end),
	CONSTRAINT "record_outside_pause" CHECK (("record_outside"."paused_at" is null) = ("record_outside"."pause_reason" is null) and ("record_outside"."pause_reason" is null or length(btrim("record_outside"."pause_reason")) >= 4))
);
--> statement-breakpoint
CREATE TABLE "record_outside_location" (
	"outside_id" uuid NOT NULL,
	"identifier_index" "bytea" NOT NULL,
	"local_id" text NOT NULL,
	"kinds" text[] DEFAULT '{}' NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "record_outside_location_outside_id_identifier_index_local_id_pk" PRIMARY KEY("outside_id","identifier_index","local_id")
);
--> statement-breakpoint
CREATE TABLE "record_source_fault" (
	"institution_id" uuid NOT NULL,
	"source" text NOT NULL,
	"day" date NOT NULL,
	"kind" text NOT NULL,
	"expression" text DEFAULT '' NOT NULL,
	"times" integer NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	CONSTRAINT "record_source_fault_source_day_kind_expression_pk" PRIMARY KEY("source","day","kind","expression"),
	CONSTRAINT "record_source_fault_times" CHECK ("record_source_fault"."times" > 0)
);
--> statement-breakpoint
ALTER TABLE "record_store" ADD COLUMN "pause_reason" text;--> statement-breakpoint
ALTER TABLE "record_copy" ADD CONSTRAINT "record_copy_outside_id_record_outside_id_fk" FOREIGN KEY ("outside_id") REFERENCES "public"."record_outside"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_copy" ADD CONSTRAINT "record_copy_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_copy" ADD CONSTRAINT "record_copy_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_key" ADD CONSTRAINT "record_key_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_outside" ADD CONSTRAINT "record_outside_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_outside" ADD CONSTRAINT "record_outside_paused_by_person_id_fk" FOREIGN KEY ("paused_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_outside" ADD CONSTRAINT "record_outside_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_outside_location" ADD CONSTRAINT "record_outside_location_outside_id_record_outside_id_fk" FOREIGN KEY ("outside_id") REFERENCES "public"."record_outside"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_source_fault" ADD CONSTRAINT "record_source_fault_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "record_copy_patient_id_index" ON "record_copy" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "record_copy_expires_at_index" ON "record_copy" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "record_outside_base" ON "record_outside" USING btree ("institution_id","base") WHERE "record_outside"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "record_outside_location_identifier_index_index" ON "record_outside_location" USING btree ("identifier_index");--> statement-breakpoint
CREATE INDEX "record_source_fault_institution_id_day_index" ON "record_source_fault" USING btree ("institution_id","day");