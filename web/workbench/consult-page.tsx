import { useState } from "react";
import { Link, useParams } from "wouter";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import type { StaffView } from "../api/session.ts";
import { OpinionEditor } from "../consult/opinion-editor.tsx";
import { OpinionView } from "../consult/opinion-view.tsx";
import { PersonLine } from "../consult/person-line.tsx";
import { type Scope, useConsult } from "../consult/queries.ts";
import { RecordSide } from "../consult/record-side.tsx";
import { RequestView } from "../consult/request-view.tsx";
import { stateTone, urgencyTone } from "../consult/words.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { camera, file, left, print } from "../design/icons.ts";
import { shield } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime, dayTime } from "../i18n/time.ts";
import { Acknowledge } from "./acknowledge.tsx";
import { Arrangement } from "./arrangement.tsx";
import { Consents } from "./consents.tsx";
import { DeskActions } from "./desk-actions.tsx";
import { Messages } from "./messages.tsx";
import { Queue } from "./queue.tsx";
import { RequestForm } from "./request-form.tsx";
import { RequesterActions } from "./requester-actions.tsx";
import "./consult-page.css";

/** Left the queue, in the middle the consult at hand, right what is known about the person. */
export function ConsultPage({ id, session }: { id: string | null; session: StaffView }) {
  const t = useText();
  const params = useParams<{ scope?: string }>();
  const scope: Scope =
    params.scope === "desk" || params.scope === "archive" ? params.scope : "mine";
  const queue = (
    <Queue
      scope={scope}
      selected={id}
      mayRequest={session.permissions.includes("consult.request")}
    />
  );
  if (!id) {
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          {queue}
        </main>
        <aside className="bench-main" aria-label={t("workbench.choose.title")}>
          <Empty icon={file} title={t("workbench.choose.title")}>
            {t("workbench.choose.how")} <kbd>J</kbd> <kbd>K</kbd>
          </Empty>
        </aside>
      </div>
    );
  }
  return (
    <div className="bench" data-open="">
      <aside className="bench-queue">{queue}</aside>
      <Opened id={id} scope={scope} session={session} />
    </div>
  );
}

