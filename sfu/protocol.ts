/**
 * The signalling contract between a page and a media node: types only. Pages import it with
 * `import type`; what they may send is derived from the schemas that the node parses with.
 */
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
} from "mediasoup/types";
import type { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import type {
  ClientMessageName,
  chatChannelSchema,
  clientMessages,
  PROTOCOL_NUMBER,
  qualitySampleSchema,
  sourceSchema,
  strokeSchema,
} from "./protocol-schemas.ts";
import type { LineWord } from "./quality/words.ts";

export type ProtocolNumber = typeof PROTOCOL_NUMBER;
export type Source = z.infer<typeof sourceSchema>;
export type ChatChannel = z.infer<typeof chatChannelSchema>;
export type Stroke = z.infer<typeof strokeSchema>;
export type QualitySample = z.infer<typeof qualitySampleSchema>;
export type VideoLevel = "full" | "low" | "off";
export type { ClientMessageName, ErrorCode, LineWord };

export type PublicError = { code: ErrorCode; field?: string };
export type Ack<Data> = { ok: true; data: Data } | { ok: false; error: PublicError };

/** A message as the page sends it (before parsing). */
export type ClientMessage<Name extends ClientMessageName> = z.input<(typeof clientMessages)[Name]>;

/** What a page gets back; messages that are not listed answer an empty object. */
export type ClientAnswers = {
  "room:join": Entry;
  "session:resume": Entry;
  "session:ping": { at: number };
  "media:setup": MediaSetup;
  "transport:restart": { iceParameters: IceParameters };
};
export type Answer<Name extends ClientMessageName> = Name extends keyof ClientAnswers
  ? ClientAnswers[Name]
  : Record<string, never>;

export type TransportSetup = {
  id: string;
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  dtlsParameters: DtlsParameters;
};

export type IceServer = { urls: string[]; username: string; credential: string };

export type ConsumerInfo = {
  id: string;
  producerId: string;
  peerId: string;
  source: Source;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  /** Nothing flows at the moment, for this reason. */
  held: HeldReason | null;
  channel?: string;
};

/** Why a stream does not flow: nobody looks, the line, a private talk, its owner. */
export type HeldReason = "unseen" | "line" | "private" | "muted";

export type MediaSetup = {
  send: TransportSetup;
  recv: TransportSetup;
  iceServers: IceServer[];
  consumers: ConsumerInfo[];
};

export type ProducerInfo = {
  id: string;
  source: Source;
  kind: MediaKind;
  paused: boolean;
  /** A moderator muted it; only its owner can unmute. */
  mutedBy: string | null;
  channel?: string;
  width?: number;
  height?: number;
};

export type PeerInfo = {
  id: string;
  sub: string;
  name: string;
  role: string;
  org: string;
  lang: string;
  moderator: boolean;
  private: boolean;
  /** Its line is lost; it is kept for a while. */
  away: boolean;
  line: LineWord;
  /** What the line allows of video, from this person and towards this person. */
  video: { up: VideoLevel; down: VideoLevel };
  producers: ProducerInfo[];
  joinedAt: number;
};

export type WaitingPeer = {
  id: string;
  sub: string;
  name: string;
  role: string;
  org: string;
  since: number;
};

export type ChatMessage = {
  id: string;
  channel: ChatChannel;
  peerId: string;
  sub: string;
  name: string;
  role: string;
  text: string;
  at: number;
};

export type RollCall = {
  entries: { name: string; relation: string }[];
  by: string;
  at: number;
} | null;

export type Still = {
  attachmentId: string;
  name: string;
  width: number;
  height: number;
  sha256: string;
  by: string;
  byName: string;
  at: number;
  strokes: (Stroke & { by: string })[];
};

export type PrivateState = {
  active: boolean;
  by: { peerId: string; name: string } | null;
  /** Milliseconds since the epoch. */
  since: number | null;
  /** Who talks; empty for those who are on hold. */
  members: { peerId: string; audio: boolean }[];
};

export type InterpretationChannel = { channel: string; peerId: string; name: string };

/** Everything a page needs to draw the room; sent at entry and after a resumed session. */
export type RoomSnapshot = {
  room: string;
  version: number;
  peers: PeerInfo[];
  chat: ChatMessage[];
  rollCall: RollCall;
  stills: Still[];
  shownStill: string | null;
  privateState: PrivateState;
  privateAudio: boolean;
  interpretation: { channels: InterpretationChannel[]; chosen: string | null };
  waiting: WaitingPeer[];
  speaker: string | null;
  demo: boolean;
};

export type Entry =
  | { state: "waiting"; peerId: string; resumeKey: string }
  | {
      state: "joined";
      peerId: string;
      resumeKey: string;
      snapshot: RoomSnapshot;
      /** Present at entry; after a resumed session transports are kept. */
      media: MediaSetup | null;
      /** The transports that this session has at the node; null: set them up anew. */
      transports: { sendId: string; recvId: string } | null;
      consumers: ConsumerInfo[];
      producers: ProducerInfo[];
    };

/** A message for the person; pages translate the code. */
export type LineNotice = {
  code: "line-video-lowered" | "line-video-off" | "line-video-back" | "line-video-full";
  direction: "up" | "down";
  peerId: string;
};

export type ServerMessages = {
  "node:hello": { protocol: ProtocolNumber; rtpCapabilities: RtpCapabilities };
  "node:closing": Record<string, never>;
  "lobby:admitted": Entry;
  "lobby:refused": Record<string, never>;
  "lobby:list": { waiting: WaitingPeer[] };
  "peer:joined": { peer: PeerInfo };
  "peer:updated": { peer: PeerInfo };
  "peer:left": { peerId: string; reason: "left" | "removed" | "lost" };
  "consumer:new": { consumers: ConsumerInfo[] };
  "consumer:closed": { consumerId: string };
  "consumer:held": { consumerId: string; held: HeldReason | null };
  /** Highest layer that anybody needs; -1: nobody needs any. */
  "producer:layers": { producerId: string; maxSpatialLayer: number };
  "producer:keyframe": { producerId: string };
  "producer:muted": { producerId: string; by: string };
  "room:speaker": { peerId: string | null };
  /** The media process died; transports are to be set up anew. */
  "room:moved": { reason: "worker-died" };
  "room:closed": { reason: string };
  "session:removed": Record<string, never>;
  /** The same session was resumed on another connection. */
  "session:replaced": Record<string, never>;
  "chat:message": { message: ChatMessage };
  "rollcall:changed": { rollCall: RollCall };
  "still:announced": { still: Still };
  "still:annotated": { attachmentId: string; stroke: Stroke & { by: string } };
  "still:erased": { attachmentId: string; strokeIds: string[] };
  "still:shown": { attachmentId: string | null };
  "private:state": { state: PrivateState };
  "interpretation:channels": { channels: InterpretationChannel[]; chosen: string | null };
  "line:notice": LineNotice;
};
export type ServerMessageName = keyof ServerMessages;
