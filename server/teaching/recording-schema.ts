import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { person } from "../identity/schema.ts";
import { recordingStates, recordingVariants } from "./recording-states.ts";
import { teachingSession } from "./schema.ts";

export const teachingRecordingState = pgEnum("teaching_recording_state", recordingStates);
export const teachingRecordingVariant = pgEnum("teaching_recording_variant", recordingVariants);
export const teachingTrackKind = pgEnum("teaching_track_kind", ["audio", "video"]);

/** What was recorded of a broadcast. */
export const teachingRecording = pgTable(
  "teaching_recording",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id),
    state: teachingRecordingState("state").notNull().default("recording"),
    /** Key of its pieces and files, sealed; names the key that sealed it. */
    sealedKey: text("sealed_key").notNull(),
    startedAt: instant("started_at").notNull(),
    stopOrderedAt: instant("stop_ordered_at"),
    /** First and last instant that something was captured, known when it has been mixed. */
    mediaFrom: instant("media_from"),
    mediaUntil: instant("media_until"),
    readyAt: instant("ready_at"),
    /** Why it broke off or could not be mixed; a code. */
    failedReason: text("failed_reason"),
    /** SHA-256 over the hashes of all pieces, in order. */
    sha256: bytes("sha256"),
    /** Before this it is not deleted by the clock. */
    keepUntil: instant("keep_until").notNull(),
    legalHoldAt: instant("legal_hold_at"),
    legalHoldReason: text("legal_hold_reason"),
    /** A consent was taken back: it is shown to nobody any more. */
    withheldAt: instant("withheld_at"),
    deletedAt: instant("deleted_at"),
    /** Null: by the clock. */
    deletedBy: uuid("deleted_by").references(() => person.id),
    deletedReason: text("deleted_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.sessionId),
    index("teaching_recording_kept").on(table.keepUntil).where(sql`${table.state} <> 'deleted'`),
    check(
      "teaching_recording_deleted",
      sql`(${table.state} = 'deleted') = (${table.deletedAt} is not null) and (${table.deletedAt} is null) = (${table.deletedReason} is null)`,
    ),
    check(
      "teaching_recording_held",
      sql`(${table.legalHoldAt} is null) = (${table.legalHoldReason} is null) and not (${table.state} = 'deleted' and ${table.legalHoldAt} is not null)`,
    ),
  ],
);

/** One person's one source; the id is the media node's. */
export const teachingRecordingTrack = pgTable(
  "teaching_recording_track",
  {
    id: uuid("id").primaryKey(),
    recordingId: uuid("recording_id")
      .notNull()
      .references(() => teachingRecording.id),
    peerId: text("peer_id").notNull(),
    /** Whom the room token named. */
    peerSub: text("peer_sub").notNull(),
    role: text("role").notNull(),
    source: text("source").notNull(),
    /** Language of an interpretation. */
    channel: text("channel"),
    kind: teachingTrackKind("kind").notNull(),
    codec: text("codec").notNull(),
    /** Holes that are no silence of the sender, with why. */
    gaps: jsonb("gaps").$type<{ fromMs: number; toMs: number; why: string }[]>().notNull(),
  },
  (table) => [index().on(table.recordingId)],
);

/** One piece of a track as the media node finished it; times are milliseconds since 1970. */
export const teachingRecordingSegment = pgTable(
  "teaching_recording_segment",
  {
    trackId: uuid("track_id")
      .notNull()
      .references(() => teachingRecordingTrack.id),
    part: integer("part").notNull(),
    number: integer("number").notNull(),
    startMs: bigint("start_ms", { mode: "number" }).notNull(),
    durationMs: integer("duration_ms").notNull(),
    /** Time of its first frame within the part. */
    partMs: bigint("part_ms", { mode: "number" }).notNull(),
    headBytes: integer("head_bytes").notNull(),
    /** Time within the part from which it can be decoded alone. */
    keyMs: bigint("key_ms", { mode: "number" }),
    sizeBytes: integer("size_bytes").notNull(),
    sha256: bytes("sha256").notNull(),
  },
  (table) => [primaryKey({ columns: [table.trackId, table.part, table.number] })],
);

/** A file that replay is made of, encrypted in the store. */
export const teachingRecordingFile = pgTable(
  "teaching_recording_file",
  {
    id: id(),
    recordingId: uuid("recording_id")
      .notNull()
      .references(() => teachingRecording.id),
    variant: teachingRecordingVariant("variant").notNull(),
    /** Language of the interpreter who is heard; null: the floor. */
    channel: text("channel"),
    /** Of what is played, not of the ciphertext. */
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    durationMs: integer("duration_ms").notNull(),
    /** Of the ciphertext, as it lies in the store. */
    sha256: bytes("sha256").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("teaching_recording_file_version")
      .on(table.recordingId, table.variant, table.channel)
      .nullsNotDistinct(),
  ],
);
