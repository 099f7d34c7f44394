import type {
  AudienceSummary,
  ChatMessage,
  HeldReason,
  InterpretationChannel,
  LineWord,
  Listening,
  ListenWay,
  PeerInfo,
  PrivateState,
  RollCall,
  RoomKind,
  Source,
  StageRights,
  StageSource,
  Still,
  VideoLevel,
  WaitingPeer,
} from "../../../sfu/protocol.ts";

export type {
  AudienceSite,
  AudienceSummary,
  ChatMessage,
  HeldReason,
  InterpretationChannel,
  LineWord,
  Listening,
  ListenWay,
  PeerInfo,
  PrivateState,
  RollCall,
  RoomKind,
  Source,
  StageRights,
  StageSource,
  Still,
  Stroke,
  VideoLevel,
  WaitingPeer,
} from "../../../sfu/protocol.ts";

/**
 * Where this page stands with the room. "reconnecting" and "moved" heal by themselves; "ended",
 * "removed", "refused", "replaced", "outdated" and "failed" are final until `join` is called anew.
 */
export type Connection =
  | "idle"
  | "connecting"
  | "in-lobby"
  | "joined"
  | "reconnecting"
  | "moved"
  | "ended"
  | "removed"
  | "refused"
  | "replaced"
  | "outdated"
  | "failed";

/** A stream that comes from somebody. */
export type RemoteTrack = {
  consumerId: string;
  source: Source;
  stream: MediaStream;
  /** Nothing flows at the moment, for this reason. */
  held: HeldReason | null;
  /** How loud to play it, 0 to 1 (lowered while an interpreter is listened to). */
  volume: number;
  channel: string | null;
};

export type RemotePeer = PeerInfo & {
  audio: RemoteTrack | null;
  /** The voice as the audience gets it; whoever has this gets no `audio`. `playRoom` plays both. */
  lecture: RemoteTrack | null;
  camera: RemoteTrack | null;
  screen: RemoteTrack | null;
  interpretation: RemoteTrack | null;
};

/** One of my own streams. */
export type LocalTrack = {
  on: boolean;
  stream: MediaStream | null;
  /** A moderator muted it. */
  muted: boolean;
};

/** A line for the person, newest last; the page translates the code. */
export type Notice = {
  id: number;
  at: number;
  code:
    | "line-video-lowered"
    | "line-video-off"
    | "line-video-back"
    | "line-video-full"
    | "line-lost"
    | "line-healed"
    | "moved"
    | "muted-by-moderator"
    | "camera-failed"
    | "microphone-failed"
    | "screen-failed";
  direction: "up" | "down" | null;
  peerId: string | null;
};

/** All that a page draws; a new object whenever anything in it changes. */
export type RoomState = {
  connection: Connection;
  /** Code of what went wrong, with "ended", "failed" and "outdated". */
  reason: string | null;
  room: string | null;
  peerId: string | null;
  me: PeerInfo | null;
  /** In a teaching room the stage only. */
  peers: RemotePeer[];
  local: Record<StageSource, LocalTrack>;
  /** How my own line is. */
  line: LineWord;
  video: { up: VideoLevel; down: VideoLevel };
  speaker: string | null;
  chat: ChatMessage[];
  privateState: PrivateState;
  /** Whether this device takes part in private talks by sound. */
  privateAudio: boolean;
  interpretation: { channels: InterpretationChannel[]; chosen: string | null };
  waiting: WaitingPeer[];
  rollCall: RollCall;
  stills: Still[];
  shownStill: string | null;
  notices: Notice[];
  /** Demo functions (a simulated thin line) may be used. */
  demo: boolean;
  kind: RoomKind;
  /**
   * What this person may send. Changes in mid-session when the server promotes or demotes; nothing
   * is to be done by the page but to offer or take away the controls. On demotion own streams have
   * been stopped and devices let go before this changes.
   */
  stage: StageRights & { on: boolean };
  /**
   * How this page listens (`listen` of the client changes `chosen`). `effective` falls from "full"
   * to "slides-and-sound" by itself while the line is thin, and comes back.
   */
  listening: Listening;
  /** The audience in figures, for people on the stage; null in a consult and in the audience. */
  audience: AudienceSummary | null;
  /** The room is being recorded. */
  recording: boolean;
};

/** Where media comes from; the demo and tests give their own. */
export type MediaSource = {
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
  getDisplayMedia?(options: DisplayMediaStreamOptions): Promise<MediaStream>;
};

export type TokenGrant = {
  token: string;
  /** Address of the media node, such as https://media.example.org. */
  url: string;
};

export type RoomClientOptions = {
  /** Asks the own server for a fresh room token; called at entry and after a node's restart. */
  getToken: () => Promise<TokenGrant>;
  /** Address of the node if it is known before the token: `prepare` can then connect early. */
  url?: string;
  /** How to listen from the first moment on in a teaching room; "full" if not given. */
  listen?: ListenWay;
  media?: MediaSource;
  /** Deviceids and the like; merged into what is asked of the camera and microphone. */
  audioConstraints?: MediaTrackConstraints;
  videoConstraints?: MediaTrackConstraints;
};
