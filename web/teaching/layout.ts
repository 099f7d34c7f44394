/** Who is shown where, and what is fetched when. Pure. */
import type { StagePerson } from "../../timeline/entries.ts";
import type { RemotePeer } from "../room/media/types.ts";

/** The one large picture of a listener: who speaks, else who leads, else whoever shows a picture. */
export function facing(
  peers: readonly RemotePeer[],
  { speaker, leadSub }: { speaker: string | null; leadSub: string | null },
): RemotePeer | null {
  return (
    peers.find((peer) => peer.id === speaker) ??
    peers.find((peer) => peer.sub === leadSub) ??
    peers.find((peer) => peer.camera) ??
    peers[0] ??
    null
  );
}

/** The stage in a settled order, so that tiles do not jump when the speaker changes: who leads first, then by coming. */
export function stageOrder(
  peers: readonly RemotePeer[],
  stage: readonly StagePerson[],
  leadId: string | null,
): RemotePeer[] {
  const place = (peer: RemotePeer) => {
    const at = stage.findIndex((person) => person.sub === peer.sub);
    if (at >= 0 && stage[at]!.personId === leadId) return -1;
    return at < 0 ? stage.length : at;
  };
  return peers.toSorted((left, right) => place(left) - place(right));
}

/**
 * Which version of a slide is fetched. One that was fetched already is shown again whatever the line is now:
 * nothing is fetched twice.
 */
export function versionOf(
  page: { full: string; thin: string },
  { isThin, fetched }: { isThin: boolean; fetched: ReadonlySet<string> },
): string {
  if (fetched.has(page.full)) return page.full;
  if (fetched.has(page.thin)) return page.thin;
  return isThin ? page.thin : page.full;
}
