import type { MessageList } from "../../server/notices/centre-contract.ts";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { useMessages } from "./queries.ts";

const tones: Record<MessageList["messages"][number]["state"], Tone> = {
  held: "quiet",
  queued: "quiet",
  sent: "info",
  delivered: "good",
  failed: "bad",
  expired: "warn",
  unconfirmed: "warn",
};

/** What became of the house's text messages; those that did not arrive first. */
export function Messages() {
  const t = useText();
  const found = useMessages(true);
  const list = found.data?.messages ?? [];
  return (
    <Card title={t("notices.sms.title")}>
      <p className="muted">{t("notices.sms.how")}</p>
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data && list.length === 0 ? <p>{t("notices.sms.none")}</p> : null}
      <ul className="notices-list">
        {list.map((one) => (
          <li key={one.id} className="notice-line">
            <div className="notice-what">
              <span className="notice-marks">
                <Status tone={tones[one.state]}>
                  {t(`notices.sms.state.${one.state}`, {
                    time: one.heldUntil ? dayTime(one.heldUntil) : "",
                  })}
                </Status>
                <time className="muted small figure" dateTime={one.at}>
                  {dayTime(one.at)}
                </time>
              </span>
              <span className="small">
                {[
                  t("notices.sms.kind", { phone: one.phoneMasked }),
                  one.sender,
                  one.call ? t("notices.sms.call") : null,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
