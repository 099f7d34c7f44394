import type { RoomClient } from "./client.ts";

/**
 * Plays everybody's sound. Kept apart from tiles, so that a picture that scrolls out of sight is
 * still heard. @returns a function that stops it
 */
export function playRoom(client: RoomClient, onBlocked: () => void = () => {}): () => void {
  const players = new Map<string, HTMLAudioElement>();

  function update(): void {
    const { peers } = client.getSnapshot();
    const tracks = peers.flatMap((peer) => [peer.audio, peer.lecture, peer.interpretation]);
    const seen = new Set<string>();
    for (const track of tracks) {
      if (!track) continue;
      seen.add(track.consumerId);
      let player = players.get(track.consumerId);
      if (!player) {
        player = new Audio();
        player.autoplay = true;
        player.srcObject = track.stream;
        players.set(track.consumerId, player);
        player.play().catch((error: DOMException) => {
          if (error.name === "NotAllowedError") onBlocked();
        });
      }
      player.volume = track.volume;
    }
    for (const [id, player] of players) {
      if (seen.has(id)) continue;
      player.srcObject = null;
      players.delete(id);
    }
  }

  const unsubscribe = client.subscribe(update);
  update();
  return () => {
    unsubscribe();
    for (const player of players.values()) player.srcObject = null;
    players.clear();
  };
}
