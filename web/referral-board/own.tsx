import { Link } from "wouter";
import type { Board } from "../../server/referral/board-contract.ts";
import type { StaffView } from "../api/session.ts";
import { Status, type Tone } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime } from "../i18n/time.ts";

export const tones: Record<Board["own"][number]["urgency"], Tone> = {
  emergency: "bad",
  urgent: "warn",
  routine: "quiet",
};

/** What the own house has open, as far as the role may see: number and clock, the file only for who works on it. */
export function OwnLoops({ board, session }: { board: Board; session: StaffView }) {
  const t = useText();
  const nameOf = useNameOf();
  const opens = ["referral.desk", "referral.request", "referral.ward"].some((one) =>
    session.permissions.includes(one),
  );
  return (
    <section className="loops-card">
      <h2>{t("loops.ownTitle")}</h2>
      <p className="muted small">{t("loops.ownHow")}</p>
      {board.own.length === 0 ? (
        <p>{t("loops.ownNone")}</p>
      ) : (
        <ul className="loops-list">
          {board.own.map((one) => {
            const late = one.dueAt !== null && Date.parse(one.dueAt) < Date.parse(board.at);
            return (
              <li key={one.id}>
                <p className="row spread wrap">
                  {opens ? (
                    <Link href={`/referrals/${one.id}`} className="figure">
                      {one.number}
                    </Link>
                  ) : (
                    <span className="figure">{one.number}</span>
                  )}
                  <span className="row">
                    <Status tone={tones[one.urgency]}>{t(`loops.urgency.${one.urgency}`)}</Status>
                    <Status tone={late ? "bad" : "info"}>
                      {t(`loops.state.${one.state}` as MessageId)}
                    </Status>
                  </span>
                </p>
                <p className="small">
                  {t("loops.between", { from: nameOf(one.from), to: nameOf(one.to) })}
                </p>
                <p className="muted small">
                  {one.dueAt
                    ? t(late ? "loops.overdueSince" : "loops.dueBy", { time: dayTime(one.dueAt) })
                    : t("loops.sentAt", { time: dayTime(one.submittedAt) })}
                </p>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/** Free words of doctors: a house reads those of its own referrals alone. */
export function Reasons({ board }: { board: Board }) {
  const t = useText();
  const nameOf = useNameOf();
  return (
    <section className="loops-card">
      <h2>{t("loops.reasonsTitle")}</h2>
      {board.reasons.length === 0 ? (
        <p className="muted">{t("loops.reasonsNone")}</p>
      ) : (
        <ul className="loops-list">
          {board.reasons.map((one) => (
            <li key={`${one.id}:${one.at}`}>
              <p lang="zh-CN">{one.reason}</p>
              <p className="muted small">
                {one.number} · {t("loops.between", { from: nameOf(one.from), to: nameOf(one.to) })}{" "}
                · {dayTime(one.at)}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
