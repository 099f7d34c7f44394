CREATE TABLE "release_place" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"room_id" uuid NOT NULL,
	"patient_id" uuid NOT NULL,
	"phone_index" "bytea",
	"asked_by_person_id" uuid,
	"joined_at" timestamp with time zone NOT NULL,
	"lot" double precision NOT NULL,
	"number" integer,
	"admitted_at" timestamp with time zone,
	"admitted_until" timestamp with time zone,
	"used_at" timestamp with time zone,
	CONSTRAINT "release_place_once" UNIQUE("room_id","patient_id"),
	CONSTRAINT "release_place_number" UNIQUE("room_id","number")
);
--> statement-breakpoint
CREATE TABLE "release_room" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"institution_id" uuid NOT NULL,
	"department_id" uuid NOT NULL,
	"day" date NOT NULL,
	"release_at" timestamp with time zone NOT NULL,
	"guarded_until" timestamp with time zone NOT NULL,
	"admitted_to" integer DEFAULT 0 NOT NULL,
	"last_number" integer DEFAULT 0 NOT NULL,
	"per_second" double precision DEFAULT 0 NOT NULL,
	"seats_left" integer,
	"ticked_at" timestamp with time zone,
	"sold_out_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	CONSTRAINT "release_room_once" UNIQUE("department_id","day","release_at"),
	CONSTRAINT "release_room_numbers" CHECK ("release_room"."admitted_to" between 0 and "release_room"."last_number")
);
--> statement-breakpoint
ALTER TABLE "booking_policy" ADD COLUMN "waiting_room_minutes" smallint DEFAULT 15 NOT NULL;--> statement-breakpoint
ALTER TABLE "release_place" ADD CONSTRAINT "release_place_room_id_release_room_id_fk" FOREIGN KEY ("room_id") REFERENCES "public"."release_room"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "release_place" ADD CONSTRAINT "release_place_patient_id_patient_id_fk" FOREIGN KEY ("patient_id") REFERENCES "public"."patient"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "release_room" ADD CONSTRAINT "release_room_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "release_room" ADD CONSTRAINT "release_room_department_id_department_id_fk" FOREIGN KEY ("department_id") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "release_place_phone" ON "release_place" USING btree ("room_id","phone_index");--> statement-breakpoint
CREATE INDEX "release_place_new" ON "release_place" USING btree ("room_id") WHERE "release_place"."number" is null;--> statement-breakpoint
CREATE INDEX "release_place_out" ON "release_place" USING btree ("room_id","admitted_until") WHERE "release_place"."admitted_at" is not null and "release_place"."used_at" is null;--> statement-breakpoint
CREATE INDEX "release_room_open" ON "release_room" USING btree ("release_at") WHERE "release_room"."closed_at" is null;--> statement-breakpoint
ALTER TABLE "booking_policy" ADD CONSTRAINT "booking_policy_waiting_room" CHECK ("booking_policy"."waiting_room_minutes" between 0 and 60);