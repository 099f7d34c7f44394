import { Button, buttonClass } from "../design/components/button.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { Door, type SignedIn } from "./room-app.tsx";

const known = ["ended", "removed", "refused", "replaced", "outdated", "failed"] as const;

/** After the room: what happened, and where to go from here. */
export function Left({
  reason,
  consultId,
  session,
  onAgain,
}: {
  reason: string;
  consultId: string;
  session: SignedIn;
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
          <a className={buttonClass("plain")} href={`/workbench/mine/${consultId}`}>
            {t("room.left.toWorkbench")}
          </a>
        ) : session.kind === "patient" ? (
          <a className={buttonClass("plain")} href="/">
            {t("room.left.toHome")}
          </a>
        ) : null}
      </div>
    </Door>
  );
}
