import type { WebRtcTransport } from "mediasoup/types";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { WorkerPool, WorkerSlot } from "../transports/workers.ts";
import type { LinkAnswer, LinkAsk, LinkEvent, LinkMessageName } from "./link-messages.ts";
import { LocalSite } from "./local-site.ts";
import type { SiteConsumer, SiteProducer, SiteTransport } from "./site.ts";
import type { TrunkEnd, TrunkListen } from "./trunk-end.ts";

export type HostedSiteOptions = {
  room: string;
  node: string;
  pool: WorkerPool;
  trunk: TrunkListen;
  log: Log;
  tell: (event: LinkEvent) => void;
};

type Answers = { [Name in LinkMessageName]: (ask: LinkAsk<Name>) => Promise<LinkAnswer<Name>> };

/** Media of a room whose home is another node; does what that node asks, and tells what happens. */
export class HostedSite {
  readonly room: string;
  private readonly options: HostedSiteOptions;
  private readonly site: LocalSite;
  private readonly transports = new Map<string, SiteTransport>();
  private readonly producers = new Map<string, SiteProducer>();
  private readonly consumers = new Map<string, SiteConsumer>();
  private readonly told = new Map<string, string>();
  private trunk: TrunkEnd | null = null;

  constructor(options: HostedSiteOptions) {
    const { room, node, pool, log, tell } = options;
    this.options = options;
    this.room = room;
    this.site = new LocalSite({
      node,
      pool,
      log,
      events: {
        lost: (transportIds, reason) => {
          if (reason !== "site-lost")
            tell({ type: "lost", room, transportIds: [...transportIds], reason });
        },
        crowded: () => {},
      },
    });
  }

  /** Listeners and speakers whose transports lie here. */
  get people(): number {
    return Math.ceil(this.transports.size / 2);
  }

  get consumerCount(): number {
    return this.consumers.size;
  }

  /** Ends everybody's media here; their home node builds it anew. */
  drain(): void {
    const transportIds = [...this.transports.keys()];
    if (transportIds.length === 0) return;
    this.options.tell({ type: "lost", room: this.room, transportIds, reason: "moved" });
  }

  /** Asks the home node to let some of the people come anew who lie on this worker. */
  async relieve(slot: WorkerSlot, streams: number, mostPeople: number): Promise<number> {
    const transportIds = await this.site.transportIdsOn(slot);
    if (transportIds.length === 0) return 0;
    this.options.tell({ type: "crowded", room: this.room, transportIds, streams, mostPeople });
    return Math.min(mostPeople, Math.ceil(transportIds.length / 2));
  }

  async localTransports(): Promise<WebRtcTransport[]> {
    return await this.site.transports();
  }

  get line(): TrunkEnd | null {
    return this.trunk;
  }

  /** @throws {SignalError} not-found, or what mediasoup says */
  async do<Name extends LinkMessageName>(
    name: Name,
    ask: LinkAsk<LinkMessageName>,
  ): Promise<LinkAnswer<Name>> {
    const answer = this.answers[name] as (ask: unknown) => Promise<LinkAnswer<Name>>;
    return await answer(ask);
  }

  close(): void {
    this.trunk?.close();
    this.site.close();
    this.transports.clear();
    this.producers.clear();
    this.consumers.clear();
  }

  /** Figures of everybody's line that have changed since they were told last. */
  async tellFigures(): Promise<void> {
    const changed: [string, number | null, number | null][] = [];
    for (const transport of this.transports.values()) {
      const [stat] = await transport.getStats().catch(() => []);
      if (!stat) continue;
      const loss = stat.rtpPacketLossReceived;
      const bps = stat.availableOutgoingBitrate;
      const entry: [string, number | null, number | null] = [
        transport.id,
        loss === undefined ? null : Math.round(loss * 1000) / 1000,
        // To 16 kbit/s: the line that this goes over is thin itself.
        bps === undefined ? null : Math.round(bps / 16_000) * 16_000,
      ];
      const text = JSON.stringify(entry);
      if (this.told.get(transport.id) === text) continue;
      this.told.set(transport.id, text);
      changed.push(entry);
    }
    if (changed.length > 0) {
      this.options.tell({ type: "figures", room: this.room, transports: changed });
    }
  }

