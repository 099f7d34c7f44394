import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { asApiError } from "../api/client.ts";
import type { PatientView } from "../api/session.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { left, offline } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { relationTo } from "../patient/booking/choices.ts";
import { CallNow } from "./call-now.tsx";
import {
  type Draft,
  emptyDraft,
  forgetDraft,
  keepDraft,
  type Questionnaire,
  readDraft,
  useAssess,
  useQuestionnaire,
} from "./phone-queries.ts";
import { StepView } from "./step-view.tsx";
import { endedBy, isAnswered, stepsOf } from "./steps.ts";

/** One question a page, danger signs first; an answer goes on by itself. */
export function Ask({ patientId, session }: { patientId: string; session: PatientView | null }) {
  const t = useText();
  const questionnaire = useQuestionnaire(patientId);
  const [kept, setKept] = useState<Draft | null | undefined>(undefined);
  useEffect(() => {
    void readDraft(patientId).then((draft) => setKept(draft ?? null));
  }, [patientId]);
  if (questionnaire.data && kept !== undefined) {
    const asked = questionnaire.data;
    return (
      <Questions
        key={asked.ruleSetId}
        asked={asked}
        patientId={patientId}
        session={session}
        // What was answered stays when the questions were renewed; new ones are asked.
        kept={kept ? { ...kept, ruleSetId: asked.ruleSetId } : emptyDraft(asked)}
        renew={() => void questionnaire.refetch()}
      />
    );
  }
  return (
    <main id="main" className="phone-page">
      <h1>{t("patient.triage.title")}</h1>
      {questionnaire.isError ? (
        <ProblemNotice error={questionnaire.error} retry={() => void questionnaire.refetch()} />
      ) : (
        <Skeleton lines={5} />
      )}
    </main>
  );
}

function Questions({
  asked,
  patientId,
  session,
  kept,
  renew,
}: {
  asked: Questionnaire;
  patientId: string;
  session: PatientView | null;
  kept: Draft;
  renew: () => void;
}) {
  const t = useText();
  const [, go] = useLocation();
  const person = session?.patients.find(({ id }) => id === patientId);
  const [draft, setDraft] = useState(kept);
  const steps = stepsOf(asked, draft);
  const firstOpen = steps.findIndex((step) => !isAnswered(step, draft));
  const [at, setAt] = useState(() => (firstOpen < 0 ? steps.length - 1 : firstOpen));
  const [resumed] = useState(() => firstOpen > 0);
  const ended = endedBy(asked, draft);
  const assess = useAssess(async ({ id, outcome }) => {
    await forgetDraft(patientId);
    // 120 already stands on the page: it stays.
    if (outcome !== "emergency" || ended.length === 0)
      go(`/triage/result/${id}`, { replace: true });
  });
  const step = steps[Math.min(at, steps.length - 1)]!;
  const send = (given: Draft) =>
    assess.mutate({
      ruleSetId: asked.ruleSetId,
      patientId,
      relation: relationTo(session, patientId),
      complaint: given.complaint ?? "other",
      answers: given.answers,
      values: given.values,
      conditions: given.conditions,
      medicines: given.medicines,
      ageMonths: asked.ageMonths === null ? given.ageMonths : null,
    });
  const change = (part: Partial<Draft>) => {
    const given = { ...draft, ...part };
    setDraft(given);
    void keepDraft(patientId, given);
    if (endedBy(asked, given).length > 0) return send(given);
    const rest = stepsOf(asked, given);
    const next = rest.findIndex((one, index) => index > at && !isAnswered(one, given));
    if (next >= 0) setAt(next);
    else send(given);
  };
  const failed = assess.isError ? asApiError(assess.error) : null;
  const waits = failed?.isLine === true;
  // What waits for a line goes out when it is back.
  const again = useRef(() => {});
  again.current = () => {
    if (waits) send(draft);
  };
  useEffect(() => {
    const online = () => again.current();
    addEventListener("online", online);
    return () => removeEventListener("online", online);
  }, []);

  // An emergency does not wait for an answer of the server.
  if (ended.length > 0) {
    return (
      <CallNow
        reasons={ended.map(({ key, because }) => ({ key, words: because }))}
        onBack={() => {
          const answers = { ...draft.answers };
          for (const { key } of ended) delete answers[key];
          const given = { ...draft, answers };
          setDraft(given);
          void keepDraft(patientId, given);
          setAt(steps.findIndex(({ key }) => key === ended[0]!.key));
          assess.reset();
        }}
      />
    );
  }
  return (
    <main id="main" className="phone-page fever-ask">
      <header className="step-head">
        <div className="row spread">
          {at > 0 ? (
            <Button look="quiet" icon={left} onClick={() => setAt(at - 1)}>
              {t("patient.triage.back")}
            </Button>
          ) : (
            <Link href="/" className={buttonClass("quiet")}>
              <Icon path={left} />
              <span>{t("patient.triage.toHome")}</span>
            </Link>
          )}
          <span className="muted small">
            {draft.complaint === null
              ? t("patient.triage.stepOnly", { step: at + 1 })
              : t("patient.triage.step", { step: at + 1, count: steps.length })}
            {person ? ` · ${person.name}` : ""}
          </span>
        </div>
        <div className="fever-progress" aria-hidden="true">
          {/* Until it is known what it is about, as many questions as mostly follow. */}
          <span
            data-done={Math.min(
              10,
              Math.round(((at + 1) / Math.max(steps.length, draft.complaint ? 0 : 14)) * 10),
            )}
          />
        </div>
      </header>
      {at === 0 ? (
        <p className="muted">{t("patient.triage.minutes")}</p>
      ) : resumed && at === firstOpen ? (
        <p className="muted small">{t("patient.triage.kept")}</p>
      ) : null}
      <StepView
        key={step.key}
        step={step}
        asked={asked}
        draft={draft}
        busy={assess.isPending}
        onChange={change}
      />
      {assess.isPending ? (
        <p role="status" className="muted">
          {t("patient.triage.sending")}
        </p>
      ) : null}
      {waits ? (
        <Notice
          tone="warn"
          icon={offline}
          action={
            <Button look="soft" onClick={() => send(draft)}>
              {t("common.retry")}
            </Button>
          }
        >
          {t("patient.triage.unsent")}
        </Notice>
      ) : null}
      {failed && !waits ? (
        <ProblemNotice
          error={assess.error}
          retry={failed.code === "triage.outdated" ? renew : undefined}
        />
      ) : null}
    </main>
  );
}
