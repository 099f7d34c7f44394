CREATE TABLE "smart_assertion" (
	"client_id" uuid NOT NULL,
	"jti" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "smart_assertion_client_id_jti_pk" PRIMARY KEY("client_id","jti")
);
--> statement-breakpoint
CREATE TABLE "smart_client" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"jwks" jsonb NOT NULL,
	"registered_by" uuid NOT NULL,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "smart_assertion" ADD CONSTRAINT "smart_assertion_client_id_smart_client_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."smart_client"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_client" ADD CONSTRAINT "smart_client_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "smart_client" ADD CONSTRAINT "smart_client_registered_by_person_id_fk" FOREIGN KEY ("registered_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "smart_assertion_expires_at_index" ON "smart_assertion" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "smart_client_institution_id_index" ON "smart_client" USING btree ("institution_id");