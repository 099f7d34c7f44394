CREATE TYPE "public"."surge_place_state" AS ENUM('waiting', 'sampled', 'led-away', 'left');--> statement-breakpoint
CREATE TYPE "public"."surge_state" AS ENUM('planned', 'open', 'closing', 'stood-down', 'withdrawn');--> statement-breakpoint
CREATE TABLE "surge" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"state" "surge_state" DEFAULT 'planned' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"title" text NOT NULL,
	"expected_people" integer NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"planned_per_hour" smallint NOT NULL,
	"pool_size" smallint NOT NULL,
	"queue_limit" smallint NOT NULL,
	"guides" smallint NOT NULL,
	"transport" text NOT NULL,
	"fever_place" text NOT NULL,
	"laboratory_id" uuid NOT NULL,
	"places" jsonb NOT NULL,
	"prepared_by" uuid NOT NULL,
	"opened_by" uuid,
	"opened_at" timestamp with time zone,
	"closing_by" uuid,
	"closing_at" timestamp with time zone,
	"stood_down_at" timestamp with time zone,
	"balanced_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "surge_of_order" UNIQUE("order_id"),
	CONSTRAINT "surge_window" CHECK ("surge"."ends_at" > "surge"."starts_at"),
	CONSTRAINT "surge_planned_per_hour" CHECK ("surge"."planned_per_hour" between 60 and 100),
	CONSTRAINT "surge_pool" CHECK ("surge"."pool_size" in (1, 5, 10, 20)),
	CONSTRAINT "surge_queue_limit" CHECK ("surge"."queue_limit" between 5 and 200),
	CONSTRAINT "surge_opened" CHECK (("surge"."opened_at" is null) = ("surge"."state" in ('planned', 'withdrawn')))
);
--> statement-breakpoint
CREATE TABLE "surge_place" (
	"registration_id" uuid PRIMARY KEY NOT NULL,
	"surge_id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"party" uuid NOT NULL,
	"number" bigserial NOT NULL,
	"priority" boolean NOT NULL,
	"state" "surge_place_state" DEFAULT 'waiting' NOT NULL,
	"station_id" uuid,
	"arrived_at" timestamp with time zone NOT NULL,
	"assigned_at" timestamp with time zone,
	"called_at" timestamp with time zone,
	"moved_at" timestamp with time zone,
	"moved_from" uuid,
	"moves" smallint DEFAULT 0 NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "surge_place_called" CHECK ("surge_place"."called_at" is null or "surge_place"."station_id" is not null or "surge_place"."state" <> 'waiting'),
	CONSTRAINT "surge_place_ended" CHECK (("surge_place"."ended_at" is null) = ("surge_place"."state" = 'waiting'))
);
--> statement-breakpoint
CREATE TABLE "surge_site" (
	"site_id" uuid PRIMARY KEY NOT NULL,
	"surge_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "surge_station" (
	"station_id" uuid PRIMARY KEY NOT NULL,
	"surge_id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"number" smallint NOT NULL,
	"open" boolean DEFAULT false NOT NULL,
	"priority" boolean DEFAULT false NOT NULL,
	"queue" smallint DEFAULT 0 NOT NULL,
	"queue_limit" smallint NOT NULL,
	"per_hour" real NOT NULL,
	"measured" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "surge_station_site_id_number_unique" UNIQUE("site_id","number"),
	CONSTRAINT "surge_station_queue" CHECK ("surge_station"."queue" between 0 and "surge_station"."queue_limit"),
	CONSTRAINT "surge_station_pace" CHECK ("surge_station"."per_hour" > 0)
);
--> statement-breakpoint
ALTER TABLE "surge" ADD CONSTRAINT "surge_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge" ADD CONSTRAINT "surge_order_id_sampling_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."sampling_order"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge" ADD CONSTRAINT "surge_laboratory_id_institution_id_fk" FOREIGN KEY ("laboratory_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge" ADD CONSTRAINT "surge_prepared_by_person_id_fk" FOREIGN KEY ("prepared_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge" ADD CONSTRAINT "surge_opened_by_person_id_fk" FOREIGN KEY ("opened_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge" ADD CONSTRAINT "surge_closing_by_person_id_fk" FOREIGN KEY ("closing_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_place" ADD CONSTRAINT "surge_place_registration_id_test_registration_id_fk" FOREIGN KEY ("registration_id") REFERENCES "public"."test_registration"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_place" ADD CONSTRAINT "surge_place_surge_id_surge_id_fk" FOREIGN KEY ("surge_id") REFERENCES "public"."surge"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_place" ADD CONSTRAINT "surge_place_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_place" ADD CONSTRAINT "surge_place_station_id_surge_station_station_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."surge_station"("station_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_site" ADD CONSTRAINT "surge_site_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_site" ADD CONSTRAINT "surge_site_surge_id_surge_id_fk" FOREIGN KEY ("surge_id") REFERENCES "public"."surge"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_station" ADD CONSTRAINT "surge_station_station_id_sampling_station_id_fk" FOREIGN KEY ("station_id") REFERENCES "public"."sampling_station"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_station" ADD CONSTRAINT "surge_station_surge_id_surge_id_fk" FOREIGN KEY ("surge_id") REFERENCES "public"."surge"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surge_station" ADD CONSTRAINT "surge_station_site_id_sampling_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sampling_site"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "surge_institution_id_starts_at_index" ON "surge" USING btree ("institution_id","starts_at");--> statement-breakpoint
CREATE INDEX "surge_place_queue" ON "surge_place" USING btree ("station_id","priority","number") WHERE "surge_place"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "surge_place_hall" ON "surge_place" USING btree ("site_id") WHERE "surge_place"."state" = 'waiting' and "surge_place"."station_id" is null;--> statement-breakpoint
CREATE INDEX "surge_place_patient_id_index" ON "surge_place" USING btree ("patient_id");--> statement-breakpoint
CREATE INDEX "surge_place_surge_id_moved_at_index" ON "surge_place" USING btree ("surge_id","moved_at");--> statement-breakpoint
CREATE INDEX "surge_place_party" ON "surge_place" USING btree ("party");--> statement-breakpoint
CREATE INDEX "surge_site_surge_id_index" ON "surge_site" USING btree ("surge_id");--> statement-breakpoint
CREATE INDEX "surge_station_surge_id_index" ON "surge_station" USING btree ("surge_id");