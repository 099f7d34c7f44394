import {
  boolean,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";

/** Media nodes that report by heartbeat. */
export const mediaNode = pgTable("media_node", {
  id: text("id").primaryKey(),
  publicUrl: text("public_url").notNull(),
  region: text("region"),
  workers: integer("workers").notNull(),
  rooms: integer("rooms").notNull(),
  peers: integer("peers").notNull(),
  load: doublePrecision("load").notNull(),
  version: text("version").notNull(),
  lastSeenAt: instant("last_seen_at").notNull(),
  /** Address under which other nodes reach it; a person's site is named by it. */
  linkUrl: text("link_url").notNull().default(""),
  /** Changes with every start of the node. */
  boot: text("boot").notNull().default(""),
  /** Somebody ordered it to empty itself; forgotten when it starts anew. */
  drainAskedAt: instant("drain_asked_at"),
  /** It obeys. */
  draining: boolean("draining").notNull().default(false),
  /** Workers, traffic and links, as it measured them last. */
  figures: jsonb("figures"),
});

/** Whose people are served by the nodes of which region. */
export const mediaRegion = pgTable("media_region", {
  institutionId: uuid("institution_id")
    .primaryKey()
    .references(() => institution.id),
  region: text("region").notNull(),
});

/** Lines of one institution's people in five minutes; sums over samples, each of one person. */
export const mediaLine = pgTable(
  "media_line",
  {
    bucketAt: instant("bucket_at").notNull(),
    /** The institution's name as its people carry it. */
    org: text("org").notNull(),
    samples: integer("samples").notNull(),
    people: integer("people").notNull(),
    lossUp: doublePrecision("loss_up").notNull(),
    lossDown: doublePrecision("loss_down").notNull(),
    rttMs: doublePrecision("rtt_ms").notNull(),
    concealed: doublePrecision("concealed").notNull(),
    thin: integer("thin").notNull(),
    gone: integer("gone").notNull(),
  },
  (table) => [primaryKey({ columns: [table.bucketAt, table.org] })],
);

/** Which node a room lives on, so that everyone meets in the same place. */
export const mediaRoom = pgTable("media_room", {
  roomId: uuid("room_id").primaryKey(),
  nodeId: text("node_id").notNull(),
  assignedAt: instant("assigned_at").notNull(),
});
