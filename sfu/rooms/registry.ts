import type { Callbacks } from "../callbacks.ts";
import type { CascadeNode } from "../cascade/cascade.ts";
import type { NodeConfig } from "../config.ts";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { RoomKind } from "../protocol.ts";
import { hashResumeKey, isSameHash } from "../tokens.ts";
import type { WorkerPool } from "../transports/workers.ts";
import type { Peer } from "./peer.ts";
import { Room } from "./room.ts";

export type RegistryOptions = {
  config: NodeConfig;
  pool: WorkerPool;
  links: CascadeNode;
  callbacks: Callbacks;
  /** The server's time, in milliseconds since the epoch. */
  now: () => number;
  log: Log;
};

/** The rooms of this node, made when the first one enters, and the sessions in them. */
export class RoomRegistry {
  private readonly options: RegistryOptions;
  private readonly rooms = new Map<string, Promise<Room>>();
  private readonly open = new Set<Room>();
  private readonly sessions = new Map<string, { peer: Peer; room: Room }>();

  private isClosing = false;
  isDraining = false;

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  async roomFor(id: string, kind: RoomKind): Promise<Room> {
    if (this.isClosing || this.isDraining) throw new SignalError("node-closing");
    let pending = this.rooms.get(id);
    if (!pending) {
      pending = Room.create({
        id,
        kind,
        ...this.options,
        onEmpty: (room) => {
          this.open.delete(room);
          this.rooms.delete(room.id);
        },
        isClosing: () => this.isClosing,
        onGone: (peer) => this.sessions.delete(peer.resumeHash.toString("hex")),
      });
      this.rooms.set(id, pending);
      pending.then(
        (room) => this.open.add(room),
        () => this.rooms.delete(id),
      );
    }
    return await pending;
  }

  remember(peer: Peer, room: Room): void {
    this.sessions.set(peer.resumeHash.toString("hex"), { peer, room });
  }

  /** @throws {SignalError} session-unknown */
  sessionOf(resumeKey: string): { peer: Peer; room: Room } {
    const hash = hashResumeKey(resumeKey);
    const session = this.sessions.get(hash.toString("hex"));
    if (!session || !isSameHash(session.peer.resumeHash, hash) || session.peer.state === "gone") {
      throw new SignalError("session-unknown");
    }
    return session;
  }

  find(id: string): Room | undefined {
    return [...this.open].find((room) => room.id === id);
  }

  get all(): readonly Room[] {
    return [...this.open];
  }

  get peerCount(): number {
    return this.all.reduce((count, room) => count + room.joined.length, 0);
  }

  get consumerCount(): number {
    return this.all.reduce((count, room) => count + room.media.consumerCount, 0);
  }

  /** People whose media lies on this node, of this node's rooms. */
  get localPeople(): number {
    return this.all.reduce(
      (count, { media, joined }) => count + joined.filter(({ site }) => site === media.home).length,
      0,
    );
  }

  /** Takes no new room, and sends the people of those that are here elsewhere. */
  drain(): void {
    this.isDraining = true;
    for (const room of this.all) empty(room);
  }

  /**
   * The room lives on another node by now, where its people shall meet.
   * @throws {SignalError} not-found
   */
  sendAway(id: string): void {
    const room = this.find(id);
    if (!room) throw new SignalError("not-found");
    empty(room);
  }

  /** From now on dying workers are nothing to heal. */
  beginClosing(): void {
    this.isClosing = true;
  }

  closeAll(reason: string): void {
    for (const room of this.all) room.close(reason);
  }
}

function empty(room: Room): void {
  const sockets = [...room.peers.values()].flatMap(({ socket }) => socket ?? []);
  room.close("node-closing");
  // Their pages come back by themselves, with a new token and to another node.
  for (const socket of sockets) socket.disconnect();
}
