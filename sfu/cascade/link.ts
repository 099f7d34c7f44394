import { io, type Socket } from "socket.io-client";
import type { Log } from "../log.ts";
import {
  type LinkAnswer,
  type LinkAsk,
  type LinkEvent,
  type LinkMessageName,
  linkHello,
  linkMessages,
  linkReply,
  linkTold,
} from "./link-messages.ts";
import { createLinkGuard, type LinkClaims, signLink } from "./link-token.ts";

export const LINK_PATH = "/link";
const RETRY_MS = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A person who comes waits this long for a node that was not asked before, then gets media here. */
const FIRST_CONNECT_MS = 2_000;
/** A link that was lost again and again has to stand this much longer at most, as a power of 2. */
const MOST_DOUBLINGS = 5;

export type LinkIdentity = {
  secret: string;
  /** Address of this node among the nodes. */
  own: string;
  boot: string;
  /** How long a cut link may take to heal before its people's media is built elsewhere. */
  graceMs: number;
  /** How long it has to stand before people go back; longer after each time that it was lost. */
  steadyMs: number;
  /** The server's time, in milliseconds since the epoch; both nodes go by it. */
  now?: () => number;
};

/** `broken`: cut, and it may still heal without anybody noticing but the ear. */
export type LinkState = "new" | "up" | "broken" | "down";

export type LinkOptions = LinkIdentity & {
  node: string;
  log: Log;
  onEvent: (event: LinkEvent) => void;
  /** Everything that lay on the other node is lost to us. */
  onLost: () => void;
};

type Pending = {
  n: number;
  name: LinkMessageName;
  body: unknown;
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
};

/** The home node's end of a link: asks, and is told. A short cut loses nothing and repeats nothing. */
export class NodeLink {
  readonly node: string;
  state: LinkState = "new";
  private readonly options: LinkOptions;
  private readonly socket: Socket;
  private readonly verify: (token: unknown) => Promise<LinkClaims>;
  private readonly pending = new Map<number, Pending>();
  private readonly waiting = new Set<() => void>();
  /** Since when it stands; null: it does not, or is not to be counted on yet. */
  private standsSinceMs: number | null = null;
  private losses = 0;
  private count = 0;
  private seen = 0;
  private asked = "";
  private peerBoot = "";
  private grace: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.options = options;
    this.node = options.node;
    this.verify = createLinkGuard(options);
    this.socket = io(options.node, {
      path: LINK_PATH,
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 1_000,
      timeout: 3_000,
      auth: (give) => void this.introduce().then(give),
    });
    this.socket.on("hello", (message: unknown) => void this.greet(message));
    this.socket.on("told", (message: unknown) => this.hear(message));
    this.socket.on("disconnect", () => this.cut());
    // A refusal is not tried again by itself; the other node may know us later.
    this.socket.on("connect_error", (error) => {
      this.options.log.debug({ node: this.node, error: String(error) }, "link not made");
      if (!this.socket.active) this.tryLater();
    });
  }

  /** Resolves to whether the node can be asked now. */
  async ready(): Promise<boolean> {
    if (this.state === "up" || this.state === "broken") return true;
    if (this.state === "down") return false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_CONNECT_MS);
      this.waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    if (this.state === "new") this.state = "down";
    return (this.state as LinkState) === "up";
  }

  /** It has stood for so long that people may go back to its node. */
  isSteady(nowMs: number): boolean {
    if (this.state !== "up" || this.standsSinceMs === null) return false;
    const waitMs = this.options.steadyMs * 2 ** Math.min(this.losses, MOST_DOUBLINGS);
    return nowMs - this.standsSinceMs >= waitMs;
  }

  /** The node takes nobody at the moment: not to be asked again at once. */
  rest(nowMs: number): void {
    if (this.standsSinceMs !== null) this.standsSinceMs = nowMs;
  }

  /** @throws Error when the node refuses, does not answer in time, or is lost */
  async request<Name extends LinkMessageName>(
    name: Name,
    body: LinkAsk<Name>,
  ): Promise<LinkAnswer<Name>> {
    if (this.state !== "up" && this.state !== "broken") throw new Error("the link is down");
    const n = ++this.count;
    const data = await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(n);
        reject(new Error(`${name}: no answer in time`));
      }, REQUEST_TIMEOUT_MS);
      const settle = <Value>(then: (value: Value) => void) => {
        return (value: Value) => {
          clearTimeout(timer);
          this.pending.delete(n);
          then(value);
        };
      };
      const request = { n, name, body, resolve: settle(resolve), reject: settle(reject) };
      this.pending.set(n, request);
      if (this.state === "up") this.send(request);
    });
    return linkMessages[name].answer.parse(data) as LinkAnswer<Name>;
  }

  close(): void {
    clearTimeout(this.grace);
    clearTimeout(this.retry);
    this.state = "down";
    this.socket.disconnect();
    this.rejectAll("the link is closed");
  }

  private async introduce(): Promise<object> {
    const { secret, own, boot, node } = this.options;
    const claims = { from: own, to: node, boot };
    const { token, jti } = await signLink(secret, claims, this.options.now?.());
    this.asked = jti;
    return { token, isFresh: this.state !== "broken", seen: this.seen };
  }

  private async greet(message: unknown): Promise<void> {
    const { node, log } = this.options;
    try {
      const hello = linkHello.parse(message);
      const claims = await this.verify(hello.token);
      if (claims.from !== node || claims.answers !== this.asked) {
        throw new Error("another node answers at this address");
      }
      clearTimeout(this.grace);
      const isKept = hello.isKept && claims.boot === this.peerBoot;
      if (this.state === "broken" && !isKept) this.lose();
      this.peerBoot = claims.boot;
      if (!isKept) this.seen = 0;
      if (!isKept || this.standsSinceMs === null) this.standsSinceMs = Date.now();
      this.state = "up";
      log.info({ node, isKept }, "link to node is up");
      for (const wake of this.waiting) wake();
      this.waiting.clear();
      for (const request of this.pending.values()) this.send(request);
    } catch (error) {
      log.warn({ node, error: String(error) }, "link refused by us");
      this.socket.disconnect();
      this.tryLater();
    }
  }

  private hear(message: unknown): void {
    const parsed = linkTold.safeParse(message);
    if (!parsed.success) {
      this.options.log.warn({ node: this.node }, "unreadable link event");
      return;
    }
    const { seq, event } = parsed.data;
    if (seq <= this.seen) return;
    this.seen = seq;
    this.options.onEvent(event);
  }

  private send({ n, name, body, resolve, reject }: Pending): void {
    this.socket.emit("ask", { n, name, body }, (message: unknown) => {
      const reply = linkReply.safeParse(message);
      if (!reply.success) reject(new Error(`${name}: unreadable answer`));
      else if (reply.data.ok) resolve(reply.data.data);
      else reject(new Error(`${name}: ${reply.data.code}`));
    });
  }

  private tryLater(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.socket.connect(), RETRY_MS).unref();
  }

  private cut(): void {
    if (this.state !== "up") return;
    this.state = "broken";
    this.options.log.warn({ node: this.node }, "link to node is cut");
    this.grace = setTimeout(() => {
      this.state = "down";
      this.lose();
    }, this.options.graceMs);
  }

  private lose(): void {
    this.options.log.error({ node: this.node }, "node is lost to us");
    this.seen = 0;
    this.standsSinceMs = null;
    this.losses++;
    this.rejectAll("the node is lost");
    this.options.onLost();
  }

  private rejectAll(reason: string): void {
    for (const { reject } of [...this.pending.values()]) reject(new Error(reason));
    this.pending.clear();
  }
}
