import { Button } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { close, photo } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { InkLayer, InkTools, useInk } from "./ink.tsx";
import type { Still } from "./media/index.ts";
import { useRoom } from "./room-context.ts";
import { addressOf } from "./use-still.ts";

/** A sharp still in the large place, with what everybody draws on it. */
export function StillBoard({ still }: { still: Still }) {
  const t = useText();
  const { client, room, annotating } = useRoom();
  const ink = useInk((stroke) => void client.annotate(still.attachmentId, stroke));
  const index = room.stills.findIndex((entry) => entry.attachmentId === still.attachmentId);
  const last = still.strokes.findLast(
    (stroke) => stroke.by === room.me?.sub || stroke.by === room.peerId,
  );
  return (
    <div className="board tile tile-large">
      <div className="board-room">
        <div
          className="board-sheet"
          style={{
            aspectRatio: `${still.width} / ${still.height}`,
            width: `min(100cqw, calc(100cqh * ${still.width / still.height}))`,
          }}
        >
          <img
            src={addressOf(still.attachmentId)}
            alt={t("room.still.alt", { name: still.byName })}
          />
          <InkLayer
            strokes={still.strokes}
            sheet={still}
            ink={annotating ? ink : null}
            label={t("room.still.strokes", { count: still.strokes.length })}
          />
        </div>
      </div>
      <div className="tile-foot">
        <p className="tile-name">
          <Icon path={photo} size="small" />
          <span>
            {t("room.still.count", { index: index + 1, count: room.stills.length })} ·{" "}
            {still.byName}
          </span>
        </p>
        <span className="row">
          {room.stills.length > 1 ? (
            <Button
              size="small"
              onClick={() =>
                void client.showStill(
                  room.stills[(index + 1) % room.stills.length]?.attachmentId ?? null,
                )
              }
            >
              {t("room.still.next")}
            </Button>
          ) : null}
          <Button size="small" icon={close} onClick={() => void client.showStill(null)}>
            {t("room.still.close")}
          </Button>
        </span>
      </div>
      {annotating ? (
        <InkTools
          ink={ink}
          onUndo={last ? () => void client.eraseStrokes(still.attachmentId, [last.id]) : null}
        />
      ) : null}
    </div>
  );
}
