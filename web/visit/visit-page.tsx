import { Link } from "wouter";
import type { VisitDetail } from "../../server/visit/contract.ts";
import { ApiError } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { camera } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { Prove } from "../identity/prove.tsx";
import { RecordPanel } from "../record/record-panel.tsx";
import { Decide } from "./decide.tsx";
import { GoOn } from "./go-on.tsx";
import { Note } from "./note.tsx";
import { Prescribe } from "./prescribe.tsx";
import { useVisit, useVisitAct } from "./queries.ts";
import { Silence } from "./silence.tsx";
import { tones } from "./visits-page.tsx";

/** One visit: the room beside the record, the decision, the note, and the end. */
export function OneVisit({ id, personId }: { id: string; personId: string }) {
  const t = useText();
  const visit = useVisit(id);
  if (visit.isPending) return <Skeleton lines={8} />;
  if (!visit.data) return <ProblemNotice error={visit.error} retry={() => void visit.refetch()} />;
  const row = visit.data;
  return (
    <>
      <Link href="/visits" className="link">
        {t("visit.back")}
      </Link>
      <header className="row spread wrap">
        <h1>
          {row.patient.name} <span className="muted figure small">{row.number}</span>
        </h1>
        <Status tone={tones[row.state]}>{t(`visit.state.${row.state}`)}</Status>
      </header>
      <div className="visit-work">
        <div className="visit-main">
          <Room row={row} />
          <Known row={row} />
          {row.mayWrite && row.state === "in-visit" ? <Decide row={row} /> : null}
          {row.decision ? <Decided row={row} /> : null}
          {row.state === "in-visit" && row.decision === "eligible" && row.mayWrite ? (
            <Prescribe row={row} personId={personId} />
          ) : null}
          {row.mayWrite ? <Note key={row.id} row={row} /> : <Written row={row} />}
          {row.actions.includes("redirect") ? <GoOn row={row} /> : null}
          {row.mayWrite ? <Silence row={row} /> : null}
        </div>
        <aside className="visit-record" aria-label={t("visit.record")}>
          <RecordPanel patientId={row.patient.id} />
        </aside>
      </div>
    </>
  );
}

/** Call in, with a fresh proof of identity; then the room itself. */
function Room({ row }: { row: VisitDetail }) {
  const t = useText();
  const act = useVisitAct(row.id);
  const call = () => act.mutateAsync({ path: "call", body: { version: row.version } });
  const stale = act.error instanceof ApiError && act.error.code === "auth.stale";
  if (row.actions.includes("call"))
    return (
      <Card title={t("visit.call")}>
        {stale ? (
          <>
            <Notice tone="info" live={false} title={act.error?.message ?? ""} />
            <Prove button={t("visit.callNow")} onProven={call} />
          </>
        ) : (
          <>
            <ProblemNotice error={act.error} />
            <Button
              look="primary"
              size="large"
              icon={camera}
              busy={act.isPending}
              onClick={() => void call().catch(() => {})}
            >
              {t("visit.callNow")}
            </Button>
          </>
        )}
      </Card>
    );
  if (!row.mayWrite) return null;
  const step = (path: string) => act.mutate({ path, body: { version: row.version } });
  return (
    <Card title={t("visit.room")}>
      <p role="status">
        {row.present.patient ? t("visit.patientIn") : t("visit.patientOut")}
        {row.startedAt ? ` · ${t("visit.since", { time: clockTime(row.startedAt) })}` : ""}
      </p>
      <iframe
        className="visit-frame"
        title={t("visit.room")}
        src={`/visit-room/${row.id}`}
        allow="camera; microphone; display-capture; autoplay"
      />
      {row.state === "called" ? (
        <div className="row wrap">
          <Button look="soft" busy={act.isPending} onClick={() => step("enter")}>
            {t("visit.bothHere")}
          </Button>
          <Button busy={act.isPending} onClick={() => step("put-back")}>
            {t("visit.putBack")}
          </Button>
          <Button look="quiet" busy={act.isPending} onClick={() => step("miss")}>
            {t("visit.missed")}
          </Button>
        </div>
      ) : null}
      <ProblemNotice error={act.error} />
    </Card>
  );
}

