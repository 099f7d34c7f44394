import { randomUUID } from "node:crypto";
import type { NodeConfig } from "../config.ts";
import type { Log } from "../log.ts";
import { listenAddress } from "../transports/workers.ts";
import type { CascadeNode } from "./cascade.ts";
import { type LinkIdentity, type LinkState, NodeLink } from "./link.ts";
import type { RemoteSite } from "./remote-site.ts";
import type { TrunkListen } from "./trunk-end.ts";

/** Links of this node, as home of rooms, to the nodes that carry a part of their media. */
export class NodeLinks implements CascadeNode {
  readonly own: string;
  readonly trunk: TrunkListen;
  readonly identity: LinkIdentity;
  private readonly log: Log;
  private readonly links = new Map<string, NodeLink>();
  /** By node and room. */
  private readonly sites = new Map<string, Map<string, RemoteSite>>();

  constructor(
    config: Pick<
      NodeConfig,
      "secret" | "linkUrl" | "linkAddress" | "linkPorts" | "linkGraceMs" | "linkSteadyMs"
    >,
    log: Log,
    now: () => number,
  ) {
    this.log = log;
    this.own = config.linkUrl;
    this.trunk = {
      ...listenAddress(config.linkAddress),
      portRange: config.linkPorts,
    };
    this.identity = {
      secret: config.secret,
      own: config.linkUrl,
      boot: randomUUID(),
      graceMs: config.linkGraceMs,
      steadyMs: config.linkSteadyMs,
      now,
    };
  }

  linkTo(node: string): NodeLink {
    const existing = this.links.get(node);
    if (existing) return existing;
    const link = new NodeLink({
      ...this.identity,
      node,
      log: this.log,
      onEvent: (event) => this.sites.get(node)?.get(event.room)?.hear(event),
      onLost: () => {
        for (const site of [...(this.sites.get(node)?.values() ?? [])]) site.fail();
      },
    });
    this.links.set(node, link);
    return link;
  }

  attach(room: string, site: RemoteSite): void {
    const rooms = this.sites.get(site.node) ?? new Map<string, RemoteSite>();
    this.sites.set(site.node, rooms.set(room, site));
  }

  detach(room: string, site: RemoteSite): void {
    const rooms = this.sites.get(site.node);
    if (rooms?.get(room) === site) rooms.delete(room);
  }

  /** Every link and how it stands. */
  get states(): { node: string; state: LinkState }[] {
    return [...this.links.values()].map(({ node, state }) => ({ node, state }));
  }

  close(): void {
    for (const link of this.links.values()) link.close();
    this.links.clear();
  }
}
