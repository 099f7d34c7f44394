import { Link } from "wouter";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import type { StaffView } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Status } from "../design/components/status.tsx";
import { file } from "../design/icons.ts";
import { i18n, type MessageId, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dateTime, dayWords } from "../i18n/time.ts";
import { readsRecords } from "../workbench/rights.ts";
import { FollowUpState } from "./follow-up-list.tsx";
import { noonOf, stateTone } from "./words.ts";

/** The whole episode beside it: what else belongs to it, the follow-ups, and who did what. */
export function EpisodeSide({
  referral,
  session,
}: {
  referral: ReferralDetail;
  session: StaffView;
}) {
  const t = useText();
  const named = useNameOf();
  const { episode, others, followUps } = referral;
  return (
    <div className="referral-side">
      <section className="side-section">
        <p className="muted small figure">{episode.number}</p>
        <p className="strong">{episode.complaint || t("referral.side.noComplaint")}</p>
        <p className="muted small">
          {t(`referral.episode.${episode.state}`)} ·{" "}
          {t("referral.side.since", { day: dayWords(episode.openedAt) })}
        </p>
        {readsRecords(session) ? (
          <Link
            href={`/record/${referral.patient.id}`}
            className={buttonClass("plain", { size: "small", className: "align-start" })}
          >
            <Icon path={file} />
            <span>{t("referral.side.record")}</span>
          </Link>
        ) : null}
      </section>
      {others.length > 0 ? (
        <section className="side-section">
          <h3>{t("referral.side.others")}</h3>
          <ul className="side-list">
            {others.map((one) => (
              <li key={one.id}>
                <Link href={`/referrals/${one.id}`}>
                  {t(`referral.direction.${one.direction}`)} · {named(one.from)} →{" "}
                  {one.to ? named(one.to) : t("referral.side.noTarget")}
                </Link>{" "}
                <Status tone={stateTone[one.state]}>{t(`referral.state.${one.state}`)}</Status>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {followUps.length > 0 ? (
        <section className="side-section">
          <h3>{t("referral.side.followUps")}</h3>
          <ul className="side-list">
            {followUps.map((one) => (
              <li key={one.id}>
                {session.permissions.includes("referral.follow-up") ? (
                  <Link href={`/follow-ups/${one.id}`}>
                    {dayWords(noonOf(one.dueOn))} · {t(`referral.followUp.kind.${one.kind}`)}
                  </Link>
                ) : (
                  `${dayWords(noonOf(one.dueOn))} · ${t(`referral.followUp.kind.${one.kind}`)}`
                )}{" "}
                <FollowUpState followUp={one} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className="side-section">
        <h3>{t("referral.side.steps")}</h3>
        <ol className="referral-steps">
          {referral.steps.map((step) => (
            <li key={step.at + step.action}>
              <time className="muted small figure" dateTime={step.at}>
                {dateTime(step.at)}
              </time>
              <span className="strong">{stepWords(step.action)}</span>
              <span className="muted small">
                {[step.by, step.institution ? named(step.institution) : null]
                  .filter(Boolean)
                  .join(" · ") || t("referral.side.itself")}
              </span>
              {step.reason ? (
                <span className="pre-line">
                  {step.action === "escalate"
                    ? t(`referral.rung.${step.reason}` as MessageId)
                    : step.reason}
                </span>
              ) : null}
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

/** A step that is not named yet reads as a change. */
function stepWords(action: string): string {
  const id = `referral.step.${action}`;
  const words = i18n._(id);
  return words === id ? i18n._("referral.step.amend") : words;
}
