import { useState } from "react";
import { Link } from "wouter";
import { uploadFile } from "../../api/upload.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { calendar, camera, file as fileIcon, warning } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime } from "../../i18n/time.ts";
import { StepHead } from "../booking/step-head.tsx";
import { ReadAloud } from "../read-aloud.tsx";
import { tones } from "./pages.tsx";
import { type MyVisit, useMyStep, useMyVisits } from "./queries.ts";

/** One visit: what happens next, how many come before, the way in, and afterwards the summary. */
export function OneVisit({ id }: { id: string }) {
  const t = useText();
  const mine = useMyVisits();
  const row = mine.data?.visits.find((one) => one.id === id);
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={row ? row.condition.text : t("patient.visit.title")}
        back={{ href: "/visit", label: t("patient.visit.back") }}
      >
        {row ? (
          <p className="muted">
            {row.patient.name} · {row.house.name}
            {row.doctor ? ` · ${row.doctor.name}` : ""} · {dayTime(row.requestedAt)}
          </p>
        ) : null}
      </StepHead>
      {mine.isPending ? <Skeleton lines={5} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {row ? <Body key={row.id} row={row} again={() => void mine.refetch()} /> : null}
      {mine.data && !row ? <p>{t("patient.visit.gone")}</p> : null}
    </main>
  );
}

function Body({ row, again }: { row: MyVisit; again: () => void }) {
  const t = useText();
  const step = useMyStep(row.id);
  const cancel = row.actions.includes("cancel") ? (
    <Button
      look="quiet"
      busy={step.isPending}
      onClick={() => step.mutate({ step: "cancel", version: row.version })}
    >
      {t("patient.visit.cancel")}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <p role="status">
        <Status tone={tones[row.state]}>{t(`patient.visit.state.${row.state}`)}</Status>
      </p>
      {row.state === "requested" ? <Evidence row={row} again={again} /> : null}
      {row.state === "waiting" ? (
        <div className="card visit-wait">
          <p className="visit-ahead">
            <strong className="figure">{row.ahead ?? 0}</strong>{" "}
            <span>{t("patient.visit.ahead")}</span>
          </p>
          <p>
            {row.expectedAt
              ? t("patient.visit.expected", { time: clockTime(row.expectedAt) })
              : null}
          </p>
          <p className="muted">{t("patient.visit.stay")}</p>
        </div>
      ) : null}
      {row.mayEnterRoom ? (
        <>
          <p>{t("patient.visit.calledHow")}</p>
          <a
            className={buttonClass("primary", { wide: true, size: "large" })}
            href={`/visit-room/${row.id}`}
          >
            <Icon path={camera} />
            <span>{t("patient.visit.enter")}</span>
          </a>
        </>
      ) : null}
      {row.state === "ended" ? <Summary row={row} /> : null}
      {row.state === "redirected" ? <GoneOn row={row} /> : null}
      {row.state === "missed" || row.state === "cancelled" ? (
        <>
          <p>
            {row.stopReason
              ? t(`patient.visit.stopped.${row.stopReason}`)
              : t(`patient.visit.over.${row.state}`)}
          </p>
          <Link href="/visit" className={buttonClass("soft")}>
            {t("patient.visit.again")}
          </Link>
        </>
      ) : null}
      <ProblemNotice error={step.error} />
      {cancel}
      <a className={buttonClass("danger", { className: "align-start" })} href="tel:120">
        <Icon path={warning} />
        <span>{t("patient.visit.call120")}</span>
      </a>
    </div>
  );
}

/** Asked for only where the alliance knows of no earlier diagnosis. */
function Evidence({ row, again }: { row: MyVisit; again: () => void }) {
  const t = useText();
  const step = useMyStep(row.id);
  const [sending, setSending] = useState(false);
  const [failed, setFailed] = useState(false);
  const send = async (file: File) => {
    setSending(true);
    setFailed(false);
    try {
      await uploadFile(file, { consultId: row.id, purpose: "evidence", filename: file.name });
      again();
    } catch {
      setFailed(true);
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="stack">
      <Notice tone="info" live={false} title={t("patient.visit.evidence")}>
        {t("patient.visit.evidenceHow")}
      </Notice>
      <label className={buttonClass("soft", { wide: true, size: "large" })}>
        <Icon path={fileIcon} />
        <span>{sending ? t("patient.visit.sending") : t("patient.visit.photo")}</span>
        <input
          className="visually-hidden"
          type="file"
          accept="image/*,application/pdf"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file) void send(file);
          }}
        />
      </label>
      {failed ? <Notice tone="bad" title={t("patient.visit.photoFailed")} /> : null}
      {row.files.map((one) => (
        <p key={one.id} className="muted">
          {one.name}
        </p>
      ))}
      <ProblemNotice error={step.error} />
      <Button
        look="primary"
        wide
        size="large"
        busy={step.isPending || sending}
        onClick={() => step.mutate({ step: "join", version: row.version })}
      >
        {row.files.length > 0 ? t("patient.visit.join") : t("patient.visit.joinWithout")}
      </Button>
    </div>
  );
}

function Summary({ row }: { row: MyVisit }) {
  const t = useText();
  const parts = [
    [t("patient.visit.summary"), row.summary],
    [t("patient.visit.returnWhen"), row.returnWhen],
    [t("patient.visit.callWhen"), row.callWhen],
  ] as const;
  return (
    <section className="card stack" aria-label={t("patient.visit.summary")}>
      {parts.map(([title, text]) => (
        <div key={title}>
          <h2 className="section-title">{title}</h2>
          <p className="visit-words">{text}</p>
        </div>
      ))}
      <Link href="/record/medicines" className={buttonClass("soft", { wide: true })}>
        {t("patient.visit.medicines")}
      </Link>
      <ReadAloud text={parts.flat().join(". ")} />
    </section>
  );
}

function GoneOn({ row }: { row: MyVisit }) {
  const t = useText();
  const kind = row.redirectKind ?? "in-person";
  const href = {
    appointment: "/appointments",
    consult: "/records",
    referral: "/road",
    "in-person": "/book",
  }[kind];
  return (
    <section className="card stack">
      <p>{t(`patient.visit.redirect.${kind}`)}</p>
      <p className="muted">
        {row.redirectReason ? t(`patient.visit.because.${row.redirectReason}`) : null}
      </p>
      <Link href={href} className={buttonClass("primary", { wide: true })}>
        <Icon path={calendar} />
        <span>{t(`patient.visit.goTo.${kind}`)}</span>
      </Link>
    </section>
  );
}
