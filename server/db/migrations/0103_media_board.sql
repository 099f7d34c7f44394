CREATE TABLE "media_line" (
	"bucket_at" timestamp with time zone NOT NULL,
	"org" text NOT NULL,
	"samples" integer NOT NULL,
	"people" integer NOT NULL,
	"loss_up" double precision NOT NULL,
	"loss_down" double precision NOT NULL,
	"rtt_ms" double precision NOT NULL,
	"concealed" double precision NOT NULL,
	"thin" integer NOT NULL,
	"gone" integer NOT NULL,
	CONSTRAINT "media_line_bucket_at_org_pk" PRIMARY KEY("bucket_at","org")
);
--> statement-breakpoint
CREATE TABLE "media_region" (
	"institution_id" uuid PRIMARY KEY NOT NULL,
	"region" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "media_node" ADD COLUMN "link_url" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "media_node" ADD COLUMN "boot" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "media_node" ADD COLUMN "drain_asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "media_node" ADD COLUMN "draining" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "media_node" ADD COLUMN "figures" jsonb;--> statement-breakpoint
ALTER TABLE "media_region" ADD CONSTRAINT "media_region_institution_id_institution_id_fk" FOREIGN KEY ("institution_id") REFERENCES "public"."institution"("id") ON DELETE no action ON UPDATE no action;