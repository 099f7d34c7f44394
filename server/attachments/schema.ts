import { bigint, index, integer, pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";

export const attachmentStates = ["uploading", "complete", "refused"] as const;
export const attachmentState = pgEnum("attachment_state", attachmentStates);
export const attachmentPurposes = ["request", "still", "answer", "evidence"] as const;
export const attachmentPurpose = pgEnum("attachment_purpose", attachmentPurposes);

/** A file of a consult. Bytes lie in the store under `storageKey`; the row decides who may read them. */
export const attachment = pgTable(
  "attachment",
  {
    id: id(),
    consultId: uuid("consult_id").notNull(),
    purpose: attachmentPurpose("purpose").notNull(),
    name: text("name").notNull(),
    mediaType: text("media_type").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    receivedBytes: bigint("received_bytes", { mode: "number" }).notNull().default(0),
    sha256: bytes("sha256"),
    state: attachmentState("state").notNull().default("uploading"),
    widthPixels: integer("width_pixels"),
    heightPixels: integer("height_pixels"),
    storageKey: text("storage_key").notNull().unique(),
    uploadedByKind: text("uploaded_by_kind").notNull(),
    uploadedById: text("uploaded_by_id").notNull(),
    uploadedByName: text("uploaded_by_name").notNull(),
    completedAt: instant("completed_at"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.consultId)],
);
