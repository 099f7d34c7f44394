import { useEffect } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { left } from "../design/icons.ts";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { isTyping } from "../workbench/queue.tsx";
import { ClinicChanges } from "./clinic-changes.tsx";
import { type Row, type Schedule, useCallNext, useRowAction } from "./queries.ts";
import { inWords, rowTone } from "./words.ts";

/** One clinic at work: who is inside, who is next, who is still to come. N calls the next. */
export function ClinicRoom({ schedule, day }: { schedule: Schedule; day: string }) {
  const t = useText();
  const language = useLanguage();
  const call = useCallNext(day);
  const act = useRowAction(day);
  const inside = schedule.rows.filter((row) => row.state === "in-consultation");
  const waiting = schedule.rows.filter((row) => row.state === "waiting");
  const rest = schedule.rows.filter(
    (row) => row.state !== "in-consultation" && row.state !== "waiting",
  );
  const mayCall = !call.isPending && (waiting.length > 0 || inside.length > 0);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isTyping(event) && event.key.toLowerCase() === "n" && mayCall) call.mutate(schedule.id);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  const onAct = (row: Row, action: "check-in" | "recall" | "pass" | "requeue" | "complete") =>
    act.mutate({ id: row.id, action, version: row.version });
  return (
    <>
      <main id="main" className="bench-main clinic-room">
        <Link
          href={`/clinic/${day}`}
          className={buttonClass("quiet", { className: "only-narrow align-start" })}
        >
          <Icon path={left} /> <span>{t("clinic.title")}</span>
        </Link>
        <header className="row spread">
          <div>
            <h1 className="clinic-title">
              {inWords(schedule.department, language)} · {inWords(schedule.name, language)}
            </h1>
            <p className="muted">
              {[
                schedule.doctor &&
                  `${schedule.doctor.name} ${inWords(schedule.doctor.titles, language)}`,
                inWords(schedule.placeNames, language),
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </div>
          <dl className="clinic-counts">
            {(
              [
                ["clinic.count.waiting", schedule.waiting],
                ["clinic.count.seen", schedule.seen],
                ["clinic.count.booked", schedule.booked],
              ] as const
            ).map(([label, value]) => (
              <div key={label}>
                <dt>{t(label)}</dt>
                <dd className="figure">{value}</dd>
              </div>
            ))}
          </dl>
        </header>
        {schedule.stopped ? (
          <Notice tone="bad" title={t("clinic.stopped")}>
            {schedule.stopReason}
          </Notice>
        ) : null}
        <Card strong>
          <div className="clinic-now">
            {inside.length === 0 ? (
              <p className="clinic-nobody">{t("clinic.nobodyInside")}</p>
            ) : (
              inside.map((row) => (
                <div key={row.id} className="clinic-inside">
                  <span className="clinic-ticket figure">{row.ticket}</span>
                  <span>
                    <strong className="clinic-name">{row.patient.name}</strong>{" "}
                    <span className="muted">{personWords(row, t)}</span>
                    <br />
                    <span className="muted small">
                      {t("clinic.calledAt", {
                        time: row.calledAt ? clockTime(row.calledAt) : "",
                        count: row.callCount,
                      })}
                    </span>
                  </span>
                  <span className="row">
                    <Button onClick={() => onAct(row, "recall")}>{t("clinic.recall")}</Button>
                    <Button onClick={() => onAct(row, "pass")}>{t("clinic.pass")}</Button>
                    <Button onClick={() => onAct(row, "complete")}>{t("clinic.complete")}</Button>
                  </span>
                </div>
              ))
            )}
            <Button
              look="primary"
              size="large"
              busy={call.isPending}
              disabled={!mayCall}
              onClick={() => call.mutate(schedule.id)}
            >
              {waiting[0]
                ? t("clinic.callNext", { ticket: waiting[0].ticket, name: waiting[0].patient.name })
                : t("clinic.callNobody")}{" "}
              <kbd>N</kbd>
            </Button>
          </div>
        </Card>
        <ProblemNotice error={call.error ?? act.error} />
        <Card title={t("clinic.queue", { count: waiting.length })}>
          {waiting.length === 0 ? <p className="muted">{t("clinic.queueEmpty")}</p> : null}
          <Rows rows={waiting} onAct={onAct} />
        </Card>
        {rest.length > 0 ? (
          <Card title={t("clinic.others", { count: rest.length })}>
            <Rows rows={rest} onAct={onAct} />
          </Card>
        ) : null}
      </main>
      <aside className="bench-side clinic-side" aria-label={t("clinic.changes")}>
        <ClinicChanges schedule={schedule} day={day} />
      </aside>
    </>
  );
}

function personWords(row: Row, t: ReturnType<typeof useText>): string {
  const sex = t(`common.sex.${row.patient.sex}` as MessageId);
  return row.patient.ageYears === null
    ? sex
    : `${sex} ${t("clinic.age", { years: row.patient.ageYears })}`;
}

function Rows({
  rows,
  onAct,
}: {
  rows: readonly Row[];
  onAct: (row: Row, action: "check-in" | "pass" | "requeue") => void;
}) {
  const t = useText();
  return (
    <ol className="clinic-rows">
      {rows.map((row) => (
        <li key={row.id}>
          <span className="clinic-ticket figure">{row.ticket}</span>
          <span className="clinic-person">
            <strong>{row.patient.name}</strong> <span className="muted">{personWords(row, t)}</span>
            <br />
            <span className="muted small">
              {clockTime(row.startsAt)} · {t(`clinic.channel.${row.channel}`)}
              {row.patient.phoneMasked ? ` · ${row.patient.phoneMasked}` : ""}
            </span>
          </span>
          <span className="clinic-state">
            <Status tone={row.late ? "warn" : rowTone[row.state]}>
              {row.late ? t("clinic.lateToCome") : t(`clinic.state.${row.state}`)}
            </Status>
            {row.expectedAt ? (
              <span className="muted small">
                {t("clinic.expected", { time: clockTime(row.expectedAt) })}
              </span>
            ) : null}
          </span>
          <span className="clinic-acts">
            {row.state === "booked" || row.state === "checked-in" || row.state === "no-show" ? (
              <Button onClick={() => onAct(row, "check-in")}>{t("clinic.checkIn")}</Button>
            ) : null}
            {row.state === "waiting" ? (
              <Button look="quiet" onClick={() => onAct(row, "pass")}>
                {t("clinic.pass")}
              </Button>
            ) : null}
            {row.state === "passed" ? (
              <Button onClick={() => onAct(row, "requeue")}>{t("clinic.requeue")}</Button>
            ) : null}
          </span>
        </li>
      ))}
    </ol>
  );
}
