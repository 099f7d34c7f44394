ALTER TABLE "department" ADD COLUMN "closed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "department" ADD COLUMN "closed_reason" text;--> statement-breakpoint
ALTER TABLE "department" ADD CONSTRAINT "department_closed" CHECK (("department"."closed_at" is null) = ("department"."closed_reason" is null));