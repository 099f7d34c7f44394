import type { Callbacks, EventType } from "../callbacks.ts";
import type { CascadeNode } from "../cascade/cascade.ts";
import type { NodeConfig } from "../config.ts";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type {
  ChatMessage,
  Entry,
  InterpretationChannel,
  RollCall,
  RoomKind,
  RoomSnapshot,
  ServerMessageName,
  ServerMessages,
} from "../protocol.ts";
import { LineMonitor } from "../quality/monitor.ts";
import type { RecordableTrack } from "../recording/types.ts";
import type { WorkerPool, WorkerSlot } from "../transports/workers.ts";
import { iceServersFor } from "../turn.ts";
import { Auditorium } from "./auditorium.ts";
import { Chat } from "./chat.ts";
import { Lobby } from "./lobby.ts";
import { RoomMedia } from "./media.ts";
import { Moves } from "./moves.ts";
import type { Peer, PeerSocket } from "./peer.ts";
import { PrivateTalk } from "./private-talk.ts";
import { Stills } from "./stills.ts";

/** People of a consult; the stage of a teaching room. */
const MOST_PEERS = 60;
const DEMAND_CLOCK_MS = 500;

export type RoomOptions = {
  id: string;
  kind: RoomKind;
  config: Pick<
    NodeConfig,
    "turn" | "keepAwayMs" | "demo" | "teachingCapacity" | "audienceCameras" | "replanMs"
  >;
  pool: WorkerPool;
  /** Other nodes that may carry media of this room. */
  links: CascadeNode;
  callbacks: Callbacks;
  /** The server's time, in milliseconds since the epoch. */
  now: () => number;
  log: Log;
  /** The last one has left, or the room was closed. */
  onEmpty: (room: Room) => void;
  /** A peer is gone for good. */
  onGone: (peer: Peer) => void;
  /** The node goes: workers end with it, which is no reason to move. */
  isClosing: () => boolean;
};

/** One consult or lecture: who is in it, what they share, and the media between them. */
export class Room {
  readonly id: string;
  readonly peers = new Map<string, Peer>();
  private readonly bySub = new Map<string, Set<Peer>>();
  private readonly here = new Set<Peer>();
  /** Who speaks and is seen by name: in a consult everybody who is here. */
  readonly stage: ReadonlySet<Peer>;
  private readonly onStage: Set<Peer>;
  /** Only in a teaching room. */
  readonly auditorium: Auditorium | null;
  readonly chat = new Chat();
  readonly stills = new Stills();
  readonly lobby = new Lobby(this);
  readonly talk = new PrivateTalk(this);
  readonly moves: Moves;
  rollCall: RollCall = null;
  closed = false;
  isRecorded = false;
  isStreamed = false;
  media!: RoomMedia;
  private readonly options: RoomOptions;
  private readonly monitor: LineMonitor;
  private readonly clock: NodeJS.Timeout;
  /** Peer who speaks now. */
  speaker: string | null = null;
  private version = 0;

  private constructor(options: RoomOptions) {
    this.id = options.id;
    this.options = options;
    const isTeaching = options.kind === "teaching";
    const { audienceCameras } = options.config;
    this.auditorium = isTeaching ? new Auditorium(this, audienceCameras, options.now) : null;
    this.onStage = isTeaching ? new Set() : this.here;
    this.stage = this.onStage;
    this.monitor = new LineMonitor(this, options.callbacks);
    const { log, isClosing, config } = options;
    this.moves = new Moves(this, { log, isClosing, everyMs: config.replanMs });
    this.clock = setInterval(() => {
      const nowMs = Date.now();
      this.media?.tellDemand(nowMs);
      this.auditorium?.tick(nowMs);
      if (this.media) void this.moves.returnToSites(nowMs);
    }, DEMAND_CLOCK_MS);
  }

  static async create(options: RoomOptions): Promise<Room> {
    const room = new Room(options);
    try {
      await room.placeMedia();
    } catch (error) {
      room.stopClocks();
      throw error;
    }
    return room;
  }

  // ---- who is here --------------------------------------------------------------------------

  get joined(): Peer[] {
    return [...this.here];
  }

  /** A teaching room: work that grows with the number of people is put together. */
  get isCrowd(): boolean {
    return this.auditorium !== null;
  }