  private readonly answers: Answers = {
    "site:open": async () => {
      await this.site.hubRouter();
      return {};
    },
    "site:close": async () => ({}),
    "transports:open": async ({ rtpCapabilities }) => {
      const { send, recv } = await this.site.openTransports(rtpCapabilities);
      this.transports.set(send.id, send);
      this.transports.set(recv.id, recv);
      return { send: send.setup, recv: recv.setup };
    },
    "transport:connect": async ({ id, dtlsParameters }) => {
      await this.transport(id).connect(dtlsParameters);
      return {};
    },
    "transport:restart": async ({ id }) => ({
      iceParameters: await this.transport(id).restartIce(),
    }),
    "transport:close": async ({ id }) => {
      this.transports.get(id)?.close();
      this.transports.delete(id);
      this.told.delete(id);
      return {};
    },
    "producer:open": async ({ transportId, room: _, ...request }) => {
      const producer = await this.transport(transportId).produce(request);
      this.producers.set(producer.id, producer);
      return { layers: producer.layers };
    },
    "producer:set": async ({ id, to }) => {
      const producer = this.producers.get(id);
      if (to === "closed") {
        producer?.close();
        this.producers.delete(id);
      } else if (to === "paused") await producer?.pause();
      else await producer?.resume();
      return {};
    },
    "consumer:open": async ({ transportId, room, maxSpatialLayer, ...request }) => {
      let id = "";
      const { tell } = this.options;
      const consumer = await this.transport(transportId).consume({
        ...request,
        ...(maxSpatialLayer === undefined ? {} : { maxSpatialLayer }),
        onClosed: () => {
          if (this.consumers.delete(id)) tell({ type: "consumer-closed", room, id });
        },
        onNoKeyFrame: () => tell({ type: "no-key-frame", room, id }),
        onLayers: (layer) => tell({ type: "layers", room, id, layer }),
      });
      id = consumer.id;
      if (consumer.closed) throw new SignalError("not-found");
      this.consumers.set(id, consumer);
      const { kind, rtpParameters } = consumer;
      return { id, kind, rtpParameters };
    },
    "consumer:set": async ({ id, to, maxSpatialLayer }) => {
      const consumer = this.consumers.get(id);
      if (maxSpatialLayer !== undefined) consumer?.setMaxSpatialLayer(maxSpatialLayer);
      if (to === "closed") {
        consumer?.close();
        this.consumers.delete(id);
      } else if (to === "paused") consumer?.pause();
      else if (to === "flowing") consumer?.resume();
      return {};
    },
    "trunk:open": async ({ address, room }) => {
      const before = this.trunk;
      // The other end has ended it already, and need not be told.
      this.trunk = null;
      before?.close();
      const trunk = await this.site.openTrunk(this.options.trunk);
      await trunk.connect(address);
      this.trunk = trunk;
      trunk.onClosed(() => {
        if (this.trunk !== trunk) return;
        this.trunk = null;
        this.options.tell({ type: "trunk-closed", room });
      });
      return trunk.address;
    },
    "trunk:take": async ({ stream }) => {
      await this.site.adopt(await this.openLine().receive(stream));
      return {};
    },
    "trunk:give": async ({ producerId }) => await this.site.sendOver(this.openLine(), producerId),
    "trunk:layers": async ({ producerId, layers }) => {
      this.trunk?.setLayers(producerId, layers);
      return {};
    },
    "trunk:stop": async ({ producerId }) => {
      this.trunk?.stop(producerId);
      return {};
    },
  };

  private transport(id: string): SiteTransport {
    const transport = this.transports.get(id);
    if (!transport || transport.closed) throw new SignalError("not-found");
    return transport;
  }

  private openLine(): TrunkEnd {
    if (!this.trunk) throw new SignalError("not-found");
    return this.trunk;
  }
}
