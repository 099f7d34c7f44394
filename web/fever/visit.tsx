import { Link } from "wouter";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { check, left } from "../design/icons.ts";
import { i18n, type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, shortTime } from "../i18n/time.ts";
import { Actions } from "./actions.tsx";
import { AnswersCard } from "./answers.tsx";
import { VehicleRegister } from "./board.tsx";
import { Measurements } from "./measurements.tsx";
import { type DeskView, useVisit, type VisitView } from "./queries.ts";
import { RegisterCard } from "./register.tsx";
import { isHere, visitTone } from "./words.ts";

/** One person on the way through: what is known, which clock runs, and the next step. */
export function Visit({
  id,
  desk,
  onMoved,
}: {
  id: string;
  desk: DeskView;
  onMoved: (id: string) => void;
}) {
  const t = useText();
  const found = useVisit(id);
  const visit = found.data;
  const back = (
    <Link href="/fever" className={buttonClass("quiet", { className: "only-narrow align-start" })}>
      <Icon path={left} /> <span>{t("fever.back")}</span>
    </Link>
  );
  if (!visit)
    return (
      <main id="main" className="bench-main">
        {back}
        {found.isPending ? <Skeleton lines={8} /> : null}
        <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      </main>
    );
  // What is over is read, not written on; a receiver does not write into the sender's register.
  const own = visit.transfer?.side !== "receiver" && isHere(visit);
  return (
    <>
      <main id="main" className="bench-main fever-visit">
        {back}
        <header className="stack stack-2">
          <div className="row spread">
            <h1 className="clinic-title">
              {nameOf(visit.patient, t)}{" "}
              <span className="muted small">{sexAndAge(visit.patient, t)}</span>
            </h1>
            <Status tone={visitTone[visit.state]}>{t(`fever.state.${visit.state}`)}</Status>
          </div>
          <p className="muted">
            {[
              t(`fever.arrival.${visit.arrival}`),
              t("fever.at", { time: clockTime(visit.arrivedAt) }),
              visit.room
                ? `${visit.room.name} ${t("fever.since", { time: clockTime(visit.room.since) })}`
                : null,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          {visit.patient.unknownNote ? <p className="muted">{visit.patient.unknownNote}</p> : null}
        </header>
        {visit.screening?.stayPut ? (
          <Notice tone="bad" live={false} title={t("fever.stayPut")} />
        ) : null}
        {visit.route ? (
          <Notice tone="warn" live={false} title={t(`fever.route.${visit.route}`)} />
        ) : null}
        <Clocks visit={visit} />
        <Actions visit={visit} desk={desk} onMoved={onMoved} />
        <Measurements visit={visit} mayWrite={own} />
        {visit.result ? (
          <Card title={t("fever.resultText")}>
            <p>
              {visit.result.says ? t(`fever.says.${visit.result.says}`) : visit.result.text}{" "}
              <span className="muted small figure">{clockTime(visit.result.at)}</span>
            </p>
          </Card>
        ) : null}
        {visit.report ? <Report report={visit.report} /> : null}
        {visit.transfer ? (
          <Card title={t("fever.transfer")}>
            <VehicleRegister transfer={visit.transfer} />
          </Card>
        ) : null}
      </main>
      <aside className="bench-side clinic-side" aria-label={t("fever.registerTitle")}>
        <AnswersCard visit={visit} mayAsk={own} />
        <RegisterCard key={visit.id} visit={visit} mayWrite={own} />
        <Card title={t("fever.steps")}>
          <ol className="fever-steps">
            {visit.steps.map((step) => (
              <li key={`${step.at} ${step.action}`}>
                <span className="muted small figure">{shortTime(step.at)}</span>{" "}
                {actionWords(step.action)}{" "}
                <span className="muted small">
                  {step.by}
                  {step.reason ? ` · ${step.reason}` : ""}
                </span>
              </li>
            ))}
          </ol>
        </Card>
      </aside>
    </>
  );
}

/** A step of another version may have no words here: then its own. */
function actionWords(action: string): string {
  const id = `fever.act.${action}` satisfies string;
  const words = i18n._(id as MessageId);
  return words === id ? action : words;
}

function Clocks({ visit }: { visit: VisitView }) {
  const t = useText();
  if (visit.resultDueAt === null && visit.report === null) return null;
  return (
    <div className="row">
      {visit.resultDueAt ? (
        <span className="row">
          <Countdown dueAt={visit.resultDueAt} lead={t("fever.resultLead")} size="large" />
          <span className="muted small">
            {t("fever.resultDue", {
              from: visit.resultDueFrom ? clockTime(visit.resultDueFrom) : "",
              until: clockTime(visit.resultDueAt),
            })}
          </span>
        </span>
      ) : null}
    </div>
  );
}

const way = ["doctor", "public-health", "cdc"] as const;
/** The report's way: whose turn it is, how long there is, whom it rang. */
function Report({ report }: { report: NonNullable<VisitView["report"]> }) {
  const t = useText();
  const language = useLanguage();
  const name =
    (language === "en" ? report.diseaseNameEn : language === "bo" ? report.diseaseNameBo : null) ||
    report.diseaseName;
  const at = report.owner ? way.indexOf(report.owner) : way.length;
  return (
    <Card
      title={`${t("fever.report")} · ${name}`}
      aside={
        report.dueAt ? (
          <Countdown dueAt={report.dueAt} size="large" />
        ) : (
          <Status tone="good">{t("fever.reportDone")}</Status>
        )
      }
    >
      {report.escalationLevel > 0 ? (
        <Status tone="bad">{t("fever.rang", { count: report.escalationLevel })}</Status>
      ) : null}
      <ol className="fever-way">
        {way.map((one, index) => (
          <li key={one} aria-current={index === at ? "step" : undefined}>
            <Status
              tone={index < at ? "good" : index === at ? "warn" : "quiet"}
              {...(index < at ? { icon: check } : {})}
            >
              {index === at ? t(`fever.owner.${one}`) : t(`fever.way.${one}`)}
            </Status>
          </li>
        ))}
      </ol>
      <Link
        href={`/reporting/case/${report.id}`}
        className={buttonClass("soft", { className: "align-start" })}
      >
        {t("fever.reportOpen")}
      </Link>
    </Card>
  );
}