  /** One person may be here with several pages. */
  peersOf(sub: string): Peer[] {
    return [...(this.bySub.get(sub) ?? [])];
  }

  /** Demo functions are allowed. */
  get isDemo(): boolean {
    return this.options.config.demo;
  }

  get isPrivateTalk(): boolean {
    return this.talk.isOn;
  }

  iceServersFor(peer: Peer) {
    return iceServersFor(this.options.config.turn, peer.id, Date.now());
  }

  peer(peerId: string): Peer {
    const peer = this.peers.get(peerId);
    if (!peer) throw new SignalError("not-found", "no such person here", "peerId");
    return peer;
  }

  /** Takes a person in, or lets them wait in the lobby. */
  async enter(peer: Peer): Promise<Entry> {
    if (this.closed) throw new SignalError("room-closed");
    if (peer.claims.kind !== this.options.kind) throw new SignalError("forbidden");
    this.auditorium?.prepare(peer);
    if (this.isFullFor(peer)) throw new SignalError("room-full");
    this.peers.set(peer.id, peer);
    const { sub } = peer.claims;
    const same = this.bySub.get(sub) ?? new Set();
    this.bySub.set(sub, same.add(peer));
    // The same person with a lost line has come back by a new page.
    for (const other of [...same]) {
      if (other !== peer && !other.socket) this.leave(other, "left");
    }
    if (this.lobby.passes(peer)) return await this.admit(peer);
    this.report("peer-waiting", peer);
    this.lobby.tell();
    return { state: "waiting", peerId: peer.id, resumeKey: peer.resumeKey };
  }

  /** An audience that fills the room leaves the stage its places. */
  private isFullFor(peer: Peer): boolean {
    if (!this.auditorium) return this.peers.size >= MOST_PEERS;
    if (peer.isOnStage) return this.stage.size >= MOST_PEERS;
    return this.auditorium.audience.size >= this.options.config.teachingCapacity;
  }

  private async admit(peer: Peer): Promise<Entry> {
    await this.settled();
    if (peer.state === "gone") throw new SignalError("session-unknown");
    peer.state = "joined";
    peer.joinedAt = Date.now();
    this.here.add(peer);
    this.restage(peer);
    this.auditorium?.joined(peer);
    const media = await this.media.setUp(peer);
    const info = peer.takeChangedInfo() ?? peer.info;
    if (peer.isOnStage) this.broadcast("peer:joined", { peer: info }, peer);
    this.report("peer-joined", peer);
    this.media.tellDemand(Date.now());
    return this.entry(peer, media);
  }

  /** Puts a person on the stage or off it, as their rights are now. */
  restage(peer: Peer): void {
    if (!this.auditorium) return;
    if (peer.isOnStage) this.onStage.add(peer);
    else this.onStage.delete(peer);
  }

  /** Lets a waiting person in. */
  async admitWaiting(peer: Peer, by: Peer | null): Promise<void> {
    if (peer.state !== "waiting") return;
    this.lobby.admit(peer.claims.sub);
    const entry = await this.admit(peer);
    peer.emit("lobby:admitted", entry);
    this.report("peer-admitted", peer, { by: by?.claims.sub ?? null });
    this.lobby.tell();
  }

  refuseWaiting(peer: Peer, by: Peer): void {
    if (peer.state !== "waiting") return;
    peer.emit("lobby:refused", {});
    this.report("peer-refused", peer, { by: by.claims.sub });
    this.drop(peer);
    this.lobby.tell();
  }

  /** The answer to entering or to a resumed session. */
  entry(peer: Peer, media: Awaited<ReturnType<RoomMedia["setUp"]>> | null): Entry {
    if (peer.state !== "joined") {
      return { state: "waiting", peerId: peer.id, resumeKey: peer.resumeKey };
    }
    const { send, recv } = peer;
    return {
      state: "joined",
      peerId: peer.id,
      resumeKey: peer.resumeKey,
      snapshot: this.snapshot(peer),
      media,
      transports: send && recv ? { sendId: send.id, recvId: recv.id } : null,
      consumers: this.media.consumersOf(peer),
      producers: peer.producerInfos,
    };
  }

