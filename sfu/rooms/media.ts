import type { z } from "zod";
import { Cascade, type CascadeNode } from "../cascade/cascade.ts";
import { LocalSite } from "../cascade/local-site.ts";
import type { LossReason, SiteEvents, SiteTransport } from "../cascade/site.ts";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ClientMessage, ConsumerInfo, IceServer, MediaSetup } from "../protocol.ts";
import type { clientMessages } from "../protocol-schemas.ts";
import { initialDemand } from "../quality/demand.ts";
import { keyFrameDelayMs } from "../transports/keyframes.ts";
import type { WorkerPool } from "../transports/workers.ts";
import { consumerInfo, MediaConsumers } from "./media-consumers.ts";
import { MediaDemand } from "./media-demand.ts";
import { type Peer, type PeerProducer, tileKey } from "./peer.ts";

const CROWD_DEMAND_MS = 100;

export type ProduceRequest = z.output<(typeof clientMessages)["producer:create"]>;

/** What media needs of the room around it. */
export type MediaRoom = {
  readonly joined: Iterable<Peer>;
  /** Who may send. */
  readonly stage: Iterable<Peer>;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly isCrowd: boolean;
  /** Somebody who is not in the room needs its pictures. */
  readonly isRecorded: boolean;
  /** Many watch it as a stream (HLS), who are no listeners of this node. */
  readonly isStreamed: boolean;
  readonly isPrivateTalk: boolean;
  iceServersFor(peer: Peer): IceServer[];
};

export type RoomMediaOptions = {
  roomId: string;
  node: CascadeNode;
  pool: WorkerPool;
  room: MediaRoom;
  log: Log;
  /** Another one speaks, or nobody: the microphone's producer. */
  onSpeaker: (producerId: string | null) => void;
  /** What these people sent and got is gone, and has been dropped. */
  onLost: (peers: Peer[], reason: LossReason) => void;
  /** A worker carries too much: some of those with these transports should come anew. */
  onCrowded: SiteEvents["crowded"];
};

/**
 * Streams of one room: transports, producers, consumers. Knows who sends and gets what; where it
 * lies is the sites' matter. When a site or a worker is gone, its people's streams are dropped and
 * the room is told, so that they are built anew elsewhere.
 */
export class RoomMedia {
  /** Media on this node. */
  readonly home: LocalSite;
  /** Media on all nodes. */
  readonly cascade: Cascade;
  private readonly room: MediaRoom;
  private readonly log: Log;
  private readonly consumers: MediaConsumers;
  private readonly demand: MediaDemand;
  private demandTimer: NodeJS.Timeout | null = null;

  private constructor({ roomId, node, pool, room, log, onLost, onCrowded }: RoomMediaOptions) {
    this.room = room;
    this.log = log;
    const events: SiteEvents = {
      lost: (transportIds, reason) => {
        const lost = new Set(transportIds);
        const peers = [...room.joined].filter(({ send, recv }) =>
          send && recv ? lost.has(send.id) || lost.has(recv.id) : reason === "worker-died",
        );
        for (const peer of peers) this.drop(peer);
        onLost(peers, reason);
      },
      crowded: onCrowded,
    };
    this.home = new LocalSite({ node: node.own, pool, log, events });
    this.cascade = new Cascade({
      ...{ room: roomId, node, home: this.home, log },
      events: {
        ...events,
        trunkLost: () => {
          this.consumers.dropSpread();
          void this.syncAll();
        },
      },
    });
    this.demand = new MediaDemand(room, this.cascade);
    this.consumers = new MediaConsumers(room, this.demand, this.cascade, log);
  }

  /** Opens media of a room on this node; waits for a worker when none lives. */
  static async create(options: RoomMediaOptions): Promise<RoomMedia> {
    const media = new RoomMedia(options);
    try {
      await media.home.watchSpeakers(options.onSpeaker);
    } catch (error) {
      media.close();
      throw error;
    }
    return media;
  }

  /** Resolves once a worker stands for this room; rejects when that one died meanwhile. */
  async stand(): Promise<void> {
    await this.home.hubRouter();
  }

  close(): void {
    if (this.demandTimer) clearTimeout(this.demandTimer);
    this.cascade.close();
  }

  /** Makes a peer's two transports anew, with a consumer for each stream that it may get. */
  async setUp(peer: Peer): Promise<MediaSetup> {
    if (peer.isSettingUp) throw new SignalError("conflict");
    peer.isSettingUp = true;
    try {
      return await this.makeTransports(peer);
    } finally {
      peer.isSettingUp = false;
      // What began meanwhile is told after the answer.
      setImmediate(() => void this.syncListener(peer));
    }
  }

  private async makeTransports(peer: Peer): Promise<MediaSetup> {
    this.drop(peer);
    const { site, send, recv } = await this.place(peer);
    if (peer.state !== "joined") {
      send.close();
      recv.close();
      throw new SignalError("not-joined");
    }
    peer.site = site;
    peer.send = send;
    peer.recv = recv;
    peer.samples = 0;
    peer.goodSamples = 0;
    return {
      send: send.setup,
      recv: recv.setup,
      iceServers: this.room.iceServersFor(peer),
      consumers: (await this.consumers.syncStreams(peer, true)).map(consumerInfo),
    };
  }

  /** Media lies where the token says, if that node can be reached, else here. */
  private async place(peer: Peer) {
    const site = await this.cascade.siteFor(peer.claims.site);
    try {
      return { site, ...(await site.openTransports(peer.rtpCapabilities)) };
    } catch (error) {
      if (site === this.home) throw error;
      this.log.warn({ node: site.node, error: String(error) }, "site takes nobody");
      return { site: this.home, ...(await this.home.openTransports(peer.rtpCapabilities)) };
    }
  }

