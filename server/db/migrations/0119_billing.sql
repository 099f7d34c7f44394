CREATE TYPE "public"."billed_encounter" AS ENUM('appointment', 'consult', 'fever-visit', 'video-visit');--> statement-breakpoint
CREATE TYPE "public"."coverage_scheme" AS ENUM('self-pay', 'employee', 'resident');--> statement-breakpoint
CREATE TYPE "public"."difference_kind" AS ENUM('only-here', 'only-there', 'amount');--> statement-breakpoint
CREATE TYPE "public"."invoice_state" AS ENUM('issued', 'balanced', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."ledger_account" AS ENUM('provider', 'patients', 'insurance', 'income-consultation', 'income-medicine', 'income-test', 'income-service', 'refunds');--> statement-breakpoint
CREATE TYPE "public"."ledger_entry_kind" AS ENUM('invoice-issued', 'invoice-cancelled', 'payment-received', 'surplus-received', 'refund-agreed', 'refund-paid', 'refund-failed');--> statement-breakpoint
CREATE TYPE "public"."payment_state" AS ENUM('created', 'pending', 'succeeded', 'failed', 'expired');--> statement-breakpoint
CREATE TYPE "public"."price_category" AS ENUM('consultation', 'medicine', 'test', 'service');--> statement-breakpoint
CREATE TYPE "public"."price_state" AS ENUM('proposed', 'approved', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."refund_reason" AS ENUM('not-rendered', 'wrong-item', 'medicine-returned', 'goodwill', 'surplus');--> statement-breakpoint
CREATE TYPE "public"."refund_state" AS ENUM('requested', 'sent', 'succeeded', 'failed');--> statement-breakpoint
CREATE TABLE "invoice" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" text NOT NULL,
	"institution_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"encounter_kind" "billed_encounter" NOT NULL,
	"encounter_id" uuid NOT NULL,
	"state" "invoice_state" DEFAULT 'issued' NOT NULL,
	"scheme" "coverage_scheme" NOT NULL,
	"total_fen" bigint NOT NULL,
	"insurance_fen" bigint NOT NULL,
	"own_fen" bigint NOT NULL,
	"pay_later" boolean DEFAULT false NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"issued_by" uuid,
	"issued_at" timestamp with time zone NOT NULL,
	"balanced_at" timestamp with time zone,
	"payment_id" uuid,
	"cancelled_by" uuid,
	"cancelled_at" timestamp with time zone,
	"cancel_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "invoice_number_unique" UNIQUE("number"),
	CONSTRAINT "invoice_parts" CHECK ("invoice"."total_fen" = "invoice"."insurance_fen" + "invoice"."own_fen" and "invoice"."insurance_fen" >= 0 and "invoice"."own_fen" >= 0 and "invoice"."total_fen" <= 100000000),
	CONSTRAINT "invoice_balanced" CHECK (("invoice"."state" = 'balanced') = ("invoice"."balanced_at" is not null) and ("invoice"."state" <> 'balanced' or "invoice"."own_fen" = 0 or "invoice"."payment_id" is not null)),
	CONSTRAINT "invoice_cancelled" CHECK (("invoice"."state" = 'cancelled') = ("invoice"."cancelled_at" is not null) and ("invoice"."state" <> 'cancelled' or btrim(coalesce("invoice"."cancel_reason", '')) <> ''))
);
--> statement-breakpoint
CREATE TABLE "invoice_line" (
	"invoice_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"price_id" uuid NOT NULL,
	"code" text NOT NULL,
	"category" "price_category" NOT NULL,
	"name" jsonb NOT NULL,
	"unit_fen" bigint NOT NULL,
	"quantity" double precision NOT NULL,
	"insured" boolean NOT NULL,
	"total_fen" bigint NOT NULL,
	"insurance_fen" bigint NOT NULL,
	"own_fen" bigint NOT NULL,
	CONSTRAINT "invoice_line_invoice_id_position_pk" PRIMARY KEY("invoice_id","position"),
	CONSTRAINT "invoice_line_parts" CHECK ("invoice_line"."total_fen" = "invoice_line"."insurance_fen" + "invoice_line"."own_fen" and "invoice_line"."insurance_fen" >= 0 and "invoice_line"."own_fen" >= 0 and "invoice_line"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "ledger_entry" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"institution_id" uuid NOT NULL,
	"kind" "ledger_entry_kind" NOT NULL,
	"source_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "ledger_entry_once" UNIQUE("kind","source_id")
);
--> statement-breakpoint
CREATE TABLE "ledger_line" (
	"entry_id" bigint NOT NULL,
	"account" "ledger_account" NOT NULL,
	"fen" bigint NOT NULL,
	CONSTRAINT "ledger_line_entry_id_account_pk" PRIMARY KEY("entry_id","account"),
	CONSTRAINT "ledger_line_moves" CHECK ("ledger_line"."fen" <> 0)
);
--> statement-breakpoint
CREATE TABLE "patient_coverage" (
	"patient_id" uuid PRIMARY KEY NOT NULL,
	"scheme" "coverage_scheme" NOT NULL,
	"seen_by" uuid,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"invoice_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"amount_fen" bigint NOT NULL,
	"state" "payment_state" DEFAULT 'created' NOT NULL,
	"reference" text,
	"pay_url" text,
	"expires_at" timestamp with time zone NOT NULL,
	"paid_at" timestamp with time zone,
	"surplus" boolean DEFAULT false NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "payment_amount" CHECK ("payment"."amount_fen" > 0),
	CONSTRAINT "payment_paid" CHECK (("payment"."state" = 'succeeded') = ("payment"."paid_at" is not null) and (not "payment"."surplus" or "payment"."state" = 'succeeded'))
);
--> statement-breakpoint
CREATE TABLE "payment_event" (
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"payment_id" uuid,
	"refund_id" uuid,
	"applied" boolean NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_event_provider_event_id_pk" PRIMARY KEY("provider","event_id")
);
--> statement-breakpoint
CREATE TABLE "price" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"code" text NOT NULL,
	"category" "price_category" NOT NULL,
	"name" jsonb NOT NULL,
	"unit_fen" bigint NOT NULL,
	"insured" boolean NOT NULL,
	"valid_from" date NOT NULL,
	"valid_until" date,
	"state" "price_state" DEFAULT 'proposed' NOT NULL,
	"proposed_by" uuid,
	"approved_by" uuid,
	"approved_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "price_sane" CHECK ("price"."unit_fen" between 0 and 100000000),
	CONSTRAINT "price_days" CHECK ("price"."valid_until" is null or "price"."valid_until" > "price"."valid_from"),
	CONSTRAINT "price_two_people" CHECK ("price"."state" <> 'approved' or ("price"."approved_at" is not null and "price"."approved_by" is distinct from "price"."proposed_by"))
);
--> statement-breakpoint
CREATE TABLE "reconciliation" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"provider" text NOT NULL,
	"day" date NOT NULL,
	"ours" integer NOT NULL,
	"theirs" integer NOT NULL,
	"ours_fen" bigint NOT NULL,
	"theirs_fen" bigint NOT NULL,
	"compared_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reconciliation_once" UNIQUE("provider","day")
);
--> statement-breakpoint
CREATE TABLE "reconciliation_difference" (
	"reconciliation_id" uuid NOT NULL,
	"movement_id" text NOT NULL,
	"institution_id" uuid,
	"kind" "difference_kind" NOT NULL,
	"ours_fen" bigint,
	"theirs_fen" bigint,
	"cleared_by" uuid,
	"cleared_at" timestamp with time zone,
	"cleared_note" text,
	CONSTRAINT "reconciliation_difference_reconciliation_id_movement_id_kind_pk" PRIMARY KEY("reconciliation_id","movement_id","kind")
);
--> statement-breakpoint
CREATE TABLE "refund" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"payment_id" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"amount_fen" bigint NOT NULL,
	"reason" "refund_reason" NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"state" "refund_state" DEFAULT 'requested' NOT NULL,
	"requested_by" uuid,
	"requested_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"updated_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "refund_amount" CHECK ("refund"."amount_fen" > 0),
	CONSTRAINT "refund_ended" CHECK (("refund"."state" in ('succeeded', 'failed')) = ("refund"."ended_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "sandbox_message" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"url" text NOT NULL,
	"body" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"heard_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sandbox_order" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reference" text NOT NULL,
	"amount_fen" bigint NOT NULL,
	"subject" text NOT NULL,
	"notify_url" text NOT NULL,
	"return_url" text NOT NULL,
	"state" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"day" date,
	CONSTRAINT "sandbox_order_reference_unique" UNIQUE("reference")
);
--> statement-breakpoint
CREATE TABLE "sandbox_refund" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"amount_fen" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"day" date NOT NULL
);
--> statement-breakpoint
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_issued_by_person_id_fk" FOREIGN KEY ("issued_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice" ADD CONSTRAINT "invoice_cancelled_by_person_id_fk" FOREIGN KEY ("cancelled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_invoice_id_invoice_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoice"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_line" ADD CONSTRAINT "invoice_line_price_id_price_id_fk" FOREIGN KEY ("price_id") REFERENCES "public"."price"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_line" ADD CONSTRAINT "ledger_line_entry_id_ledger_entry_id_fk" FOREIGN KEY ("entry_id") REFERENCES "public"."ledger_entry"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_coverage" ADD CONSTRAINT "patient_coverage_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "patient_coverage" ADD CONSTRAINT "patient_coverage_seen_by_person_id_fk" FOREIGN KEY ("seen_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_invoice_id_invoice_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoice"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_event" ADD CONSTRAINT "payment_event_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_event" ADD CONSTRAINT "payment_event_refund_id_refund_id_fk" FOREIGN KEY ("refund_id") REFERENCES "public"."refund"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "price" ADD CONSTRAINT "price_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "price" ADD CONSTRAINT "price_proposed_by_person_id_fk" FOREIGN KEY ("proposed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "price" ADD CONSTRAINT "price_approved_by_person_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_difference" ADD CONSTRAINT "reconciliation_difference_reconciliation_id_reconciliation_id_fk" FOREIGN KEY ("reconciliation_id") REFERENCES "public"."reconciliation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_difference" ADD CONSTRAINT "reconciliation_difference_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_difference" ADD CONSTRAINT "reconciliation_difference_cleared_by_person_id_fk" FOREIGN KEY ("cleared_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund" ADD CONSTRAINT "refund_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "public"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund" ADD CONSTRAINT "refund_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund" ADD CONSTRAINT "refund_requested_by_person_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sandbox_refund" ADD CONSTRAINT "sandbox_refund_order_id_sandbox_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."sandbox_order"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invoice_patient_id_issued_at_index" ON "invoice" USING btree ("patient_id","issued_at");--> statement-breakpoint
CREATE INDEX "invoice_institution_id_state_issued_at_index" ON "invoice" USING btree ("institution_id","state","issued_at");--> statement-breakpoint
CREATE INDEX "invoice_encounter_kind_encounter_id_index" ON "invoice" USING btree ("encounter_kind","encounter_id");--> statement-breakpoint
CREATE INDEX "ledger_entry_institution_id_at_index" ON "ledger_entry" USING btree ("institution_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_one_under_way" ON "payment" USING btree ("invoice_id") WHERE "payment"."state" in ('created', 'pending');--> statement-breakpoint
CREATE UNIQUE INDEX "payment_paid_once" ON "payment" USING btree ("invoice_id") WHERE "payment"."state" = 'succeeded' and not "payment"."surplus";--> statement-breakpoint
CREATE INDEX "payment_provider_paid_at_index" ON "payment" USING btree ("provider","paid_at");--> statement-breakpoint
CREATE INDEX "payment_under_way" ON "payment" USING btree ("updated_at") WHERE "payment"."state" in ('created', 'pending');--> statement-breakpoint
CREATE INDEX "price_institution_id_code_valid_from_index" ON "price" USING btree ("institution_id","code","valid_from");--> statement-breakpoint
CREATE INDEX "refund_payment_id_index" ON "refund" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "refund_under_way" ON "refund" USING btree ("updated_at") WHERE "refund"."state" in ('requested', 'sent');--> statement-breakpoint
CREATE INDEX "sandbox_message_waiting" ON "sandbox_message" USING btree ("due_at") WHERE "sandbox_message"."heard_at" is null;--> statement-breakpoint
CREATE INDEX "sandbox_order_day_index" ON "sandbox_order" USING btree ("day");--> statement-breakpoint
CREATE INDEX "sandbox_refund_day_index" ON "sandbox_refund" USING btree ("day");