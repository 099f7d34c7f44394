import { useEffect } from "react";
import { Link } from "wouter";
import { keepPage } from "../api/keep-page.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { calendar, home, left, person, phone, thermometer } from "../design/icons.ts";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Name, nameIn } from "../patient/booking/words.tsx";
import { ReadAloud } from "../patient/read-aloud.tsx";
import { CallNow } from "./call-now.tsx";
import { type AssessmentView, useResult } from "./phone-queries.ts";

const looks: Record<AssessmentView["outcome"], { icon: string; tone: string }> = {
  "home-advice": { icon: home, tone: "good" },
  "community-visit": { icon: person, tone: "info" },
  "remote-consult": { icon: person, tone: "info" },
  "specialist-slot": { icon: calendar, tone: "info" },
  "fever-clinic": { icon: thermometer, tone: "warn" },
  emergency: { icon: phone, tone: "bad" },
};

/** One big answer, why, and one press to the step that exists. */
export function Result({ id }: { id: string }) {
  const t = useText();
  const result = useResult(id);
  useEffect(() => {
    if (result.data) void keepPage();
  }, [result.data]);
  if (!result.data)
    return (
      <main id="main" className="phone-page">
        <h1>{t("patient.triage.title")}</h1>
        {result.isError ? (
          <ProblemNotice error={result.error} retry={() => void result.refetch()} />
        ) : (
          <Skeleton lines={5} />
        )}
      </main>
    );
  const view = result.data;
  return view.outcome === "emergency" ? (
    <CallNow reasons={view.reasons.filter((one) => one.outcome === "emergency")} />
  ) : (
    <Answer view={view} />
  );
}

function Answer({ view }: { view: AssessmentView }) {
  const t = useText();
  const language = useLanguage();
  const { outcome, urgency } = view;
  const look = looks[outcome];
  const title = t(
    (outcome === "home-advice" || outcome === "fever-clinic"
      ? `patient.triage.outcome.${outcome}`
      : `patient.triage.outcome.${outcome}.${urgency}`) as MessageId,
  );
  const how = t(`patient.triage.how.${outcome}` as MessageId);
  const because = view.reasons.slice(0, 3);
  const home = view.home
    ? [nameIn(view.home.care, language), nameIn(view.home.warning, language)]
    : [];
  return (
    <main id="main" className="phone-page triage-page">
      <div className="row spread no-print">
        <Link href="/" className={buttonClass("quiet")}>
          <Icon path={left} />
          <span>{t("patient.triage.toHome")}</span>
        </Link>
        <span className="muted small">{view.patient.name}</span>
      </div>
      <section className="triage-answer" data-tone={look.tone}>
        <p className="triage-icon">
          <Icon path={look.icon} size="tile" />
        </p>
        <h1>{title}</h1>
        <p>{how}</p>
      </section>
      {view.remeasure ? (
        <Notice tone="warn" live={false}>
          {t("patient.triage.remeasure")}
        </Notice>
      ) : null}
      {view.home ? (
        <>
          <section className="triage-block">
            <h2>{t("patient.triage.care")}</h2>
            <p>{home[0]}</p>
          </section>
          <Notice tone="warn" live={false} title={t("patient.triage.warning")}>
            <p>{home[1]}</p>
          </Notice>
        </>
      ) : null}
      <Next view={view} />
      <section className="triage-block">
        <h2>{t("patient.triage.why")}</h2>
        <ul className="triage-why">
          {because.map((one) => (
            <li key={one.key}>
              <Name of={one.words} />
              {one.unknown ? <span className="muted"> {t("patient.triage.notSure")}</span> : null}
            </li>
          ))}
        </ul>
      </section>
      <ReadAloud
        text={[
          title,
          how,
          ...home,
          t("patient.triage.why"),
          ...because.map((one) => nameIn(one.words, language)),
        ].join(". ")}
      />
      <p className="muted small">{t("patient.triage.noDiagnosis", { version: view.version })}</p>
      <div className="row">
        <Link href={`/triage/ask/${view.patient.id}`} className={buttonClass("quiet")}>
          {t("patient.triage.again")}
        </Link>
        <a href="tel:120" className={buttonClass("quiet")}>
          <Icon path={phone} />
          <span>{t("patient.triage.worse120")}</span>
        </a>
      </div>
    </main>
  );
}

/** The step that exists: one button. */
function Next({ view }: { view: AssessmentView }) {
  const t = useText();
  const { next } = view;
  const wide = buttonClass("primary", { wide: true, size: "large" });
  if (next.kind === "home")
    return (
      <>
        <Link href="/" className={wide}>
          <Icon path={home} />
          <span>{t("patient.triage.next.home")}</span>
        </Link>
        {view.check ? (
          <p className="muted">
            {t("patient.triage.checkAt", { time: dayTime(view.check.dueAt) })}
          </p>
        ) : null}
      </>
    );
  if (next.kind === "fever")
    return (
      <Link href={`/fever/ask/${view.patient.id}`} className={wide}>
        <Icon path={thermometer} />
        <span>{t("patient.triage.next.fever")}</span>
      </Link>
    );
  return (
    <>
      <Link href={next.departmentId ? `/book/${next.departmentId}` : "/book"} className={wide}>
        <Icon path={calendar} />
        <span>{t("patient.triage.next.book")}</span>
      </Link>
      {next.department && next.institution ? (
        <p className="muted">
          <Name of={next.institution} /> · <Name of={next.department} />
          {" · "}
          <Link href="/book">{t("patient.triage.next.elsewhere")}</Link>
        </p>
      ) : null}
    </>
  );
}
