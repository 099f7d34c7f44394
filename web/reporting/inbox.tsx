import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { CriticalValueView, InfectiousReportView } from "../../server/reporting/contract.ts";
import type { StaffView } from "../api/session.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Countdown, useNow } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import { isTyping } from "../workbench/queue.tsx";
import { type ListScope, useCriticalValues, useReports } from "./queries.ts";
import { diseaseName, reportTone, valueLine, valueTone } from "./words.ts";

/** What waits, the clock that ends soonest on top; critical values before reports. J and K go down and up. */
export function Inbox({ session, selected }: { session: StaffView; selected: string | null }) {
  const t = useText();
  const [, go] = useLocation();
  const [scope, setScope] = useState<ListScope>("open");
  const may = (permission: string) => session.permissions.includes(permission);
  const seesValues = may("critical-value.raise") || may("critical-value.receive");
  const seesReports =
    may("infectious-report.report") ||
    may("infectious-report.receive") ||
    may("infectious-report.file");
  const values = useCriticalValues(scope, seesValues);
  const reports = useReports(scope, seesReports);
  const order = [
    ...(values.data?.values ?? []).map((one) => `value/${one.id}`),
    ...(reports.data?.reports ?? []).map((one) => `case/${one.id}`),
  ].join();
  useEffect(() => {
    const list = order ? order.split(",") : [];
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || list.length === 0) return;
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (!step) return;
      const at = selected ? list.findIndex((one) => one.endsWith(selected)) : -1;
      const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
      if (next) go(`/reporting/${next}`);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [order, selected, go]);
  const Heading = selected ? "h2" : "h1";
  const nothing =
    (!seesValues || values.data?.values.length === 0) &&
    (!seesReports || reports.data?.reports.length === 0);
  return (
    <nav className="queue" aria-label={t("reporting.title")}>
      <header className="queue-head">
        <Heading>{t("reporting.title")}</Heading>
        <span className="muted small">
          {scope === "open" ? t("workbench.queue.byClock") : t("workbench.queue.byDate")}
        </span>
      </header>
      <div className="queue-new reporting-new">
        {may("critical-value.raise") ? (
          <Link href="/reporting/new-value" className={buttonClass("primary", { wide: true })}>
            <Icon path={plus} />
            <span>{t("reporting.raise.action")}</span>
          </Link>
        ) : null}
        {may("infectious-report.report") ? (
          <Link href="/reporting/new-case" className={buttonClass("plain", { wide: true })}>
            <Icon path={plus} />
            <span>{t("reporting.case.action")}</span>
          </Link>
        ) : null}
        <Segmented
          label={t("reporting.scope.label")}
          hideLabel
          value={scope}
          options={[
            { value: "open", label: t("reporting.scope.open") },
            { value: "done", label: t("reporting.scope.done") },
          ]}
          onChange={setScope}
        />
      </div>
      {(seesValues && values.isPending) || (seesReports && reports.isPending) ? (
        <Skeleton lines={6} />
      ) : null}
      <ProblemNotice error={values.error} retry={() => void values.refetch()} />
      <ProblemNotice error={reports.error} retry={() => void reports.refetch()} />
      {nothing ? (
        <Empty icon={check} title={t(`reporting.empty.${scope}`)}>
          {t("reporting.empty.how")}
        </Empty>
      ) : null}
      {values.data?.values.length ? (
        <section aria-labelledby="reporting-values">
          <h3 className="reporting-group" id="reporting-values">
            {t("reporting.values")} <span className="figure">{values.data.values.length}</span>
          </h3>
          <ul>
            {values.data.values.map((value) => (
              <li key={value.id}>
                <ValueItem value={value} current={value.id === selected} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {reports.data?.reports.length ? (
        <section aria-labelledby="reporting-cases">
          <h3 className="reporting-group" id="reporting-cases">
            {t("reporting.cases")} <span className="figure">{reports.data.reports.length}</span>
          </h3>
          <ul>
            {reports.data.reports.map((report) => (
              <li key={report.id}>
                <ReportItem report={report} current={report.id === selected} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </nav>
  );
}

function ValueItem({ value, current }: { value: CriticalValueView; current: boolean }) {
  const t = useText();
  const now = useNow(10_000);
  const over = value.dueAt !== null && Date.parse(value.dueAt) < now;
  return (
    <Link
      href={`/reporting/value/${value.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
      data-over={over || undefined}
    >
      <span className="queue-top">
        {value.dueAt ? (
          <Countdown
            dueAt={value.dueAt}
            lead={t(`reporting.clock.${value.state === "open" ? "readBack" : "act"}`)}
            tone={over ? "bad" : valueTone[value.state]}
          />
        ) : (
          <Status tone={valueTone[value.state]}>{t(`reporting.valueState.${value.state}`)}</Status>
        )}
        <time className="muted small figure" dateTime={value.found.at}>
          {shortTime(value.found.at)}
        </time>
      </span>
      <span className="strong">
        {nameOf(value.patient, t)} · {sexAndAge(value.patient, t)}
      </span>
      <span className="queue-line">{valueLine(value)}</span>
      <span className="muted small">
        {value.mine
          ? t("reporting.toMe", { name: value.found.name })
          : t("reporting.fromTo", { from: value.found.name, to: value.receiver.name })}
      </span>
    </Link>
  );
}

function ReportItem({ report, current }: { report: InfectiousReportView; current: boolean }) {
  const t = useText();
  const language = useLanguage();
  const now = useNow(10_000);
  const over = report.dueAt !== null && Date.parse(report.dueAt) < now;
  return (
    <Link
      href={`/reporting/case/${report.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
      data-over={over || undefined}
    >
      <span className="queue-top">
        {report.dueAt ? (
          <Countdown
            dueAt={report.dueAt}
            lead={t("reporting.clock.report")}
            tone={over || report.urgent ? "bad" : undefined}
          />
        ) : (
          <Status tone={reportTone[report.state]}>
            {t(`reporting.caseState.${report.state}`)}
          </Status>
        )}
        <time className="muted small figure" dateTime={report.reported.at}>
          {shortTime(report.reported.at)}
        </time>
      </span>
      <span className="strong">
        {nameOf(report.patient, t)} · {sexAndAge(report.patient, t)}
      </span>
      <span className="queue-line">
        {diseaseName(report, language)} · {t(`reporting.diagnosis.${report.diagnosisKind}`)}
      </span>
      <span className="muted small">
        {report.institution.name}
        {report.owner
          ? ` · ${report.mine ? t("reporting.turn.mine") : t(`reporting.turn.${report.owner}`)}`
          : ""}
      </span>
    </Link>
  );
}
