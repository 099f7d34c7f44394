CREATE TABLE "record_emergency" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"person_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "record_emergency_reason" CHECK (length(btrim("record_emergency"."reason")) >= 4)
);
--> statement-breakpoint
CREATE TABLE "record_index_state" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"scanned_to" timestamp with time zone NOT NULL,
	"indexed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "record_location" (
	"institution_id" uuid NOT NULL,
	"identifier_index" "bytea" NOT NULL,
	"local_id" text NOT NULL,
	"kinds" text[] DEFAULT '{}' NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "record_location_institution_id_identifier_index_local_id_pk" PRIMARY KEY("institution_id","identifier_index","local_id")
);
--> statement-breakpoint
CREATE TABLE "record_partner" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"token_url" text,
	"client_id" text,
	"secret_cipher" text,
	"scope" text,
	"private_network" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "record_partner_sign_in" CHECK (num_nonnulls("record_partner"."token_url", "record_partner"."client_id", "record_partner"."secret_cipher") in (0, 3))
);
--> statement-breakpoint
ALTER TABLE "record_emergency" ADD CONSTRAINT "record_emergency_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_emergency" ADD CONSTRAINT "record_emergency_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_emergency" ADD CONSTRAINT "record_emergency_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_index_state" ADD CONSTRAINT "record_index_state_institution_id_record_store_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."record_store"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_location" ADD CONSTRAINT "record_location_institution_id_record_store_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."record_store"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "record_partner" ADD CONSTRAINT "record_partner_institution_id_record_store_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."record_store"("institution_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "record_emergency_patient_id_index" ON "record_emergency" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "record_location_identifier_index_index" ON "record_location" USING btree ("identifier_index");