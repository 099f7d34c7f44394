CREATE TYPE "public"."triage_check_answer" AS ENUM('better', 'same', 'worse');--> statement-breakpoint
CREATE TYPE "public"."triage_outcome" AS ENUM('home-advice', 'community-visit', 'remote-consult', 'specialist-slot', 'fever-clinic', 'emergency');--> statement-breakpoint
CREATE TYPE "public"."triage_set_state" AS ENUM('draft', 'published');--> statement-breakpoint
CREATE TYPE "public"."triage_urgency" AS ENUM('routine', 'urgent', 'emergency');--> statement-breakpoint
ALTER TYPE "public"."call_kind" ADD VALUE 'triage-check';--> statement-breakpoint
CREATE TABLE "triage_assessment" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"rule_set_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"institution_id" uuid,
	"assessed_by" uuid,
	"relation" "contact_relation" NOT NULL,
	"assessed_at" timestamp with time zone NOT NULL,
	"complaint" text NOT NULL,
	"facts" jsonb NOT NULL,
	"outcome" "triage_outcome" NOT NULL,
	"urgency" "triage_urgency" NOT NULL,
	"rules" text[] NOT NULL,
	"red_flags" text[] NOT NULL,
	"remeasure" boolean NOT NULL,
	"check_due_at" timestamp with time zone,
	"told_at" timestamp with time zone,
	"checked_at" timestamp with time zone,
	"check_answer" "triage_check_answer",
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "triage_assessment_asked" CHECK (("triage_assessment"."institution_id" is null) = ("triage_assessment"."assessed_by" is null)),
	CONSTRAINT "triage_assessment_check" CHECK (("triage_assessment"."check_due_at" is not null) = ("triage_assessment"."outcome" = 'home-advice') and ("triage_assessment"."checked_at" is null) = ("triage_assessment"."check_answer" is null)),
	CONSTRAINT "triage_assessment_emergency" CHECK (("triage_assessment"."outcome" = 'emergency') = ("triage_assessment"."urgency" = 'emergency'))
);
--> statement-breakpoint
CREATE TABLE "triage_overrule" (
	"assessment_id" uuid PRIMARY KEY NOT NULL,
	"overruled_by" uuid NOT NULL,
	"institution_id" uuid NOT NULL,
	"overruled_at" timestamp with time zone NOT NULL,
	"examined_at" timestamp with time zone NOT NULL,
	"examined" boolean NOT NULL,
	"outcome" "triage_outcome" NOT NULL,
	"urgency" "triage_urgency" NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "triage_overrule_examined" CHECK ("triage_overrule"."examined" and "triage_overrule"."examined_at" <= "triage_overrule"."overruled_at"),
	CONSTRAINT "triage_overrule_reason" CHECK (length(btrim("triage_overrule"."reason")) >= 5),
	CONSTRAINT "triage_overrule_emergency" CHECK (("triage_overrule"."outcome" = 'emergency') = ("triage_overrule"."urgency" = 'emergency'))
);
--> statement-breakpoint
CREATE TABLE "triage_rule_set" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"region" text NOT NULL,
	"version" integer NOT NULL,
	"valid_from" date NOT NULL,
	"state" "triage_set_state" DEFAULT 'draft' NOT NULL,
	"content" jsonb NOT NULL,
	"note" text NOT NULL,
	"starter" boolean DEFAULT false NOT NULL,
	"authored_by" uuid,
	"published_by" uuid,
	"published_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "triage_rule_set_region_version_unique" UNIQUE("region","version"),
	CONSTRAINT "triage_rule_set_region" CHECK ("triage_rule_set"."region" in ('CN', 'CN-31', 'CN-54')),
	CONSTRAINT "triage_rule_set_second_clinician" CHECK ("triage_rule_set"."starter" or ("triage_rule_set"."authored_by" is not null and ("triage_rule_set"."state" = 'draft' or
        ("triage_rule_set"."published_by" is not null and "triage_rule_set"."published_at" is not null and "triage_rule_set"."published_by" <> "triage_rule_set"."authored_by"))))
);
--> statement-breakpoint
ALTER TABLE "triage_assessment" ADD CONSTRAINT "triage_assessment_rule_set_id_triage_rule_set_id_fk" FOREIGN KEY ("rule_set_id") REFERENCES "public"."triage_rule_set"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_assessment" ADD CONSTRAINT "triage_assessment_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_assessment" ADD CONSTRAINT "triage_assessment_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_assessment" ADD CONSTRAINT "triage_assessment_assessed_by_person_id_fk" FOREIGN KEY ("assessed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_overrule" ADD CONSTRAINT "triage_overrule_assessment_id_triage_assessment_id_fk" FOREIGN KEY ("assessment_id") REFERENCES "public"."triage_assessment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_overrule" ADD CONSTRAINT "triage_overrule_overruled_by_person_id_fk" FOREIGN KEY ("overruled_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_overrule" ADD CONSTRAINT "triage_overrule_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_rule_set" ADD CONSTRAINT "triage_rule_set_authored_by_person_id_fk" FOREIGN KEY ("authored_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triage_rule_set" ADD CONSTRAINT "triage_rule_set_published_by_person_id_fk" FOREIGN KEY ("published_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "triage_assessment_patient_id_assessed_at_index" ON "triage_assessment" USING btree ("patient_id","assessed_at");--> statement-breakpoint
CREATE INDEX "triage_assessment_institution_id_assessed_at_index" ON "triage_assessment" USING btree ("institution_id","assessed_at");--> statement-breakpoint
CREATE INDEX "triage_assessment_check_due" ON "triage_assessment" USING btree ("check_due_at") WHERE "triage_assessment"."told_at" is null and "triage_assessment"."checked_at" is null;--> statement-breakpoint
CREATE INDEX "triage_overrule_institution_id_overruled_at_index" ON "triage_overrule" USING btree ("institution_id","overruled_at");