/** What the patient said and what the alliance knew: nothing of it is asked again. */
function Known({ row }: { row: VisitDetail }) {
  const t = useText();
  return (
    <Card title={t("visit.asked")}>
      <dl className="facts">
        <dt>{t("visit.condition")}</dt>
        <dd>
          {row.condition.text} {row.condition.code ?? ""}
        </dd>
        <dt>{t("visit.reason")}</dt>
        <dd>{row.reason}</dd>
        <dt>{t("visit.evidence.title")}</dt>
        <dd>
          {row.evidence.map((one) => (
            <span key={`${one.institution}${one.date}`} className="visit-line">
              {one.text} · {one.institution} · {one.date}
            </span>
          ))}
          {row.evidence.length === 0 ? t(`visit.evidence.${row.evidenceFrom}`) : null}
          {row.files.map((one) => (
            <a
              key={one.id}
              className="link visit-line"
              href={`/api/attachments/${one.id}`}
              target="_blank"
              rel="noreferrer"
            >
              {one.name}
            </a>
          ))}
        </dd>
        <dt>{t("visit.danger")}</dt>
        <dd>{t("visit.dangerNone")}</dd>
        {row.reach ? (
          <>
            <dt>{t("visit.callback")}</dt>
            <dd>
              <a className="link" href={`tel:${row.reach.callbackPhone}`}>
                {row.reach.callbackPhone}
              </a>
            </dd>
          </>
        ) : null}
      </dl>
    </Card>
  );
}

function Decided({ row }: { row: VisitDetail }) {
  const t = useText();
  return (
    <Notice
      tone={row.decision === "eligible" ? "good" : "warn"}
      live={false}
      title={t(`visit.decision.${row.decision ?? "eligible"}`)}
    >
      {row.decisionReason}
      {row.guardianName ? ` · ${t("visit.guardianBy", { name: row.guardianName })}` : ""}
    </Notice>
  );
}

/** What was written stays to be read. */
function Written({ row }: { row: VisitDetail }) {
  const t = useText();
  if (row.state === "waiting" || row.state === "requested") return null;
  const parts = [
    ["visit.note.s", row.note.s],
    ["visit.note.o", row.note.o],
    ["visit.note.a", row.note.a],
    ["visit.note.p", row.note.p],
    ["visit.summary", row.summary],
    ["visit.returnWhen", row.returnWhen],
    ["visit.callWhen", row.callWhen],
  ] as const;
  return (
    <Card title={t("visit.note.title")}>
      <dl className="facts">
        {parts
          .filter(([, text]) => text !== "")
          .map(([id, text]) => (
            <div key={id}>
              <dt>{t(id)}</dt>
              <dd className="visit-words">{text}</dd>
            </div>
          ))}
      </dl>
      {row.stopReason ? <p>{t(`visit.stop.${row.stopReason}`)}</p> : null}
      {row.redirectKind ? <p>{t(`visit.goOn.${row.redirectKind}`)}</p> : null}
      {row.redirectKind === "consult" && row.redirectId ? (
        <Link className="link" href={`/mine/${row.redirectId}`}>
          {t("visit.open")}
        </Link>
      ) : null}
      {row.redirectKind === "referral" && row.redirectId ? (
        <Link className="link" href={`/referrals/${row.redirectId}`}>
          {t("visit.open")}
        </Link>
      ) : null}
      <p className="muted small">
        <span className="visually-hidden">{t("visit.callback")}</span>
        {row.steps.map((one) => `${clockTime(one.at)} ${one.by ?? ""}`).join(" · ")}
      </p>
    </Card>
  );
}
