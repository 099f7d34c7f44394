import type { Producer, Router, RtpCapabilities, WebRtcTransport } from "mediasoup/types";
import type { Log } from "../log.ts";
import { createSpeakers, type Speakers } from "../rooms/speakers.ts";
import { routerCodecs } from "../transports/codecs.ts";
import { createTransport } from "../transports/webrtc.ts";
import type { WorkerPool, WorkerSlot } from "../transports/workers.ts";
import { createLocalTransport } from "./local-handles.ts";
import type { Site, SiteEvents, SiteTransport } from "./site.ts";
import { TrunkEnd, type TrunkListen, type TrunkStream } from "./trunk-end.ts";

/** The room's router on one worker, and what lies on it. */
type Hall = {
  readonly slot: WorkerSlot;
  readonly router: Router;
  readonly transports: Map<string, WebRtcTransport>;
  /** Streams that came from another hall, by id. */
  readonly brought: Map<string, Promise<void>>;
};

export type LocalSiteOptions = {
  node: string;
  pool: WorkerPool;
  log: Log;
  events: SiteEvents;
};

/**
 * One room's media on the workers of this node. It begins on one worker and takes a further one
 * when that is full; a stream goes to each worker once, whatever the number of its listeners there.
 */
export class LocalSite implements Site {
  readonly node: string;
  private readonly options: LocalSiteOptions;
  private readonly halls = new Map<WorkerSlot, Promise<Hall>>();
  /** Where each stream comes in. */
  private readonly origins = new Map<string, { hall: Hall; producer: Producer }>();
  private readonly followed = new Set<string>();
  private hub: Hall | null = null;
  private openingHub: Promise<Hall> | null = null;
  private speakers: Speakers | null = null;
  private onSpeaker: ((producerId: string | null) => void) | null = null;
  private isClosed = false;

  constructor(options: LocalSiteOptions) {
    this.options = options;
    this.node = options.node;
  }

  get isUp(): boolean {
    return !this.isClosed;
  }

  /** The room's first router on this node: where streams of other nodes come in and go out. */
  async hubRouter(): Promise<Router> {
    return (await this.hubHall()).router;
  }

  async openTransports(
    rtpCapabilities: RtpCapabilities,
  ): Promise<{ send: SiteTransport; recv: SiteTransport }> {
    const hall = await this.hallForOne();
    const make = async () => {
      const transport = await createTransport(hall.router, hall.slot.webRtcServer);
      hall.transports.set(transport.id, transport);
      // With its worker gone it stays on the list of what was lost.
      transport.observer.on("close", () => {
        if (!hall.router.closed) hall.transports.delete(transport.id);
      });
      return createLocalTransport({
        transport,
        rtpCapabilities,
        bring: async (producerId) => await this.bring(producerId, hall),
        onProducer: (producer) => this.register(producer, hall),
        onConsumer: (consumer) => {
          hall.slot.consumers++;
          consumer.observer.on("close", () => hall.slot.consumers--);
        },
      });
    };
    const [send, recv] = await Promise.all([make(), make()]);
    return { send, recv };
  }

  /** Tells from now on who speaks, of those that are followed. */
  async watchSpeakers(onSpeaker: (producerId: string | null) => void): Promise<void> {
    this.onSpeaker = onSpeaker;
    await this.hubHall();
  }

  /** Listens to a microphone, wherever on this node it comes in. */
  async follow(producerId: string): Promise<void> {
    this.followed.add(producerId);
    await this.bringToHub(producerId);
    this.speakers?.add(producerId);
  }

  /** Brings a stream to the hub's router. */
  async bringToHub(producerId: string): Promise<Router> {
    const hub = await this.hubHall();
    await this.bring(producerId, hub);
    return hub.router;
  }

  /** Where a stream comes in on this node, for what records it; undefined: not here. */
  originOf(producerId: string): { producer: Producer; router: Router } | undefined {
    const origin = this.origins.get(producerId);
    return origin && { producer: origin.producer, router: origin.hall.router };
  }

  /** Transports that lie on one worker. */
  async transportIdsOn(slot: WorkerSlot): Promise<string[]> {
    const hall = await this.halls.get(slot);
    return [...(hall?.transports.keys() ?? [])];
  }

  /** Everybody's transports here. */
  async transports(): Promise<WebRtcTransport[]> {
    const halls = await Promise.all(this.halls.values());
    return halls.flatMap(({ transports }) => [...transports.values()]);
  }

