import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { home, phone, right } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { type AssessmentView, useCheck, useMyTriage } from "./phone-queries.ts";
import "./triage.css";

/** On home: what was advised lately, and a day later how it went. */
export function TriageNews({ now = Date.now() }: { now?: number }) {
  const mine = useMyTriage();
  const shown = new Set<string>();
  const latest = (mine.data?.assessments ?? []).filter(({ patient }) => {
    const first = !shown.has(patient.id);
    shown.add(patient.id);
    return first;
  });
  const waiting = latest.filter(({ check }) => check && check.answer !== "better");
  return waiting.map((one) => <Check key={one.id} view={one} now={now} />);
}

function Check({ view, now }: { view: AssessmentView; now: number }) {
  const t = useText();
  const language = useLanguage();
  const check = useCheck();
  const due = view.check !== null && Date.parse(view.check.dueAt) <= now;
  const answer = view.check?.answer ?? null;
  const what = nameIn(view.complaint.name, language);
  if (!due && !answer)
    return (
      <Link href={`/triage/result/${view.id}`} className="list-row triage-news">
        <Icon path={home} />
        <span className="grow">
          <span className="strong">{t("patient.triage.news.home", { what })}</span>
          <br />
          <span className="muted small">
            {view.patient.name} ·{" "}
            {t("patient.triage.checkAt", { time: dayTime(view.check?.dueAt ?? view.assessedAt) })}
          </span>
        </span>
        <Icon path={right} />
      </Link>
    );
  return (
    <section className="triage-check" aria-label={t("patient.triage.news.ask", { what })}>
      <h2>{t("patient.triage.news.ask", { what })}</h2>
      <p className="muted">{view.patient.name}</p>
      {answer ? (
        <>
          <p>{t(answer === "worse" ? "patient.triage.news.worse" : "patient.triage.news.same")}</p>
          <Link
            href={`/triage/ask/${view.patient.id}`}
            className={buttonClass("primary", { wide: true })}
          >
            {t("patient.triage.again")}
          </Link>
          {answer === "worse" ? (
            <a href="tel:120" className={buttonClass("danger", { wide: true })}>
              <Icon path={phone} />
              <span>{t("patient.triage.worse120")}</span>
            </a>
          ) : null}
        </>
      ) : (
        <div className="triage-three">
          {(["better", "same", "worse"] as const).map((one) => (
            <Button
              key={one}
              look="soft"
              size="large"
              busy={check.isPending}
              onClick={() => check.mutate({ id: view.id, answer: one })}
            >
              {t(`patient.triage.check.${one}`)}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}
