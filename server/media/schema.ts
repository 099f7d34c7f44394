import { doublePrecision, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "../db/columns.ts";

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
});

/** Which node a room lives on, so that everyone meets in the same place. */
export const mediaRoom = pgTable("media_room", {
  roomId: uuid("room_id").primaryKey(),
  nodeId: text("node_id").notNull(),
  assignedAt: instant("assigned_at").notNull(),
});
