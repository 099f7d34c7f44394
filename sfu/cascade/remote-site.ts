import type { RtpCapabilities } from "mediasoup/types";
import type { Log } from "../log.ts";
import type { TransportSetup } from "../protocol.ts";
import type { NodeLink } from "./link.ts";
import type { LinkEvent, LinkMessageName } from "./link-messages.ts";
import type { LocalSite } from "./local-site.ts";
import {
  createRemoteConsumer,
  createRemoteProducer,
  type RemoteConsumer,
} from "./remote-handles.ts";
import type { Site, SiteEvents, SiteTransport, TransportFigures } from "./site.ts";
import type { TrunkEnd, TrunkListen } from "./trunk-end.ts";

export type RemoteSiteOptions = {
  room: string;
  link: NodeLink;
  /** Media of the same room on this node: the other end of the trunk. */
  home: LocalSite;
  trunk: TrunkListen;
  events: SiteEvents & {
    /** Streams have to be brought again. */
    trunkLost(): void;
  };
  log: Log;
};

/** One room's media on another node, reached over the link to it. */
export class RemoteSite implements Site {
  readonly node: string;
  private readonly options: RemoteSiteOptions;
  private readonly transports = new Map<string, { isClosed: boolean; figures: TransportFigures }>();
  private readonly consumers = new Map<string, RemoteConsumer>();
  private readonly brought = new Map<string, Promise<void>>();
  private opening: Promise<unknown> | null = null;
  private openingTrunk: Promise<TrunkEnd> | null = null;
  private trunk: TrunkEnd | null = null;
  /** Lines lost so far: one that was being opened when the last was lost is not kept. */
  private linesLost = 0;
  private isClosed = false;

  constructor(options: RemoteSiteOptions) {
    this.options = options;
    this.node = options.link.node;
  }

  get isUp(): boolean {
    return (
      !this.isClosed && (this.options.link.state === "up" || this.options.link.state === "broken")
    );
  }

  get line(): TrunkEnd | null {
    return this.trunk;
  }

  async openTransports(
    rtpCapabilities: RtpCapabilities,
  ): Promise<{ send: SiteTransport; recv: SiteTransport }> {
    await this.open();
    const { link, room } = this.options;
    const { send, recv } = await link.request("transports:open", { room, rtpCapabilities });
    return { send: this.transport(send), recv: this.transport(recv) };
  }

  /** Brings a stream of this node there; at most once. */
  async take(producerId: string): Promise<void> {
    await this.once(producerId, async (trunk) => {
      const { link, room, home } = this.options;
      const stream = await home.sendOver(trunk, producerId);
      await link.request("trunk:take", { room, stream });
    });
  }

  /** Brings a stream from there to this node; at most once. */
  async give(producerId: string): Promise<void> {
    await this.once(producerId, async (trunk) => {
      const { link, room, home } = this.options;
      const stream = await link.request("trunk:give", { room, producerId });
      await home.adopt(await trunk.receive(stream));
    });
  }

  /** Which layers of a stream cross the line; `isThere`: it comes in on the other node. */
  setLayers(producerId: string, layers: readonly number[], isThere: boolean): void {
    if (!this.brought.has(producerId)) return;
    if (!isThere) this.trunk?.setLayers(producerId, layers);
    else this.tell("trunk:layers", { producerId, layers: [...layers] });
  }

  /** The stream has ended. */
  forget(producerId: string): void {
    if (!this.brought.delete(producerId)) return;
    this.trunk?.stop(producerId);
    this.tell("trunk:stop", { producerId });
  }

  /** Takes what the other node tells of this room. */
  hear(event: LinkEvent): void {
    if (event.type === "lost") this.lose(event.transportIds, event.reason);
    else if (event.type === "crowded") {
      this.options.events.crowded(event.transportIds, event.streams, event.mostPeople);
    } else if (event.type === "trunk-closed") this.loseTrunk();
    else if (event.type === "consumer-closed") this.consumers.get(event.id)?.ended();
    else if (event.type === "no-key-frame") this.consumers.get(event.id)?.lacksKeyFrame();
    else if (event.type === "layers") this.consumers.get(event.id)?.changed(event.layer);
    else {
      for (const [id, loss, bps] of event.transports) {
        const transport = this.transports.get(id);
        if (!transport) continue;
        transport.figures = {
          ...(loss === null ? {} : { rtpPacketLossReceived: loss }),
          ...(bps === null ? {} : { availableOutgoingBitrate: bps }),
        };
      }
    }
  }

