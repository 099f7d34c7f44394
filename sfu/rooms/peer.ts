import { randomUUID } from "node:crypto";
import type { RtpCapabilities } from "mediasoup/types";
import type { EventPeer } from "../callbacks.ts";
import type { Site, SiteConsumer, SiteProducer, SiteTransport } from "../cascade/site.ts";
import type {
  HeldReason,
  LineWord,
  Listening,
  ListenWay,
  PeerInfo,
  ProducerInfo,
  ServerMessageName,
  ServerMessages,
  Source,
  StageRights,
  WaitingPeer,
} from "../protocol.ts";
import { type AudioFirstState, initialState } from "../quality/audio-first.ts";
import type { DemandState, Tile } from "../quality/demand.ts";
import { emptyMeasure, type LineMeasure } from "../quality/samples.ts";
import { lineWord } from "../quality/words.ts";
import type { RoomClaims } from "../tokens.ts";
import { noPlace, type Place } from "./floor.ts";
import type { Listener } from "./routing.ts";

/** A line is known after so many good samples (about one a second), or so many of any kind. */
const GOOD_SAMPLES = 2;
const MOST_SAMPLES = 5;

/** A stream that a peer sends. */
export type PeerProducer = {
  readonly producer: SiteProducer;
  /** Where it comes in. */
  readonly site: Site;
  readonly source: Source;
  readonly channel: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  demand: DemandState;
};

/** A stream that a peer gets. */
export type PeerConsumer = {
  readonly consumer: SiteConsumer;
  readonly speaker: Peer;
  readonly stream: PeerProducer;
  /** The page has made its side; before that nothing is sent. */
  ready: boolean;
  /** What the worker was told last; its own flag follows only after its answer. */
  paused: boolean;
  held: HeldReason | null;
  maxSpatialLayer: number;
};

/** What everybody's routing in one teaching room depends on; kept by the room. */
export type Programme = {
  places: ReadonlyMap<string, Place>;
  /** Interpretation channels on which somebody speaks. */
  openChannels: ReadonlySet<string>;
  readonly mostCameras: number;
};

const noProgramme: Programme = { places: new Map(), openChannels: new Set(), mostCameras: 0 };

/** What a peer needs of its socket. */
export type PeerSocket = {
  readonly id: string;
  emit<Name extends ServerMessageName>(name: Name, message: ServerMessages[Name]): void;
  disconnect(): void;
};

/** One person's presence in a room; it outlives its socket for a while. */
export class Peer {
  readonly id = randomUUID();
  /** Changed by `grant` only. */
  claims: RoomClaims;
  readonly resumeKey: string;
  readonly resumeHash: Buffer;
  readonly since: number;
  readonly producers = new Map<string, PeerProducer>();
  readonly consumers = new Map<string, PeerConsumer>();
  /** By peer id and source. */
  readonly tiles = new Map<string, Tile>();
  /** Sources that a moderator muted, and who did. */
  readonly muted = new Map<Source, string>();
  socket: PeerSocket | null = null;
  state: "waiting" | "joined" | "gone" = "waiting";
  joinedAt = 0;
  rtpCapabilities: RtpCapabilities;
  /** Transports are being made; new streams wait until the page has got its answer. */
  isSettingUp = false;
  /** Where this person's media lies. */
  site: Site | null = null;
  send: SiteTransport | null = null;
  recv: SiteTransport | null = null;
  chosenChannel: string | null = null;
  chosenWay: ListenWay = "full";
  programme: Programme = noProgramme;
  /** Has sent a stream that it may not send, and that was reported. */
  hasClaimedStage = false;
  /** The way of listening that its page knows of. */
  toldWay: ListenWay = "full";
  privateAudio: boolean;
  up: AudioFirstState;
  down: AudioFirstState;
  measure: LineMeasure = emptyMeasure();
  /** Samples of the line since media was set up; a new one is tried with care. */
  goodSamples = 0;
  samples = 0;
  /** The demo's thin line: the policy is fed bad samples. */
  simulatesThinLine = false;
  awayTimer: NodeJS.Timeout | null = null;
  private toldInfo = "";

