CREATE TYPE "public"."transfer_kind" AS ENUM('emergency', 'infectious');--> statement-breakpoint
CREATE TYPE "public"."transfer_state" AS ENUM('requested', 'vehicle-assigned', 'picked-up', 'in-transit', 'arrived', 'handed-over', 'disinfected', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."vehicle_kind" AS ENUM('ordinary', 'negative-pressure');--> statement-breakpoint
CREATE TABLE "transfer" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"referral_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"from_institution_id" uuid NOT NULL,
	"to_institution_id" uuid NOT NULL,
	"kind" "transfer_kind" NOT NULL,
	"state" "transfer_state" DEFAULT 'requested' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"fever_visit_id" uuid,
	"vehicle_plate" text,
	"vehicle_kind" "vehicle_kind",
	"escort_name_cipher" text,
	"escort_phone_cipher" text,
	"token_hash" "bytea",
	"requested_by" uuid NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"departed_at" timestamp with time zone,
	"expected_at" timestamp with time zone,
	"arrived_at" timestamp with time zone,
	"handed_over_at" timestamp with time zone,
	"receiver_name" text,
	"handed_over_by" uuid,
	"condition_on_arrival" text,
	"vitals_on_arrival" jsonb,
	"disinfected_at" timestamp with time zone,
	"disinfected_by" uuid,
	"disinfection" text,
	"cancel_reason" text,
	"isolation_hold_id" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_once" UNIQUE("referral_id"),
	CONSTRAINT "transfer_token_hash_unique" UNIQUE("token_hash"),
	CONSTRAINT "transfer_vehicle" CHECK ("transfer"."state" in ('requested', 'cancelled') or ("transfer"."vehicle_plate" is not null and "transfer"."vehicle_kind" is not null
        and "transfer"."escort_name_cipher" is not null and "transfer"."escort_phone_cipher" is not null)),
	CONSTRAINT "transfer_negative_pressure" CHECK ("transfer"."kind" <> 'infectious' or "transfer"."vehicle_kind" is null or "transfer"."vehicle_kind" = 'negative-pressure'),
	CONSTRAINT "transfer_signed" CHECK (("transfer"."state" in ('handed-over', 'disinfected')) = ("transfer"."handed_over_at" is not null) and ("transfer"."handed_over_at" is null
        or ("transfer"."receiver_name" is not null and "transfer"."handed_over_by" is not null and "transfer"."vitals_on_arrival" is not null))),
	CONSTRAINT "transfer_disinfected" CHECK (("transfer"."state" = 'disinfected') = ("transfer"."disinfected_at" is not null) and ("transfer"."disinfected_at" is null
        or ("transfer"."disinfected_by" is not null and coalesce(btrim("transfer"."disinfection"), '') <> ''))),
	CONSTRAINT "transfer_link_ends" CHECK ("transfer"."token_hash" is null or "transfer"."state" in ('vehicle-assigned', 'picked-up', 'in-transit', 'arrived'))
);
--> statement-breakpoint
CREATE TABLE "transfer_call" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"transfer_id" uuid NOT NULL,
	"by_person_id" uuid NOT NULL,
	"by_institution_id" uuid NOT NULL,
	"with_name" text NOT NULL,
	"said" text NOT NULL,
	"read_back" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "transfer_packet" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"transfer_id" uuid NOT NULL,
	"proof_hash" "bytea" NOT NULL,
	"made_by" uuid NOT NULL,
	"made_at" timestamp with time zone NOT NULL,
	"opened_at" timestamp with time zone,
	"opened" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "transfer_packet_proof" UNIQUE("proof_hash")
);
--> statement-breakpoint
CREATE TABLE "transfer_position" (
	"transfer_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"accuracy_metres" double precision,
	CONSTRAINT "transfer_position_transfer_id_at_pk" PRIMARY KEY("transfer_id","at"),
	CONSTRAINT "transfer_position_on_earth" CHECK ("transfer_position"."latitude" between -90 and 90 and "transfer_position"."longitude" between -180 and 180)
);
--> statement-breakpoint
CREATE TABLE "transfer_ready" (
	"transfer_id" uuid NOT NULL,
	"code" text NOT NULL,
	"ticked_by" uuid NOT NULL,
	"ticked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "transfer_ready_transfer_id_code_pk" PRIMARY KEY("transfer_id","code")
);
--> statement-breakpoint
CREATE TABLE "transfer_ready_list" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"items" jsonb NOT NULL,
	"updated_by" uuid NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "transfer_step" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"transfer_id" uuid NOT NULL,
	"action" text NOT NULL,
	"from_state" "transfer_state",
	"to_state" "transfer_state" NOT NULL,
	"by_person_id" uuid,
	"by_institution_id" uuid,
	"by_name" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL,
	"told_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_referral_id_referral_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referral"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_from_institution_id_institution_id_fk" FOREIGN KEY ("from_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_to_institution_id_institution_id_fk" FOREIGN KEY ("to_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_fever_visit_id_fever_visit_id_fk" FOREIGN KEY ("fever_visit_id") REFERENCES "public"."fever_visit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_requested_by_person_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_handed_over_by_person_id_fk" FOREIGN KEY ("handed_over_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer" ADD CONSTRAINT "transfer_disinfected_by_person_id_fk" FOREIGN KEY ("disinfected_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_call" ADD CONSTRAINT "transfer_call_transfer_id_transfer_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."transfer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_call" ADD CONSTRAINT "transfer_call_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_call" ADD CONSTRAINT "transfer_call_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_packet" ADD CONSTRAINT "transfer_packet_transfer_id_transfer_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."transfer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_packet" ADD CONSTRAINT "transfer_packet_made_by_person_id_fk" FOREIGN KEY ("made_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_position" ADD CONSTRAINT "transfer_position_transfer_id_transfer_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."transfer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_ready" ADD CONSTRAINT "transfer_ready_transfer_id_transfer_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."transfer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_ready" ADD CONSTRAINT "transfer_ready_ticked_by_person_id_fk" FOREIGN KEY ("ticked_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_ready_list" ADD CONSTRAINT "transfer_ready_list_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_ready_list" ADD CONSTRAINT "transfer_ready_list_updated_by_person_id_fk" FOREIGN KEY ("updated_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_step" ADD CONSTRAINT "transfer_step_transfer_id_transfer_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "public"."transfer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_step" ADD CONSTRAINT "transfer_step_by_person_id_person_id_fk" FOREIGN KEY ("by_person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfer_step" ADD CONSTRAINT "transfer_step_by_institution_id_institution_id_fk" FOREIGN KEY ("by_institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "transfer_from_institution_id_state_index" ON "transfer" USING btree ("from_institution_id","state");--> statement-breakpoint
CREATE INDEX "transfer_to_institution_id_state_index" ON "transfer" USING btree ("to_institution_id","state");--> statement-breakpoint
CREATE INDEX "transfer_patient_id_index" ON "transfer" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "transfer_call_transfer_id_index" ON "transfer_call" USING btree ("transfer_id");--> statement-breakpoint
CREATE INDEX "transfer_packet_transfer_id_index" ON "transfer_packet" USING btree ("transfer_id");--> statement-breakpoint
CREATE INDEX "transfer_step_transfer_id_index" ON "transfer_step" USING btree ("transfer_id");