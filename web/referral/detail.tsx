import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { urgencyTone } from "../consult/words.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { check } from "../design/icons.ts";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dateTime, dayTime } from "../i18n/time.ts";
import { Actions } from "./actions.tsx";
import { Conversation } from "./conversation.tsx";
import { EmergencyNotice } from "./emergency-notice.tsx";
import { OutsideLine } from "./outside-line.tsx";
import { TransferLink } from "./transfer-link.tsx";
import { stateTone } from "./words.ts";
import { Written } from "./written.tsx";

/** Where it stands, what was written, what may be done now, and what both houses said. */
export function Detail({
  referral,
  session,
  onAmend,
}: {
  referral: ReferralDetail;
  session: StaffView;
  onAmend: () => void;
}) {
  const t = useText();
  const named = useNameOf();
  const asks = referral.steps.filter((step) => step.to === "more-info-asked").at(-1);
  return (
    <>
      <header className="consult-head">
        <p className="muted small figure">
          {t("referral.head", {
            number: referral.number,
            time: dateTime(referral.submittedAt ?? referral.updatedAt),
            doctor: referral.requester.name,
            from: named(referral.from),
          })}
        </p>
        <div className="row spread">
          <PersonLine person={referral.patient} />
          {referral.clock ? (
            <Countdown
              dueAt={referral.clock.dueAt}
              size="large"
              lead={t(`referral.clock.${referral.clock.kind}`)}
            />
          ) : null}
        </div>
        <div className="row">
          <Status tone="info">{t(`referral.direction.${referral.direction}`)}</Status>
          <Status tone={urgencyTone[referral.urgency]}>
            {t(`common.urgency.${referral.urgency}`)}
          </Status>
          <Status tone={stateTone[referral.state]}>{t(`referral.state.${referral.state}`)}</Status>
          {referral.escalationLevel > 0 && referral.state === "submitted" ? (
            <Status tone="bad">{t("referral.escalated")}</Status>
          ) : null}
          {referral.to ? (
            <span>
              → {named(referral.to)}
              {referral.department ? ` · ${named(referral.department)}` : ""}
            </span>
          ) : null}
        </div>
        <p className="referral-now">{t(nowWords(referral))}</p>
      </header>
      {referral.urgency === "emergency" &&
      referral.direction === "up" &&
      mine(referral) &&
      going(referral) ? (
        <EmergencyNotice
          institutionId={referral.to?.id ?? null}
          underway={referral.state === "on-the-way"}
        />
      ) : null}
      <TransferLink referral={referral} />
      <OutsideLine referral={referral} />
      {referral.triage ? (
        <p>
          <Status tone={referral.triage.redFlags.length > 0 ? "bad" : "quiet"}>
            {t("referral.triage.said", {
              outcome: t(`referral.triage.${referral.triage.outcome}` as MessageId),
              time: dayTime(referral.triage.assessedAt),
            })}
          </Status>{" "}
          {referral.triage.redFlags.length > 0 ? (
            <span className="muted small">
              {t("referral.triage.flags", { count: referral.triage.redFlags.length })}
            </span>
          ) : null}{" "}
          {referral.triage.overruled ? (
            <span className="muted small">{t("referral.triage.overruled")}</span>
          ) : null}
        </p>
      ) : null}
      {referral.state === "more-info-asked" && asks?.reason ? (
        <Notice
          tone="warn"
          live={false}
          title={t("referral.more.title")}
          action={
            referral.mayAmend ? (
              <Button onClick={onAmend}>{t("referral.more.amend")}</Button>
            ) : undefined
          }
        >
          <p className="pre-line">{asks.reason}</p>
        </Notice>
      ) : null}
      {referral.answer ? (
        <Card
          title={t("referral.answer.title")}
          aside={
            referral.acceptedBy && referral.acceptedAt ? (
              <Status tone="good" icon={check}>
                {t("referral.answer.by", {
                  name: referral.acceptedBy,
                  time: dayTime(referral.acceptedAt),
                })}
              </Status>
            ) : undefined
          }
        >
          <p className="pre-line">{referral.answer}</p>
        </Card>
      ) : null}
      <Outcome referral={referral} />
      <Converted referral={referral} />
      {referral.bed ? (
        <Notice tone="good" live={false}>
          {t("referral.bed.held", { time: dayTime(referral.bed.until) })}
        </Notice>
      ) : null}
      <Actions referral={referral} session={session} />
      <Card
        title={t("referral.written.title")}
        aside={
          referral.mayAmend ? (
            <Button onClick={onAmend}>{t("referral.more.amend")}</Button>
          ) : undefined
        }
      >
        <Written referral={referral} />
      </Card>
      <Conversation referral={referral} />
    </>
  );
}

const mine = (referral: ReferralDetail) => referral.sides.includes("from");
const going = (referral: ReferralDetail) =>
  referral.state === "submitted" || referral.state === "on-the-way";

/** One sentence: where it stands and whose turn it is, for the side that reads. */
function nowWords(referral: ReferralDetail) {
  if (referral.direction === "down" && referral.state === "submitted")
    return mine(referral) ? "referral.now.downSent" : "referral.now.downAsked";
  if (referral.direction === "down" && referral.state === "accepted")
    return mine(referral) ? "referral.now.downMay" : "referral.now.downAccepted";
  if (referral.state === "submitted")
    return mine(referral) ? "referral.now.sent" : "referral.now.asked";
  return `referral.now.${referral.state}` as const;
}

/** How it went, told without being asked; read, it leaves the list. */
function Outcome({ referral }: { referral: ReferralDetail }) {
  const t = useText();
  const act = useReadOutcome(referral.id);
  if (!referral.outcome) return null;
  const isUnread = mine(referral) && referral.outcomeReadAt === null;
  return (
    <Card
      strong
      title={t("referral.outcome.title")}
      aside={isUnread ? <Status tone="warn">{t("referral.outcome.unread")}</Status> : undefined}
    >
      <p className="pre-line">{referral.outcome}</p>
      <ProblemNotice error={act.error} />
      {isUnread ? (
        <Button
          look="primary"
          icon={check}
          className="align-start"
          busy={act.isPending}
          onClick={() => act.mutate(undefined)}
        >
          {t("referral.outcome.read")}
        </Button>
      ) : null}
    </Card>
  );
}

function useReadOutcome(id: string) {
  const client = useQueryClient();
  return useWrite((_: undefined, key) => api.post(`/api/referrals/${id}/outcome-read`, {}, key), {
    onDone: () => client.invalidateQueries({ queryKey: ["referral"] }),
  });
}

/** No journey is needed: the sender begins the consult with what the referral says. */
function Converted({ referral }: { referral: ReferralDetail }) {
  const t = useText();
  const [, go] = useLocation();
  const begin = useWrite(
    (_: undefined, key) =>
      api.post<{ consultId: string }>(`/api/referrals/${referral.id}/consult`, {}, key),
    { onDone: ({ consultId }) => go(`/mine/${consultId}`) },
  );
  if (referral.state !== "converted") return null;
  if (referral.consultId && mine(referral))
    return (
      <Link
        href={`/mine/${referral.consultId}`}
        className={buttonClass("primary", { className: "align-start" })}
      >
        {t("referral.consult.open")}
      </Link>
    );
  return mine(referral) ? (
    <>
      <ProblemNotice error={begin.error} />
      <Button
        look="primary"
        className="align-start"
        busy={begin.isPending}
        onClick={() => begin.mutate(undefined)}
      >
        {t("referral.consult.begin")}
      </Button>
    </>
  ) : null;
}
