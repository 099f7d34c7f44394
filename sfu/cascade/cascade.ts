import type { Log } from "../log.ts";
import type { NodeLink } from "./link.ts";
import type { LocalSite } from "./local-site.ts";
import { RemoteSite } from "./remote-site.ts";
import type { Site, SiteEvents } from "./site.ts";
import type { TrunkEnd, TrunkListen } from "./trunk-end.ts";

/** What rooms need to lie on several nodes. */
export type CascadeNode = {
  /** Address of this node among the nodes. */
  own: string;
  trunk: TrunkListen;
  /** The link to another node; made when it is asked for first. */
  linkTo(node: string): NodeLink;
  /** Tells a room's site what its node says, until it is closed. */
  attach(room: string, site: RemoteSite): void;
  detach(room: string, site: RemoteSite): void;
};

export type CascadeOptions = {
  room: string;
  node: CascadeNode;
  home: LocalSite;
  events: SiteEvents & { trunkLost(): void };
  log: Log;
};

/**
 * The sites of one room: this node, and the nodes that carry media of some of its people. Streams
 * go over this node: from the node where they come in, then once to each node that needs them.
 */
export class Cascade {
  readonly home: LocalSite;
  private readonly options: CascadeOptions;
  private readonly sites = new Map<string, RemoteSite>();
  private isClosed = false;

  constructor(options: CascadeOptions) {
    this.options = options;
    this.home = options.home;
  }

  /** Where a person's media goes: the wanted node if it can be reached, else this one. */
  async siteFor(wanted: string | undefined): Promise<Site> {
    const { node, room, log } = this.options;
    if (wanted === undefined || wanted === node.own) return this.home;
    const link = node.linkTo(wanted);
    if (!(await link.ready()) || this.isClosed) return this.home;
    const existing = this.sites.get(wanted);
    if (existing?.isUp) return existing;
    const { events, home } = this.options;
    const site = new RemoteSite({
      ...{ room, link, home, log, trunk: node.trunk },
      events: {
        ...events,
        lost: (transportIds, reason) => {
          if (reason === "site-lost") this.remove(site);
          events.lost(transportIds, reason);
        },
      },
    });
    this.sites.set(wanted, site);
    node.attach(room, site);
    return site;
  }

  /** Whether a node that people are away from can be reached again, for good, and takes them. */
  async takesAgain(node: string, nowMs: number): Promise<boolean> {
    if (node === this.options.node.own) return false;
    const link = this.options.node.linkTo(node);
    if (!link.isSteady(nowMs)) return false;
    const site = await this.siteFor(node);
    const takes = site instanceof RemoteSite && (await site.takesPeople());
    if (!takes) link.rest(nowMs);
    return takes;
  }

  /** Sees to it that a stream lies at a site. */
  async bring(producerId: string, from: Site, to: Site): Promise<void> {
    if (from === to) return;
    if (from instanceof RemoteSite) await from.give(producerId);
    if (to instanceof RemoteSite) await to.take(producerId);
  }

  /**
   * Says which layers of a stream each node needs; what none behind a line needs does not cross it.
   * @param needs layers by site; a site that is missing needs nothing
   */
  setLayers(producerId: string, from: Site, needs: ReadonlyMap<Site, readonly number[]>): void {
    const everywhere = new Set<number>();
    for (const [site, layers] of needs) {
      if (site !== from) for (const layer of layers) everywhere.add(layer);
    }
    if (from instanceof RemoteSite) from.setLayers(producerId, [...everywhere], true);
    for (const site of this.sites.values()) {
      if (site !== from) site.setLayers(producerId, needs.get(site) ?? [], false);
    }
  }

  forget(producerId: string): void {
    for (const site of this.sites.values()) site.forget(producerId);
  }

  get lines(): { node: string; line: TrunkEnd }[] {
    return [...this.sites.values()].flatMap(({ node, line }) => (line ? [{ node, line }] : []));
  }

  /** Whether any other node carries media of this room. */
  get isSpread(): boolean {
    return this.sites.size > 0;
  }

  close(): void {
    this.isClosed = true;
    for (const site of [...this.sites.values()]) {
      site.close();
      this.remove(site);
    }
    this.home.close();
  }

  private remove(site: RemoteSite): void {
    this.options.node.detach(this.options.room, site);
    if (this.sites.get(site.node) === site) this.sites.delete(site.node);
  }
}
