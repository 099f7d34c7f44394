import type { WaitingPeer } from "../protocol.ts";
import type { Peer } from "./peer.ts";
import type { Room } from "./room.ts";

/** Who waits before a room, and who need not or may not pass by the token alone. */
export class Lobby {
  private readonly room: Room;
  /** People who have been let in once; they need not wait again. */
  private readonly admitted = new Set<string>();
  /** Who was put out comes back by the lobby only. */
  private readonly removed = new Set<string>();

  constructor(room: Room) {
    this.room = room;
  }

  passes({ claims: { lobby, moderator, sub } }: Peer): boolean {
    return (!lobby && !this.removed.has(sub)) || moderator || this.admitted.has(sub);
  }

  admit(sub: string): void {
    this.admitted.add(sub);
    this.removed.delete(sub);
  }

  putOut(sub: string): void {
    this.admitted.delete(sub);
    this.removed.add(sub);
  }

  get waiting(): WaitingPeer[] {
    return [...this.room.peers.values()]
      .filter(({ state }) => state === "waiting")
      .map((peer) => peer.waitingInfo);
  }

  /** Tells those who may let people in. */
  tell(): void {
    const { waiting } = this;
    for (const peer of this.room.stage) {
      if (peer.claims.moderator) peer.emit("lobby:list", { waiting });
    }
  }
}