  /** Whether people of this room may come now; a node that is being emptied says no. */
  async takesPeople(): Promise<boolean> {
    const { link, room } = this.options;
    return await link.request("site:open", { room }).then(
      () => true,
      () => false,
    );
  }

  /** The node is lost: so is everything that lay there. */
  fail(): void {
    if (this.isClosed) return;
    this.shut();
    this.lose([...this.transports.keys()], "site-lost");
  }

  close(): void {
    if (this.isClosed) return;
    this.tell("site:close", {});
    this.shut();
  }

  private shut(): void {
    this.isClosed = true;
    const { trunk } = this;
    this.trunk = null;
    trunk?.close();
    this.brought.clear();
  }

  private lose(transportIds: readonly string[], reason: Parameters<SiteEvents["lost"]>[1]): void {
    for (const id of transportIds) {
      const transport = this.transports.get(id);
      if (transport) transport.isClosed = true;
      this.transports.delete(id);
    }
    this.options.events.lost(transportIds, reason);
  }

  private loseTrunk(): void {
    const lost = this.trunk;
    // Forgotten before it is closed: closing tells, and what is told here begins the next one.
    this.trunk = null;
    this.openingTrunk = null;
    this.linesLost++;
    lost?.close();
    this.brought.clear();
    if (!this.isClosed) this.options.events.trunkLost();
  }

  private async open(): Promise<void> {
    const { link, room } = this.options;
    this.opening ??= link.request("site:open", { room }).catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    await this.opening;
  }

  private async once(producerId: string, bring: (trunk: TrunkEnd) => Promise<void>): Promise<void> {
    let coming = this.brought.get(producerId);
    if (!coming) {
      coming = this.openLine().then(bring);
      this.brought.set(producerId, coming);
      const mine = coming;
      coming.catch(() => {
        if (this.brought.get(producerId) === mine) this.brought.delete(producerId);
      });
    }
    await coming;
  }

  private async openLine(): Promise<TrunkEnd> {
    this.openingTrunk ??= this.openTrunk().catch((error: unknown) => {
      this.openingTrunk = null;
      throw error;
    });
    return await this.openingTrunk;
  }

  private async openTrunk(): Promise<TrunkEnd> {
    const { linesLost } = this;
    await this.open();
    const { link, room, home, trunk: listen } = this.options;
    const trunk = await home.openTrunk(listen);
    try {
      await trunk.connect(await link.request("trunk:open", { room, address: trunk.address }));
    } catch (error) {
      trunk.close();
      throw error;
    }
    if (this.isClosed || linesLost !== this.linesLost) {
      trunk.close();
      throw new Error("the line was lost while it was opened");
    }
    this.trunk = trunk;
    trunk.onClosed(() => {
      if (this.trunk === trunk) this.loseTrunk();
    });
    return trunk;
  }

  private transport(setup: TransportSetup): SiteTransport {
    const { link, room } = this.options;
    const { id } = setup;
    const state = { isClosed: false, figures: {} as TransportFigures };
    this.transports.set(id, state);
    return {
      id,
      setup,
      get closed() {
        return state.isClosed;
      },
      connect: async (dtlsParameters) => {
        await link.request("transport:connect", { room, id, dtlsParameters });
      },
      restartIce: async () => (await link.request("transport:restart", { room, id })).iceParameters,
      getStats: async () => [state.figures],
      produce: async (options) => {
        const request = { ...options, room, transportId: id };
        const { layers } = await link.request("producer:open", request);
        return createRemoteProducer(options, layers, async (to) => {
          await link.request("producer:set", { room, id: options.id, to });
        });
      },
      consume: async ({ onClosed, onNoKeyFrame, onLayers, ...options }) => {
        const answer = await link.request("consumer:open", { ...options, room, transportId: id });
        const consumer = createRemoteConsumer({
          ...{ ...answer, producerId: options.producerId, onClosed, onNoKeyFrame, onLayers },
          set: (change) => this.tell("consumer:set", { id: answer.id, ...change }),
          onGone: () => this.consumers.delete(answer.id),
        });
        this.consumers.set(answer.id, consumer);
        return consumer;
      },
      close: () => {
        if (state.isClosed) return;
        state.isClosed = true;
        this.transports.delete(id);
        this.tell("transport:close", { id });
      },
    };
  }

  /** Says something whose answer nobody waits for. */
  private tell(name: LinkMessageName, body: Record<string, unknown>): void {
    if (!this.isUp) return;
    const { link, room, log } = this.options;
    link.request(name, { room, ...body } as never).catch((error: unknown) => {
      log.debug({ name, error: String(error) }, "not done at the other node");
    });
  }
}
