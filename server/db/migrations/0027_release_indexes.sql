ALTER TABLE "release_place" DROP CONSTRAINT "release_place_once";--> statement-breakpoint
ALTER TABLE "release_place" DROP CONSTRAINT "release_place_number";--> statement-breakpoint
DROP INDEX "release_place_phone";--> statement-breakpoint
CREATE INDEX "release_place_phone" ON "release_place" USING btree ("phone_index","room_id");--> statement-breakpoint
ALTER TABLE "release_place" ADD CONSTRAINT "release_place_once" UNIQUE("patient_id","room_id");--> statement-breakpoint
ALTER TABLE "release_place" ADD CONSTRAINT "release_place_number" UNIQUE("number","room_id");