ALTER TABLE "segment" ADD CONSTRAINT "segment_of_seats" UNIQUE("id","department_id","day");--> statement-breakpoint
ALTER TABLE "seat" DROP CONSTRAINT "seat_segment_id_segment_id_fk";
--> statement-breakpoint
ALTER TABLE "seat" ADD COLUMN "department_id" uuid;--> statement-breakpoint
ALTER TABLE "seat" ADD COLUMN "day" date;--> statement-breakpoint
UPDATE "seat" SET "department_id" = g."department_id", "day" = g."day" FROM "segment" g WHERE g."id" = "seat"."segment_id";--> statement-breakpoint
ALTER TABLE "seat" ALTER COLUMN "department_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "seat" ALTER COLUMN "day" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "seat" ADD CONSTRAINT "seat_of_segment" FOREIGN KEY ("segment_id","department_id","day") REFERENCES "public"."segment"("id","department_id","day") ON DELETE no action ON UPDATE no action;
