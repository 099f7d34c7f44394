import type { PrivateState } from "../protocol.ts";
import type { Peer } from "./peer.ts";
import type { Room } from "./room.ts";

type Talk = { by: { peerId: string; name: string }; since: number };

/** A talk among the staff of a room while the others are on hold. */
export class PrivateTalk {
  private readonly room: Room;
  private talk: Talk | null = null;

  constructor(room: Room) {
    this.room = room;
  }

  get isOn(): boolean {
    return this.talk !== null;
  }

  start(peer: Peer): void {
    if (this.talk) return;
    this.talk = { by: { peerId: peer.id, name: peer.claims.name }, since: Date.now() };
    this.room.report("private-talk-started", peer);
    this.tell();
  }

  /** @param peer who ended it; null: nobody of them is left */
  end(peer: Peer | null): void {
    if (!this.talk) return;
    const { since } = this.talk;
    this.talk = null;
    const seconds = Math.round((Date.now() - since) / 1000);
    this.room.report("private-talk-ended", peer, { seconds });
    this.tell();
  }

  /** Somebody has left: a talk of nobody is over. */
  left(): void {
    if (!this.talk) return;
    if ([...this.room.stage].some((other) => other.claims.private)) this.tell();
    else this.end(null);
  }

  stateFor(peer: Peer): PrivateState {
    const members = [...this.room.stage]
      .filter((other) => other.claims.private)
      .map((other) => ({ peerId: other.id, audio: other.privateAudio }));
    return {
      active: this.talk !== null,
      by: this.talk?.by ?? null,
      since: this.talk?.since ?? null,
      members: this.talk && peer.claims.private ? members : [],
    };
  }

  /** On hold one does not even see who of the others speaks. */
  keepsApart(speaker: Peer, listener: Peer): boolean {
    return this.isOn && speaker.claims.private !== listener.claims.private;
  }

  tell(): void {
    const { room } = this;
    for (const peer of room.joined) peer.emit("private:state", { state: this.stateFor(peer) });
    void room.media.syncAll();
  }
}