  /** Binds a peer to a socket, at entry and whenever its page is back. */
  attach(peer: Peer, socket: PeerSocket): void {
    if (peer.awayTimer) clearTimeout(peer.awayTimer);
    peer.awayTimer = null;
    const before = peer.socket;
    peer.socket = socket;
    if (before && before.id !== socket.id) {
      before.emit("session:replaced", {});
      before.disconnect();
    }
    if (peer.state !== "joined") return;
    this.monitor.settle(peer);
    this.tellPeer(peer);
  }

  /** The socket is lost; the person stays for a while. */
  detach(peer: Peer, socket: PeerSocket): void {
    if (peer.socket !== socket || peer.state === "gone") return;
    peer.socket = null;
    peer.awayTimer = setTimeout(() => this.leave(peer, "lost"), this.options.config.keepAwayMs);
    if (peer.state === "joined") this.tellPeer(peer);
  }

  leave(peer: Peer, reason: "left" | "removed" | "lost"): void {
    if (peer.state === "gone") return;
    const wasJoined = peer.state === "joined";
    this.drop(peer);
    if (wasJoined) {
      this.report("peer-left", peer, { reason });
      if (peer.isOnStage) this.tellLeft(peer, reason);
    } else {
      this.lobby.tell();
    }
    if (this.peers.size === 0) this.close("empty");
  }

  private tellLeft(peer: Peer, reason: "left" | "removed" | "lost"): void {
    this.broadcast("peer:left", { peerId: peer.id, reason });
    if (this.speaker === peer.id) this.setSpeaker(null);
    this.tellChannels();
    this.talk.left();
  }

  /** Puts a person out; a new token is needed to come back, and the lobby lets nobody pass. */
  remove(peer: Peer, by: Peer | null): void {
    this.lobby.putOut(peer.claims.sub);
    peer.emit("session:removed", {});
    this.report("peer-removed", peer, { by: by?.claims.sub ?? null });
    this.leave(peer, "removed");
  }

  private drop(peer: Peer): void {
    peer.state = "gone";
    this.peers.delete(peer.id);
    const same = this.bySub.get(peer.claims.sub);
    same?.delete(peer);
    if (same?.size === 0) this.bySub.delete(peer.claims.sub);
    this.here.delete(peer);
    this.onStage.delete(peer);
    this.auditorium?.left(peer);
    if (peer.awayTimer) clearTimeout(peer.awayTimer);
    this.media.drop(peer);
    this.media.tellDemand(Date.now());
    this.options.onGone(peer);
  }

  // ---- what they share ----------------------------------------------------------------------

  say(message: ChatMessage, peer: Peer): void {
    if (!this.chat.add(message)) return;
    for (const other of this.joined) {
      if (message.channel === "room" || other.claims.private)
        other.emit("chat:message", { message });
    }
    const { id, channel, text } = message;
    this.report("chat", peer, { id, channel, text });
  }

  get channels(): InterpretationChannel[] {
    return [...this.stage].flatMap((peer) => {
      const stream = peer.producerOf("interpretation");
      if (!stream?.channel) return [];
      return [{ channel: stream.channel, peerId: peer.id, name: peer.claims.name }];
    });
  }

  tellChannels(): void {
    const { channels } = this;
    for (const peer of this.joined) {
      peer.emit("interpretation:channels", { channels, chosen: peer.chosenChannel });
    }
  }

  followMicrophone(producerId: string): void {
    this.media.follow(producerId);
  }

  private setSpeaker(peerId: string | null): void {
    if (this.speaker === peerId) return;
    this.speaker = peerId;
    this.auditorium?.speaks(peerId);
    for (const peer of this.joined) {
      peer.emit("room:speaker", { peerId: this.speakerFor(peer) });
    }
  }

  private speakerFor(listener: Peer): string | null {
    const speaker = this.speaker === null ? undefined : this.peers.get(this.speaker);
    if (!speaker) return null;
    return this.talk.keepsApart(speaker, listener) ? null : speaker.id;
  }

  // ---- telling ------------------------------------------------------------------------------

