import type { SessionView } from "../../server/teaching/contract.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";

const known = ["replaced", "removed", "outdated", "failed", "left", "ended"] as const;

/** After the room: what happened, and where to go from here. */
export function Out({
  reason,
  session,
  onAgain,
}: {
  reason: string;
  session: SessionView;
  onAgain: () => void;
}) {
  const t = useText();
  const code = known.find((one) => one === reason) ?? "left";
  if (code === "ended")
    return (
      <>
        {session.record && !session.withheld ? (
          <p className="muted">{t("lecture.left.endedHow")}</p>
        ) : null}
        {session.state === "published" && !session.withheld ? (
          <a
            className={buttonClass("primary", { size: "large" })}
            href={`/teaching/${session.id}/replay`}
          >
            {t("lecture.left.replay")}
          </a>
        ) : null}
      </>
    );
  return (
    <>
      <p className="muted">
        {t(code === "left" ? "lecture.left.leftHow" : (`lecture.left.${code}` satisfies MessageId))}
      </p>
      {code === "removed" ? null : (
        <Button look="primary" onClick={code === "outdated" ? () => location.reload() : onAgain}>
          {t("lecture.left.again")}
        </Button>
      )}
    </>
  );
}