function Opened({ id, scope, session }: { id: string; scope: Scope; session: StaffView }) {
  const t = useText();
  const consult = useConsult(id);
  const back = (
    <Link
      href={`/${scope}`}
      className={buttonClass("quiet", { className: "only-narrow align-start" })}
    >
      <Icon path={left} /> <span>{t("workbench.back")}</span>
    </Link>
  );
  if (!consult.data) {
    return (
      <main id="main" className="bench-main">
        {back}
        {consult.isError ? (
          <ProblemNotice error={consult.error} retry={() => void consult.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </main>
    );
  }
  const detail = consult.data;
  return (
    <>
      <main id="main" className="bench-main">
        {back}
        {consult.isError ? (
          <ProblemNotice error={consult.error} retry={() => void consult.refetch()} />
        ) : null}
        {detail.state === "draft" && detail.side === "inviting" ? (
          <RequestForm consult={detail} session={session} />
        ) : (
          <ConsultView consult={detail} session={session} scope={scope} />
        )}
      </main>
      <aside className="bench-side" aria-label={t("consult.record.title")}>
        <h2>{t("consult.record.title")}</h2>
        <RecordSide consult={detail} />
      </aside>
    </>
  );
}

function ConsultView({
  consult,
  session,
  scope,
}: {
  consult: ConsultDetail;
  session: StaffView;
  scope: Scope;
}) {
  const t = useText();
  const [amending, setAmending] = useState(false);
  const may = (action: ConsultDetail["actions"][number]) => consult.actions.includes(action);
  const isDesk = consult.side === "invited" && session.permissions.includes("consult.desk");
  const meets =
    consult.scheduledStart &&
    !["signed", "acknowledged", "archived", "cancelled"].includes(consult.state);
  return (
    <>
      <header className="consult-head">
        <p className="muted small figure">
          {t("workbench.consult.from", {
            number: consult.number,
            time: dateTime(consult.submittedAt ?? consult.updatedAt),
            doctor: consult.requester.name,
            institution: consult.inviting.name,
          })}
        </p>
        <div className="row spread">
          <PersonLine person={consult.patient} />
          {consult.clock ? (
            <Countdown
              dueAt={consult.clock.dueAt}
              size="large"
              lead={t(`workbench.clock.${consult.clock.kind}`)}
            />
          ) : null}
        </div>
        <div className="row">
          <Status tone={urgencyTone[consult.urgency]}>
            {t(`common.urgency.${consult.urgency}`)}
          </Status>
          <Status tone={stateTone[consult.state]}>{t(`state.${consult.state}`)}</Status>
          {session.permissions.includes("referral.request") ? (
            <Link
              href={`/referrals/new?patient=${consult.patient.id}`}
              className={buttonClass("quiet", { size: "small" })}
            >
              {t("workbench.refer")}
            </Link>
          ) : null}
          {session.permissions.includes("critical-value.raise") ? (
            <Link
              href={`/reporting/new-value?consult=${consult.id}`}
              className={buttonClass("quiet", { size: "small" })}
            >
              {t("workbench.raiseCriticalValue")}
            </Link>
          ) : null}
          {session.permissions.includes("infectious-report.report") ? (
            <Link
              href={`/reporting/new-case?consult=${consult.id}`}
              className={buttonClass("quiet", { size: "small" })}
            >
              {t("workbench.reportCase")}
            </Link>
          ) : null}
        </div>
      </header>

      {meets ? (
        <Card strong>
          <div className="row spread">
            <div>
              <p className="meeting-time figure">{dayTime(consult.scheduledStart!)}</p>
              <p className="muted">
                {consult.participants
                  .map((person) => `${person.name}（${t(`common.role.${person.role}`)}）`)
                  .join(t("common.listSeparator"))}
              </p>
            </div>
            {consult.mayEnterRoom ? <EnterRoom id={consult.id} /> : null}
          </div>
        </Card>
      ) : consult.mayEnterRoom ? (
        <EnterRoom id={consult.id} />
      ) : null}

      {consult.opinion?.signedAt ? <SignedOpinion consult={consult} /> : null}
      {may("acknowledge") ? <Acknowledge consult={consult} session={session} /> : null}
      {consult.treatmentDecision ? (
        <Card
          title={t("workbench.decision.title")}
          aside={<Status tone="good">{t("state.acknowledged")}</Status>}
        >
          <p className="pre-line">{consult.treatmentDecision}</p>
          {consult.readBack ? (
            <p className="muted small">
              {t("workbench.decision.readBack", {
                by: consult.readBack.by,
                to: consult.readBack.to,
                time: dateTime(consult.readBack.at),
              })}
            </p>
          ) : null}
        </Card>
      ) : null}
      {consult.mayEditOpinion && !consult.opinion?.signedAt ? (
        <Card>
          <OpinionEditor consult={consult} personId={session.person.id} />
        </Card>
      ) : null}

      {consult.mayAmend && amending ? (
        <RequestForm consult={consult} session={session} onDone={() => setAmending(false)} />
      ) : (
        <Card
          title={t("workbench.consult.request")}
          aside={
            consult.mayAmend ? (
              <Button onClick={() => setAmending(true)}>{t("workbench.request.amend")}</Button>
            ) : undefined
          }
        >
          <RequestView consult={consult} />
        </Card>
      )}
      {isDesk ? <Arrangement consult={consult} /> : null}
      {isDesk ? <DeskActions consult={consult} scope={scope} /> : null}
      {consult.side === "inviting" ? <RequesterActions consult={consult} /> : null}
      {consult.side === "inviting" &&
      consult.state !== "archived" &&
      consult.state !== "cancelled" ? (
        <Consents consult={consult} />
      ) : null}
      <Messages consult={consult} />
    </>
  );
}

function EnterRoom({ id }: { id: string }) {
  const t = useText();
  return (
    <a className={buttonClass("primary", { size: "large" })} href={`/room/${id}`}>
      <Icon path={camera} />
      <span>{t("workbench.room.enter")}</span>
    </a>
  );
}

function SignedOpinion({ consult }: { consult: ConsultDetail }) {
  const t = useText();
  const { opinion } = consult;
  if (!opinion) return null;
  return (
    <Card
      title={t("consult.opinion.title")}
      aside={
        <Status tone="good" icon={shield}>
          {t("workbench.opinion.signed", {
            name: opinion.signedBy ?? "",
            time: dayTime(opinion.signedAt ?? opinion.updatedAt),
          })}
        </Status>
      }
    >
      <OpinionView opinion={opinion} />
      <p>
        <a
          className={buttonClass("plain")}
          href={`/api/consults/${consult.id}/opinion.pdf`}
          target="_blank"
          rel="noreferrer"
        >
          <Icon path={print} />
          <span>{t("workbench.opinion.pdf")}</span>
        </a>
      </p>
    </Card>
  );
}
