import type { Producer, Router } from "mediasoup/types";
import type { Source } from "../protocol.ts";

/** A stream of a room that can be recorded: who sends it, and where it lies. */
export type RecordableTrack = {
  peer: { id: string; sub: string; role: string };
  source: Source;
  /** Language of an interpretation. */
  channel?: string | undefined;
  producer: Producer;
  router: Router;
};

/** What recording and broadcasting need of a room; asked anew twice a second, so it may change freely. */
export type RecordableRoom = {
  readonly id: string;
  tracks(): RecordableTrack[];
  /** People in the room are told that it is recorded. */
  showRecording(on: boolean): void;
  /** A stream is made of it: pictures are needed though nobody on the node looks at them. */
  isStreamed: boolean;
};

/** One finished piece of a track; the head of its file. Instants are milliseconds since 1970, UTC. */
export type SegmentMeta = {
  v: 1;
  recordingId: string;
  roomId: string;
  /** One person's one source is one track, however often it stops and begins; an interpreter's other language is another. */
  trackId: string;
  peer: { id: string; sub: string; role: string };
  source: Source;
  channel?: string | undefined;
  kind: "audio" | "video";
  codec: string;
  /** A new part begins with every new ffmpeg; pieces of a part belong together. */
  part: number;
  number: number;
  /** When its first frame was taken, on the session's clock. */
  startMs: number;
  durationMs: number;
  /** Time of its first frame within the part. */
  partMs: number;
  frames: number;
  /** The head of the Matroska stream in front of the clusters. */
  headBytes: number;
  /** Time within the part from which it can be decoded alone. */
  keyMs: number | null;
  gaps: { fromMs: number; toMs: number }[];
};

export type StopReason = "ordered" | "room-closed" | "node-closing" | "node-died" | "failed";

/** What a node says of a recording when it has ended there. */
export type Manifest = {
  v: 1;
  recordingId: string;
  roomId: string;
  /** One stay of a recording on a node. */
  runId: string;
  startedAtMs: number;
  stoppedAtMs: number;
  reason: StopReason;
  /** Named holes that are no silence of the sender: ffmpeg died, the room moved. */
  gaps: { trackId: string; fromMs: number; toMs: number; why: string }[];
  segments: { trackId: string; part: number; number: number; sha256: string }[];
  /** SHA-256 over the hashes of all segments in the order of the list. */
  sha256: string;
};
