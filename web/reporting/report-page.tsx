import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { InfectiousReportView } from "../../server/reporting/contract.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check, clock, file } from "../design/icons.ts";
import { pen, send, undo } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { ReasonForm } from "../workbench/reason-form.tsx";
import { useActOnReport, useReport } from "./queries.ts";
import { ReportFields } from "./report-fields.tsx";
import { Steps } from "./steps.tsx";
import { classWords, diseaseName, reportTone } from "./words.ts";

/** One report: how far it came, what was reported, and the one thing to do now. */
export function ReportPage({ id, back }: { id: string; back: ReactNode }) {
  const t = useText();
  const found = useReport(id);
  if (!found.data)
    return (
      <main id="main" className="bench-main">
        {back}
        {found.isError ? (
          <ProblemNotice error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </main>
    );
  const report = found.data;
  return (
    <>
      <main id="main" className="bench-main">
        {back}
        <header className="consult-head">
          <p className="muted small figure">
            {t("reporting.value.from", {
              time: dateTime(report.reported.at),
              name: report.reported.name,
              institution: report.institution.name,
            })}
          </p>
          <div className="row spread">
            <PersonLine person={report.patient} />
            {report.dueAt ? (
              <Countdown
                dueAt={report.dueAt}
                size="large"
                lead={t("reporting.clock.report")}
                tone={report.urgent ? "bad" : undefined}
              />
            ) : null}
          </div>
          <div className="row">
            <Status tone={report.urgent ? "bad" : "info"}>{classWords(report, t)}</Status>
            <Status tone={reportTone[report.state]}>
              {t(`reporting.caseState.${report.state}`)}
            </Status>
            {report.escalationLevel > 1 && report.dueAt ? (
              <Status tone="bad">{t("reporting.escalated")}</Status>
            ) : null}
          </div>
        </header>
        {report.state === "returned" && report.returned ? (
          <Notice tone="warn" title={t("reporting.returnedTitle")} live={false}>
            <p className="pre-line">{report.returned.reason}</p>
            <p className="small">
              {report.returned.name} · {dateTime(report.returned.at)}
            </p>
          </Notice>
        ) : null}
        <Way report={report} />
        <Content key={report.state} report={report} />
      </main>
      <aside className="bench-side" aria-label={t("reporting.steps")}>
        <h2>{t("reporting.steps")}</h2>
        <Steps kind="caseStep" steps={report.steps} />
        {report.consultId && report.actions.includes("correct") ? (
          <Link href={`/mine/${report.consultId}`} className={buttonClass("plain")}>
            <Icon path={file} />
            <span>{t("reporting.toConsult")}</span>
          </Link>
        ) : null}
      </aside>
    </>
  );
}

/** Doctor, public-health department, district CDC: who had it, who has it. */
function Way({ report }: { report: InfectiousReportView }) {
  const t = useText();
  const last = report.corrected ?? report.reported;
  const again = report.owner === "public-health" || report.owner === "doctor";
  const stations = [
    { side: "doctor", done: report.owner === "doctor" ? null : last },
    { side: "public-health", done: again ? null : report.received },
    { side: "cdc", done: report.state === "filed" ? report.filed : null },
  ] as const;
  return (
    <ol className="report-way">
      {stations.map(({ side, done }) => {
        const current = report.owner === side;
        return (
          <li
            key={side}
            data-done={done ? "" : undefined}
            aria-current={current ? "step" : undefined}
          >
            <Icon path={done ? check : clock} />
            <span>
              <span className="strong">{t(`reporting.side.${side}`)}</span>
              <span className="muted small block">
                {done
                  ? `${done.name} · ${dateTime(done.at)}`
                  : current
                    ? t(`reporting.turn.${side}`)
                    : t("reporting.notYet")}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Content({ report }: { report: InfectiousReportView }) {
  const t = useText();
  const language = useLanguage();
  const [open, setOpen] = useState<"correct" | "return" | "withdraw" | null>(null);
  const [number, setNumber] = useState("");
  const act = useActOnReport(report.id, () => setOpen(null));
  const may = (action: InfectiousReportView["actions"][number]) => report.actions.includes(action);
  const { version } = report;
  if (open === "correct")
    return (
      <ReportFields
        initial={report}
        submit={t("reporting.correct.send")}
        busy={act.isPending}
        error={act.error}
        aside={
          <Button look="quiet" onClick={() => setOpen(null)}>
            {t("common.cancel")}
          </Button>
        }
        onSend={(content) => act.mutate({ action: "correct", version, ...content })}
      />
    );
  const facts: (readonly [string, ReactNode])[] = [
    [t("reporting.diagnosisKind"), t(`reporting.diagnosis.${report.diagnosisKind}`)],
    [t("reporting.diagnosedAt"), dateTime(report.diagnosedAt)],
    [t("reporting.onset"), report.onsetOn],
    [t("reporting.address"), report.currentAddress],
    [t("reporting.workplace"), report.workplace],
    [
      t("reporting.contacts"),
      report.patient.contacts
        .map((one) => [one.name, one.phoneMasked].filter(Boolean).join(" "))
        .join(t("common.listSeparator")),
    ],
    [t("reporting.note"), report.note],
    [t("reporting.cdc"), report.cdc?.name],
    [t("reporting.fileNumber"), report.filed?.number],
    [t("reporting.withdrawReason"), report.state === "withdrawn" ? report.withdrawn?.reason : null],
  ];
  return (
    <>
      <Card title={diseaseName(report, language)}>
        <dl className="facts">
          {facts.map(([name, words]) =>
            words ? (
              <div key={name} className="fact">
                <dt>{name}</dt>
                <dd>{words}</dd>
              </div>
            ) : null,
          )}
        </dl>
      </Card>
      {open === "return" || open === "withdraw" ? (
        <ReasonForm
          title={t(`reporting.${open}.title`)}
          hint={t(`reporting.${open}.hint`)}
          submit={t(`reporting.${open}.send`)}
          busy={act.isPending}
          onSubmit={(reason) => act.mutate({ action: open, version, reason })}
          onCancel={() => setOpen(null)}
        />
      ) : null}
      {may("file") && open === null ? (
        <Card strong title={t("reporting.file.title")}>
          <TextField
            label={t("reporting.fileNumber")}
            hint={t("reporting.file.hint")}
            optional={t("common.optional")}
            value={number}
            onChange={(event) => setNumber(event.target.value)}
          />
        </Card>
      ) : null}
      <ProblemNotice error={act.error} />
      {open === null ? (
        <div className="action-bar">
          {may("receive") ? (
            <Button
              look="primary"
              icon={send}
              busy={act.isPending}
              onClick={() => act.mutate({ action: "receive", version })}
            >
              {t("reporting.receive.send")}
            </Button>
          ) : null}
          {may("file") ? (
            <Button
              look="primary"
              icon={check}
              busy={act.isPending}
              onClick={() => act.mutate({ action: "file", version, number: number.trim() || null })}
            >
              {t("reporting.file.send")}
            </Button>
          ) : null}
          {may("return") ? (
            <Button icon={undo} onClick={() => setOpen("return")}>
              {t("reporting.return.action")}
            </Button>
          ) : null}
          {may("correct") ? (
            <Button
              look={report.state === "returned" ? "primary" : "plain"}
              icon={pen}
              onClick={() => setOpen("correct")}
            >
              {t("reporting.correct.action")}
            </Button>
          ) : null}
          {may("withdraw") ? (
            <Button look="quiet" onClick={() => setOpen("withdraw")}>
              {t("reporting.withdraw.action")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