  /** This node's end of the line to another one. */
  async openTrunk(listen: TrunkListen): Promise<TrunkEnd> {
    return await TrunkEnd.open((await this.hubHall()).router, listen);
  }

  /** Sends a stream of this node over a trunk. */
  async sendOver(trunk: TrunkEnd, producerId: string): Promise<TrunkStream> {
    const router = await this.bringToHub(producerId);
    if (router !== trunk.router) throw new Error("the trunk lies on a worker that is gone");
    return await trunk.send(producerId, this.origins.get(producerId)?.producer);
  }

  /** A stream of another node has come in over a trunk. */
  async adopt(producer: Producer): Promise<void> {
    this.register(producer, await this.hubHall());
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const pending of this.halls.values()) {
      void pending.then((hall) => this.closeHall(hall)).catch(() => {});
    }
    this.halls.clear();
    this.origins.clear();
  }

  /** A stream has come in on a router. */
  private register(producer: Producer, hall: Hall): void {
    this.origins.set(producer.id, { hall, producer });
    producer.observer.on("close", () => {
      if (this.origins.get(producer.id)?.producer !== producer) return;
      this.origins.delete(producer.id);
      this.followed.delete(producer.id);
    });
  }

  private async bring(producerId: string, to: Hall): Promise<void> {
    const origin = this.origins.get(producerId);
    if (!origin || origin.hall === to) return;
    let coming = to.brought.get(producerId);
    if (!coming) {
      coming = pipe(origin.producer, origin.hall, to);
      to.brought.set(producerId, coming);
      const forget = () => {
        if (to.brought.get(producerId) === coming) to.brought.delete(producerId);
      };
      origin.producer.observer.on("close", forget);
      coming.catch(forget);
    }
    await coming;
  }

  private async hubHall(): Promise<Hall> {
    if (this.hub) return this.hub;
    this.openingHub ??= this.openHub().finally(() => {
      this.openingHub = null;
    });
    return await this.openingHub;
  }

  private async openHub(): Promise<Hall> {
    const [first] = await Promise.all(this.halls.values());
    const hall = first ?? (await this.hallOn(await this.options.pool.acquire()));
    if (this.onSpeaker) await this.listen(hall);
    if (!hall.router.closed) this.hub = hall;
    return hall;
  }

  private async listen(hub: Hall): Promise<void> {
    this.speakers = await createSpeakers(hub.router, (producerId) => this.onSpeaker?.(producerId));
    for (const producerId of this.followed) {
      void this.bring(producerId, hub)
        .then(() => this.speakers?.add(producerId))
        .catch(() => {});
    }
  }

  /** The worker for the next person: one that the room is on already, while it is not full. */
  private async hallForOne(): Promise<Hall> {
    const hub = await this.hubHall();
    const halls = [hub, ...(await Promise.all(this.halls.values()))];
    const roomy = halls.find(({ slot }) => !this.options.pool.isFull(slot));
    if (roomy) return roomy;
    const slot = await this.options.pool.acquire();
    return await (this.halls.get(slot) ?? this.hallOn(slot));
  }

  private async hallOn(slot: WorkerSlot): Promise<Hall> {
    const opening = this.openHall(slot);
    this.halls.set(slot, opening);
    opening.catch(() => this.halls.delete(slot));
    return await opening;
  }

  private async openHall(slot: WorkerSlot): Promise<Hall> {
    const router = await slot.worker.createRouter({ mediaCodecs: routerCodecs });
    const hall: Hall = { slot, router, transports: new Map(), brought: new Map() };
    if (this.isClosed) {
      router.close();
      throw new Error("the room is closed");
    }
    slot.rooms++;
    router.on("workerclose", () => this.lose(hall));
    return hall;
  }

  private closeHall({ slot, router }: Hall): void {
    slot.rooms--;
    router.close();
  }

  /** The worker died: whoever lay on it has to be built anew. */
  private lose(hall: Hall): void {
    const transportIds = [...hall.transports.keys()];
    this.halls.delete(hall.slot);
    if (this.hub === hall) this.hub = null;
    for (const [id, origin] of this.origins) if (origin.hall === hall) this.origins.delete(id);
    if (!this.isClosed) this.options.events.lost(transportIds, "worker-died");
  }
}

async function pipe(producer: Producer, from: Hall, to: Hall): Promise<void> {
  await from.router.pipeToRouter({ producerId: producer.id, router: to.router });
}