  snapshot(peer: Peer): RoomSnapshot {
    const { moderator } = peer.claims;
    peer.toldWay = peer.listening.effective;
    return {
      room: this.id,
      version: ++this.version,
      peers: [...(this.stage.has(peer) ? this.stage : [...this.stage, peer])].map(
        (other) => other.info,
      ),
      chat: this.chat.history(peer.claims.private ? ["room", "private"] : ["room"]),
      rollCall: this.rollCall,
      stills: this.stills.all,
      shownStill: this.stills.shown,
      privateState: this.talk.stateFor(peer),
      privateAudio: peer.privateAudio,
      interpretation: { channels: this.channels, chosen: peer.chosenChannel },
      waiting: moderator ? this.lobby.waiting : [],
      speaker: this.speakerFor(peer),
      demo: this.options.config.demo,
      kind: this.options.kind,
      stage: peer.stageRights,
      listening: peer.listening,
      audience: peer.isOnStage ? (this.auditorium?.summaryFor(peer) ?? null) : null,
      lectureNeeded: this.auditorium?.isLectureNeeded ?? false,
      recording: this.isRecorded,
    };
  }

  broadcast<Name extends ServerMessageName>(
    name: Name,
    message: ServerMessages[Name],
    except?: Peer,
  ): void {
    for (const peer of this.here) if (peer !== except) peer.emit(name, message);
  }

  /** Tells how a person's state has changed, if it has: of an audience only whom it concerns. */
  tellPeer(peer: Peer): void {
    if (peer.state !== "joined") return;
    const info = peer.takeChangedInfo();
    if (!info) return;
    if (!peer.isOnStage) {
      peer.emit("peer:updated", { peer: info });
      return;
    }
    this.broadcast("peer:updated", { peer: info });
    this.auditorium?.refresh();
  }

  /** Tells a page that it gets more or less than before. */
  tellWay(peer: Peer): void {
    const { listening } = peer;
    if (listening.effective === peer.toldWay) return;
    peer.toldWay = listening.effective;
    peer.emit("listen:way", listening);
    // How long somebody got less than all is part of the attendance.
    if (this.auditorium) this.report("listen-way", peer, { way: listening.effective });
  }

  /** Streams of the stage as they may be recorded now: nothing of a private talk. */
  tracks(): RecordableTrack[] {
    if (this.isPrivateTalk) return [];
    return [...this.stage].flatMap(({ id, claims: { sub, role }, producers }) =>
      [...producers.values()].flatMap(({ producer, source, channel }) => {
        const origin = this.media.home.originOf(producer.id);
        return origin ? [{ peer: { id, sub, role }, source, channel, ...origin }] : [];
      }),
    );
  }

  /** Shows everybody whether the room is recorded; called by what records. */
  showRecording(on: boolean): void {
    if (this.isRecorded === on) return;
    this.isRecorded = on;
    this.broadcast("room:recording", { on });
  }

  report(type: EventType, peer: Peer | null, data: Record<string, unknown> = {}): void {
    this.options.callbacks.push({ room: this.id, type, peer: peer?.event ?? null, data });
  }

  // ---- where it runs ------------------------------------------------------------------------

  private async placeMedia(): Promise<void> {
    const { pool, log, links } = this.options;
    this.media = await RoomMedia.create({
      roomId: this.id,
      node: links,
      pool,
      log,
      room: this,
      onSpeaker: (producerId) => {
        const speaker = [...this.stage].find(
          (peer) => producerId !== null && peer.producers.has(producerId),
        );
        this.setSpeaker(speaker?.id ?? null);
      },
      onLost: (peers, reason) => this.moves.lost(peers, reason),
      onCrowded: (transportIds, streams, most) =>
        void this.moves.relieve(transportIds, streams, most),
    });
  }

  /** Asks some people to come anew who lie on a worker of this node. */
  async relieve(slot: WorkerSlot, streams: number, mostPeople: number): Promise<number> {
    return this.moves.relieve(await this.media.home.transportIdsOn(slot), streams, mostPeople);
  }

  /** Nobody is seen to speak whose media is gone. */
  lostSight(peers: readonly Peer[]): void {
    if (this.speaker && peers.some((peer) => peer.id === this.speaker)) this.setSpeaker(null);
  }

  /** Resolves when media stands (again). */
  async settled(): Promise<void> {
    await this.moves.settled();
  }

  private stopClocks(): void {
    clearInterval(this.clock);
    this.monitor.close();
  }

  close(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.stopClocks();
    for (const peer of [...this.peers.values()]) {
      peer.emit("room:closed", { reason });
      this.drop(peer);
    }
    this.media.close();
    this.report("room-closed", null, { reason });
    this.options.onEmpty(this);
  }

  /** Hands a page's measurement to the policy. */
  get line(): LineMonitor {
    return this.monitor;
  }
}
