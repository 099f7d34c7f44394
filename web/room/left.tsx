import { Button, buttonClass } from "../design/components/button.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { Door, type SignedIn } from "./room-app.tsx";
import type { RoomPlace } from "./room-context.ts";

const known = ["ended", "removed", "refused", "replaced", "outdated", "failed"] as const;

/** After the room: what happened, and where to go from here. */
export function Left({
  reason,
  consultId,
  session,
  place,
  onAgain,
}: {
  reason: string;
  consultId: string;
  session: SignedIn;
  place: RoomPlace;
  onAgain: () => void;
}) {
  const t = useText();
  const code = known.find((one) => one === reason) ?? "ended";
  return (
    <Door title={t(`room.left.${code}` satisfies MessageId)}>
      <p className="muted">{t(`room.left.${code}How` satisfies MessageId)}</p>
      <div className="row">
        {code === "removed" || code === "refused" ? null : (
          <Button look="primary" onClick={code === "outdated" ? () => location.reload() : onAgain}>
            {code === "outdated" ? t("room.left.reload") : t("room.left.again")}
          </Button>
        )}
        {session.kind === "staff" ? (
          <a
            className={buttonClass("plain")}
            // The room of a visit stands in a frame beside its page.
            target="_top"
            href={`/workbench/${place === "visit" ? "visits" : "mine"}/${consultId}`}
          >
            {t("room.left.toWorkbench")}
          </a>
        ) : session.kind === "patient" ? (
          <a
            className={buttonClass("plain")}
            href={place === "visit" ? `/visit/${consultId}` : "/"}
          >
            {t("room.left.toHome")}
          </a>
        ) : null}
      </div>
    </Door>
  );
}
