import { useText } from "../i18n/i18n.ts";
import { useRoom } from "./room-context.ts";
import { StillBoard } from "./still-board.tsx";
import { ScreenTile, SelfTile, Tile } from "./tile.tsx";

/** The speaker large, the others beside; a shared screen or a still takes the large place. */
export function Stage() {
  const t = useText();
  const { room, pinned } = useRoom();
  const present = room.peers.filter(
    (peer) => peer.role !== "observer" || peer.audio || peer.camera,
  );
  const sharing = room.peers.find((peer) => peer.screen);
  const still = room.shownStill
    ? room.stills.find((entry) => entry.attachmentId === room.shownStill)
    : undefined;
  const speaking = present.find((peer) => peer.id === room.speaker);
  const large =
    still || sharing
      ? null
      : (speaking ?? present.find((peer) => peer.camera) ?? present[0] ?? null);
  const beside = present
    .filter((peer) => peer !== large)
    .toSorted((left, right) => Number(right.id === pinned) - Number(left.id === pinned));
  return (
    <div className="stage">
      <div className="stage-large">
        {still ? (
          <StillBoard key={still.attachmentId} still={still} />
        ) : sharing ? (
          <ScreenTile peer={sharing} />
        ) : large ? (
          <Tile key={large.id} peer={large} large />
        ) : (
          <div className="tile tile-large tile-empty">
            <p>
              {room.connection === "joined"
                ? t("room.alone")
                : t(`room.connection.${room.connection}`)}
            </p>
            {room.connection === "joined" ? <p className="muted">{t("room.aloneHow")}</p> : null}
          </div>
        )}
      </div>
      <div className="stage-beside">
        {beside.map((peer) => (
          <Tile key={peer.id} peer={peer} pinned={peer.id === pinned} />
        ))}
        <SelfTile />
      </div>
    </div>
  );
}