  /** Closes a peer's transports and with them all that it sends and gets. */
  drop(peer: Peer): void {
    for (const stream of [...peer.producers.values()]) this.forget(peer, stream);
    peer.producers.clear();
    peer.consumers.clear();
    peer.send?.close();
    peer.recv?.close();
    peer.send = null;
    peer.recv = null;
    peer.site = null;
  }

  transportOf(peer: Peer, transportId: string): SiteTransport {
    for (const transport of [peer.send, peer.recv]) {
      if (transport?.id === transportId && !transport.closed) return transport;
    }
    throw new SignalError("not-found", "no such transport", "transportId");
  }

  async produce(peer: Peer, request: ProduceRequest): Promise<void> {
    const transport = this.transportOf(peer, request.transportId);
    if (transport !== peer.send) throw new SignalError("malformed", "", "transportId");
    const { source, channel } = request;
    if (!peer.claims.pub.includes(source)) throw new SignalError("forbidden", source, "source");
    const isPicture = source === "video" || source === "screen";
    if ((request.kind === "video") !== isPicture) throw new SignalError("malformed", "", "kind");
    if ((source === "interpretation") !== (channel !== undefined)) {
      throw new SignalError("malformed", "", "channel");
    }
    const before = peer.producerOf(source);
    if (before) this.closeProducer(peer, before);
    const producer = await transport
      .produce({
        id: request.id,
        kind: request.kind,
        rtpParameters: request.rtpParameters,
        paused: request.paused || peer.muted.has(source),
        keyFrameRequestDelay: keyFrameDelayMs(this.room.isCrowd),
      })
      .catch((error: unknown) => {
        this.log.info({ peer: peer.id, source, error: String(error) }, "producer refused");
        throw new SignalError(transport.closed ? "not-found" : "malformed", "", "rtpParameters");
      });
    const { site } = peer;
    if (!site || peer.send !== transport) {
      producer.close();
      throw new SignalError("not-found", "", "transportId");
    }
    const stream: PeerProducer = {
      producer,
      site,
      source,
      channel,
      width: request.width,
      height: request.height,
      demand: initialDemand(producer.layers),
    };
    peer.producers.set(producer.id, stream);
    // Who is heard and what is recorded is decided here, and other nodes get it from here.
    this.bringHome(stream).catch((error: unknown) => {
      this.log.warn({ peer: peer.id, source, error: String(error) }, "stream does not come home");
    });
  }

  private async bringHome({ producer, site }: PeerProducer): Promise<void> {
    await this.cascade.bring(producer.id, site, this.home);
  }

  /** Listens to a microphone from now on: who speaks is told by `onSpeaker`. */
  follow(producerId: string): void {
    const streams = [...this.room.stage].flatMap(
      ({ producers }) => producers.get(producerId) ?? [],
    );
    const here = streams[0] ? this.bringHome(streams[0]) : Promise.resolve();
    const followed = here.then(async () => await this.home.follow(producerId));
    followed.catch((error: unknown) => {
      this.log.info({ producerId, error: String(error) }, "microphone cannot be followed");
    });
  }

  producerOf(peer: Peer, producerId: string): PeerProducer {
    const stream = peer.producers.get(producerId);
    if (!stream) throw new SignalError("not-found", "no such producer", "producerId");
    return stream;
  }

  closeProducer(peer: Peer, stream: PeerProducer): void {
    this.forget(peer, stream);
    stream.producer.close();
  }

  /** Tells listeners that a stream is gone. */
  private forget(speaker: Peer, stream: PeerProducer): void {
    speaker.producers.delete(stream.producer.id);
    this.consumers.forget(stream);
    this.demand.forget(stream);
    this.cascade.forget(stream.producer.id);
  }

  /** Brings every consumer of the room in line with the rules. */
  async syncAll(): Promise<void> {
    await Promise.all([...this.room.joined].map((listener) => this.syncListener(listener)));
    this.tellDemand(Date.now());
  }

  /** Brings what one listener gets in line; new consumers are told in one message. */
  async syncListener(listener: Peer): Promise<void> {
    if (listener.isSettingUp) return;
    const made = await this.consumers.syncStreams(listener, false);
    if (made.length > 0) listener.emit("consumer:new", { consumers: made.map(consumerInfo) });
  }

  /** The page has made its side of these consumers. */
  makeReady(listener: Peer, consumerIds: readonly string[]): void {
    for (const id of consumerIds) {
      const entry = listener.consumers.get(id);
      if (!entry) continue;
      entry.ready = true;
      this.consumers.align(listener, entry);
    }
  }

  setTiles(listener: Peer, demands: ClientMessage<"consumer:demand">["demands"]): void {
    for (const { peerId, source, width, height, visible } of demands) {
      if (this.room.peers.has(peerId))
        listener.tiles.set(tileKey(peerId, source), { width, height, visible });
    }
    for (const entry of listener.consumers.values()) this.consumers.align(listener, entry);
    this.tellDemand(Date.now());
  }

  /** Tells senders which layers anybody needs; called after changes and by the room's clock. */
  tellDemand(nowMs: number): void {
    if (!this.room.isCrowd) {
      this.demand.tell(nowMs);
      return;
    }
    // Every one of many who come changes what is needed: once for all of a moment.
    this.demandTimer ??= setTimeout(() => {
      this.demandTimer = null;
      this.demand.tell(Date.now());
    }, CROWD_DEMAND_MS);
  }

  /** Streams that a listener gets, for a page that resumes its session. */
  consumersOf(listener: Peer): ConsumerInfo[] {
    return [...listener.consumers.values()].map(consumerInfo);
  }

  /** Number of consumers, for load figures. */
  get consumerCount(): number {
    let count = 0;
    for (const peer of this.room.joined) count += peer.consumers.size;
    return count;
  }
}
