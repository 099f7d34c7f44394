import type { LossReason } from "../cascade/site.ts";
import type { Log } from "../log.ts";
import type { Peer } from "./peer.ts";
import type { Room } from "./room.ts";

/** So many people of a room are asked to come anew at a time. */
export const MOST_AT_ONCE = 5;
/** Who has just been moved is left alone, the longer the more often it happened. */
const REST_MS = 60_000;
const MOST_RESTS = 5;
const STAND_AGAIN_MS = 100;

/** What the choice of who moves depends on. */
export type Movable = {
  isOnStage: boolean;
  isSpeaking: boolean;
  /** Sends something that others see or hear just now. */
  isSending: boolean;
  /** Streams that come along. */
  streams: number;
};

/**
 * Who is to come anew so that so many streams go elsewhere: the audience first, then who sends
 * nothing, then the others; whoever speaks stays. Pure.
 */
export function whoMoves<Person extends Movable>(
  people: readonly Person[],
  streams: number,
  most: number,
): Person[] {
  const rank = ({ isOnStage, isSending }: Movable) => (isOnStage ? (isSending ? 2 : 1) : 0);
  const able = people.filter(({ isSpeaking }) => !isSpeaking);
  const chosen: Person[] = [];
  let gone = 0;
  for (const person of [...able].sort((a, b) => rank(a) - rank(b))) {
    if (gone >= streams || chosen.length >= most) break;
    gone += person.streams;
    chosen.push(person);
  }
  return chosen;
}

/**
 * Where the people of one room have their media, over time: it is built anew when a worker or node
 * is lost, and people are asked to come anew when theirs carries too much or their own node is
 * back. Until they come, what they have goes on.
 */
export class Moves {
  private readonly room: Room;
  private readonly log: Log;
  private readonly isClosing: () => boolean;
  private readonly everyMs: number;
  /** Set while media moves to another worker. */
  private moving: Promise<void> | null = null;
  private readonly rests = new WeakMap<Peer, { count: number; untilMs: number }>();
  private isAsking = false;
  private askedAtMs = 0;

  /** @param everyMs how often it is looked whether people may go back to their own node */
  constructor(room: Room, options: { log: Log; isClosing: () => boolean; everyMs: number }) {
    this.room = room;
    this.log = options.log;
    this.isClosing = options.isClosing;
    this.everyMs = options.everyMs;
  }

  /** Resolves when media stands (again). */
  async settled(): Promise<void> {
    await this.moving;
  }

  /** Media of these people is gone: once there is a place for it, their pages are told to come. */
  lost(peers: readonly Peer[], reason: LossReason): void {
    if (this.isOver) return;
    this.log.warn({ room: this.room.id, reason, peers: peers.length }, "people's media moves");
    const before = this.moving ?? Promise.resolve();
    const moving = before
      .then(() => this.placeAgain(peers, reason))
      .finally(() => {
        if (this.moving === moving) this.moving = null;
      });
    this.moving = moving;
  }

  /**
   * Asks some of those who have these transports to come anew: their worker carries too much.
   * @param streams that should go, at least
   * @returns how many people were asked
   */
  relieve(transportIds: readonly string[], streams: number, most: number): number {
    const here = new Set(transportIds);
    const people = this.movable(
      ({ recv, consumers }) => recv !== null && consumers.size > 0 && here.has(recv.id),
    );
    const chosen = whoMoves(people, streams, Math.min(most, MOST_AT_ONCE));
    if (chosen.length > 0) {
      this.log.info({ room: this.room.id, peers: chosen.length }, "a worker is relieved");
    }
    for (const { peer } of chosen) this.ask(peer);
    return chosen.length;
  }

  /** People whose own node can be reached again go back to it; called by the room's clock. */
  async returnToSites(nowMs: number): Promise<void> {
    if (this.isAsking || this.isOver || nowMs - this.askedAtMs < this.everyMs) return;
    this.askedAtMs = nowMs;
    const away = this.movable(isAway).flatMap((person) => {
      const wanted = person.peer.claims.site;
      return wanted === undefined ? [] : [{ ...person, wanted }];
    });
    if (away.length === 0) return;
    this.isAsking = true;
    try {
      const { cascade } = this.room.media;
      for (const wanted of new Set(away.map((person) => person.wanted))) {
        if (!(await cascade.takesAgain(wanted, nowMs)) || this.isOver) continue;
        const people = away.filter((person) => person.wanted === wanted);
        const chosen = whoMoves(people, Number.POSITIVE_INFINITY, MOST_AT_ONCE);
        if (chosen.length === 0) continue;
        this.log.info({ room: this.room.id, node: wanted, peers: chosen.length }, "back to a node");
        for (const { peer } of chosen) this.ask(peer);
      }
    } finally {
      this.isAsking = false;
    }
  }

  private get isOver(): boolean {
    return this.room.closed || this.isClosing();
  }

  private movable(fits: (peer: Peer) => boolean) {
    const nowMs = Date.now();
    const { room } = this;
    return room.joined.filter(fits).flatMap((peer) => {
      const isResting = (this.rests.get(peer)?.untilMs ?? 0) > nowMs;
      if (!peer.socket || !peer.recv || isResting) return [];
      const isSending = [...peer.producers.values()].some(({ producer }) => !producer.paused);
      return {
        peer,
        isOnStage: peer.isOnStage,
        isSpeaking: room.speaker === peer.id,
        isSending,
        streams: peer.consumers.size,
      };
    });
  }

  /** What this person has stays until the page has asked for new transports. */
  private ask(peer: Peer): void {
    const count = Math.min(MOST_RESTS, (this.rests.get(peer)?.count ?? -1) + 1);
    this.rests.set(peer, { count, untilMs: Date.now() + REST_MS * 2 ** count });
    peer.emit("room:moved", { reason: "moved" });
  }

  private async placeAgain(peers: readonly Peer[], reason: LossReason): Promise<void> {
    const { room, log } = this;
    while (!this.isOver) {
      try {
        await room.media.stand();
        break;
      } catch (error) {
        // That worker died as well, or is about to; the pool knows the next one.
        log.error({ room: room.id, error: String(error) }, "room cannot be placed");
        await new Promise((resolve) => setTimeout(resolve, STAND_AGAIN_MS));
      }
    }
    if (this.isOver) return;
    if (reason === "worker-died") room.report("worker-died", null);
    room.lostSight(peers);
    for (const peer of peers) {
      peer.emit("room:moved", { reason });
      room.tellPeer(peer);
    }
  }
}

/** Its media lies elsewhere than its token says. */
function isAway({ claims, site }: Peer): boolean {
  return claims.site !== undefined && site !== null && site.node !== claims.site;
}
