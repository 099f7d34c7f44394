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
import type { LossReason } from "./cascade/site.ts";
import type { ErrorCode } from "./errors.ts";
import type {
  ClientMessageName,
  chatChannelSchema,
  clientMessages,
  listenWaySchema,
  PROTOCOL_NUMBER,
  qualitySampleSchema,
  sourceSchema,
  strokeSchema,
} from "./protocol-schemas.ts";
import type { LineWord } from "./quality/words.ts";
import type { roomKinds } from "./tokens.ts";

export type ProtocolNumber = typeof PROTOCOL_NUMBER;
export type Source = z.infer<typeof sourceSchema>;
export type RoomKind = (typeof roomKinds)[number];
/** What a person decides to send; the lecture track follows the microphone by itself. */
export type StageSource = Exclude<Source, "lecture">;
export type ListenWay = z.infer<typeof listenWaySchema>;
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

/**
 * Why a stream does not flow: nobody looks, the line, a private talk, its owner, the way of
 * listening, or because others of the stage have the few places that an audience gets.
 */
export type HeldReason = "unseen" | "line" | "private" | "muted" | "way" | "last-n";

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

/** What a person may do on the stage of a teaching room; no `pub`: is in the audience. */
export type StageRights = { pub: StageSource[]; moderator: boolean };

/** How somebody listens: what was chosen, and what comes of it on the line as it is. */
export type Listening = { chosen: ListenWay; effective: ListenWay };

/** The people of one institution in the audience. */
export type AudienceSite = {
  org: string;
  people: number;
  thin: number;
  /** Line lost at the moment. */
  gone: number;
  /** Here, but much of the sound of the last while had to be made up, or none came. */
  unheard: number;
};

/** The audience in figures; told to the stage every 2 s when it has changed. */
export type AudienceSummary = {
  people: number;
  /** Institutions that they belong to. */
  sites: number;
  /** People by effective way of listening. */
  ways: Record<ListenWay, number>;
  lines: Record<LineWord, number>;
  unheard: number;
  /** Those with the most trouble, worst first; moderators only, bounded. */
  worst: AudienceSite[];
};

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
  kind: RoomKind;
  /** In a teaching room `peers` are the stage and the person asked for, nobody else. */
  stage: StageRights;
  listening: Listening;
  /** Only for the stage. */
  audience: AudienceSummary | null;
  /** The audience needs the lecture track of whoever is on the stage. */
  lectureNeeded: boolean;
  /** The room is being recorded, and shows so. */
  recording: boolean;
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
  "peer:left": { peerId: string; reason: "left" | "removed" | "lost" | "demoted" };
  "consumer:new": { consumers: ConsumerInfo[] };
  "consumer:closed": { consumerId: string };
  "consumer:held": { consumerId: string; held: HeldReason | null };
  /** Highest layer that anybody needs (-1: nobody needs any), and which of those up to it. */
  "producer:layers": { producerId: string; maxSpatialLayer: number; layers: number[] };
  "producer:keyframe": { producerId: string };
  "producer:muted": { producerId: string; by: string };
  "room:speaker": { peerId: string | null };
  /** This person's media is gone or goes elsewhere; transports are to be set up anew. */
  "room:moved": { reason: LossReason };
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
  /** The server has taken this person to the stage, back from it, or changed their rights. */
  "stage:changed": StageRights;
  "listen:way": Listening;
  "audience:summary": AudienceSummary;
  /** For the stage: send the microphone a second time for the audience, or stop doing so. */
  "lecture:demand": { needed: boolean };
  "room:recording": { on: boolean };
};
export type ServerMessageName = keyof ServerMessages;