  constructor(
    claims: RoomClaims,
    resume: { key: string; hash: Buffer },
    rtpCapabilities: RtpCapabilities,
    nowMs: number,
  ) {
    this.claims = claims;
    this.resumeKey = resume.key;
    this.resumeHash = resume.hash;
    this.rtpCapabilities = rtpCapabilities;
    this.since = nowMs;
    this.up = initialState(nowMs);
    this.down = initialState(nowMs);
    // The attending doctor stands beside the patient: by text unless a headset is chosen.
    this.privateAudio = claims.role !== "attending";
  }

  emit<Name extends ServerMessageName>(name: Name, message: ServerMessages[Name]): void {
    this.socket?.emit(name, message);
  }

  producerOf(source: Source): PeerProducer | undefined {
    return [...this.producers.values()].find((stream) => stream.source === source);
  }

  /** In a teaching room those who may publish or moderate; in a consult everybody is. */
  get isOnStage(): boolean {
    const { kind, pub, moderator } = this.claims;
    return kind === "consult" || pub.length > 0 || moderator;
  }

  get stageRights(): StageRights {
    const { pub, moderator } = this.claims;
    return { pub: pub.filter((source) => source !== "lecture"), moderator };
  }

  /** Slides and sound are what is left of "full" while the line carries no picture. */
  get listening(): Listening {
    const isThin = this.chosenWay === "full" && this.down.level === "off";
    return { chosen: this.chosenWay, effective: isThin ? "slides-and-sound" : this.chosenWay };
  }

  /** Gives other rights than the token did. @returns what was sent and may not be sent any more */
  grant(pub: readonly Source[], moderator: boolean): PeerProducer[] {
    this.claims = { ...this.claims, pub: [...pub], moderator };
    return [...this.producers.values()].filter(({ source }) => !pub.includes(source));
  }

  /** What routing needs to know of this peer as speaker and as listener. */
  get routing(): Listener {
    return {
      peerId: this.id,
      private: this.claims.private,
      privateAudio: this.privateAudio,
      videoUp: this.up.level,
      videoDown: this.down.level,
      chosenChannel: this.chosenChannel,
      isNewLine: this.goodSamples < GOOD_SAMPLES && this.samples < MOST_SAMPLES,
      isOnStage: this.isOnStage,
      place: this.programme.places.get(this.id) ?? noPlace,
      hasLecture: this.producerOf("lecture") !== undefined,
      chosenWay: this.chosenWay,
      isInterpreted:
        this.chosenChannel !== null && this.programme.openChannels.has(this.chosenChannel),
      mostCameras: this.programme.mostCameras,
    };
  }

  /** Its line in a word. */
  get line(): LineWord {
    const { lossUp, lossDown, rttMs } = this.measure;
    const away = this.socket === null;
    return lineWord({ away, up: this.up.level, down: this.down.level, lossUp, lossDown, rttMs });
  }

  get event(): EventPeer {
    const { sub, name, role } = this.claims;
    return { id: this.id, sub, name, role };
  }

  get waitingInfo(): WaitingPeer {
    const { sub, name, role, org } = this.claims;
    return { id: this.id, sub, name, role, org, since: this.since };
  }

  get info(): PeerInfo {
    const { sub, name, role, org, lang, moderator } = this.claims;
    return {
      id: this.id,
      sub,
      name,
      role,
      org,
      lang,
      moderator,
      private: this.claims.private,
      away: this.socket === null,
      line: this.line,
      video: { up: this.up.level, down: this.down.level },
      producers: this.producerInfos,
      joinedAt: this.joinedAt,
    };
  }

  get producerInfos(): ProducerInfo[] {
    return [...this.producers.values()].map((stream) => ({
      id: stream.producer.id,
      source: stream.source,
      kind: stream.producer.kind,
      paused: stream.producer.paused,
      mutedBy: this.muted.get(stream.source) ?? null,
      ...(stream.channel === undefined ? {} : { channel: stream.channel }),
      ...(stream.width === undefined ? {} : { width: stream.width }),
      ...(stream.height === undefined ? {} : { height: stream.height }),
    }));
  }

  /** The peer's state if it is not what was asked for last time; else undefined. */
  takeChangedInfo(): PeerInfo | undefined {
    const info = this.info;
    const text = JSON.stringify(info);
    if (text === this.toldInfo) return undefined;
    this.toldInfo = text;
    return info;
  }
}

export function tileKey(peerId: string, source: Source): string {
  return `${peerId}/${source}`;
}
