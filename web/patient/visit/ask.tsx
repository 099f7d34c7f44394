import { useState } from "react";
import { Redirect, useLocation } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { Button } from "../../design/components/button.tsx";
import { CheckField, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { type Answer, type Questionnaire, useQuestionnaire } from "../../triage/phone-queries.ts";
import { StepHead } from "../booking/step-head.tsx";
import { useAskVisit, useChoices, useDanger, type VisitChoices } from "./queries.ts";

/** Of each danger sign. Who is not sure is told to tick it. */
type Answers = Record<string, Answer>;
type Condition = { code: string | null; text: string; complaint: string };

/** Which illness, no danger sign, which doctor: three presses for whom the alliance knows. */
export function AskVisit({
  patientId,
  session,
}: {
  patientId: string;
  session: PatientView | null;
}) {
  const t = useText();
  const choices = useChoices(patientId);
  const questions = useQuestionnaire(patientId);
  const [condition, setCondition] = useState<Condition | null>(null);
  const [answers, setAnswers] = useState<Answers | null>(null);
  const person = session?.patients.find(({ id }) => id === patientId);
  if (choices.data?.openVisitId)
    return <Redirect to={`/visit/${choices.data.openVisitId}`} replace />;
  const step = condition === null ? 1 : answers === null ? 2 : 3;
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t(`patient.visit.step${step}`)}
        back={{ href: "/visit", label: t("patient.visit.back") }}
      >
        <p className="muted">
          {t("patient.visit.stepOf", { step })} {person ? `· ${person.name}` : ""}
        </p>
      </StepHead>
      {choices.isPending || questions.isPending ? <Skeleton lines={5} /> : null}
      {choices.error || questions.error ? (
        <ProblemNotice
          error={choices.error ?? questions.error}
          retry={() => {
            void choices.refetch();
            void questions.refetch();
          }}
        />
      ) : null}
      {choices.data && questions.data ? (
        condition === null ? (
          <Illness choices={choices.data} onChosen={setCondition} />
        ) : answers === null ? (
          <Danger
            asked={questions.data}
            condition={condition}
            patientId={patientId}
            onSafe={setAnswers}
          />
        ) : (
          <Doctor
            choices={choices.data}
            asked={questions.data}
            condition={condition}
            answers={answers}
            patientId={patientId}
          />
        )
      ) : null}
    </main>
  );
}

function Illness({
  choices,
  onChosen,
}: {
  choices: VisitChoices;
  onChosen: (condition: Condition) => void;
}) {
  const t = useText();
  const [other, setOther] = useState("");
  return (
    <div className="stack">
      {choices.guardianNeeded ? (
        <Notice tone="info" live={false} title={t("patient.visit.guardian")} />
      ) : null}
      {choices.conditions.length > 0 ? <p>{t("patient.visit.known")}</p> : null}
      {choices.conditions.map((one) => (
        <Button
          key={`${one.code}${one.text}`}
          look="soft"
          wide
          size="large"
          onClick={() => onChosen(one)}
        >
          {one.text}{" "}
          <span className="muted small">
            {one.institution} {one.date ?? ""}
          </span>
        </Button>
      ))}
      {choices.silent.length > 0 ? (
        <p className="muted small">
          {t("patient.visit.silent", { names: choices.silent.join(t("common.listSeparator")) })}
        </p>
      ) : null}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (other.trim() !== "")
            onChosen({ code: null, text: other.trim(), complaint: choices.otherComplaint });
        }}
      >
        <TextField
          label={t("patient.visit.other")}
          hint={t("patient.visit.otherHint")}
          maxLength={100}
          value={other}
          onChange={(event) => setOther(event.target.value)}
        />
        <Button type="submit" disabled={other.trim() === ""}>
          {t("patient.visit.next")}
        </Button>
      </form>
    </div>
  );
}

/** What is asked of this illness: danger signs, and the rules' own yes-or-no questions. */
const askedOf = (asked: Questionnaire, condition: Condition) => {
  const { complaint } = condition;
  const concerns = (one: { complaints: string[] | null }) =>
    one.complaints === null || one.complaints.includes(complaint);
  return [
    ...asked.redFlags.filter(concerns),
    ...asked.questions.filter((one) => one.kind === "yes-no" && concerns(one)),
  ];
};

const triageBody = (asked: Questionnaire, condition: Condition, answers: Answers) => ({
  ruleSetId: asked.ruleSetId,
  complaint: condition.complaint,
  answers,
  values: {},
  conditions: asked.known?.conditions ?? [],
  medicines: asked.known?.medicines ?? [],
});

function Danger({
  asked,
  condition,
  patientId,
  onSafe,
}: {
  asked: Questionnaire;
  condition: Condition;
  patientId: string;
  onSafe: (answers: Answers) => void;
}) {
  const t = useText();
  const [, go] = useLocation();
  const language = useLanguage();
  const [ticked, setTicked] = useState<string[]>([]);
  const signs = askedOf(asked, condition);
  const judge = useDanger(({ triage }, asks) =>
    triage ? go(`/triage/result/${triage.id}`, { replace: true }) : onSafe(asks.triage.answers),
  );
  const answer = () => {
    const answers: Answers = Object.fromEntries(
      signs.map(({ key }) => [key, ticked.includes(key) ? "yes" : "no"]),
    );
    if (ticked.length === 0) onSafe(answers);
    else judge.mutate({ patientId, triage: triageBody(asked, condition, answers) });
  };
  return (
    <div className="stack">
      <p>{t("patient.visit.danger")}</p>
      {signs.map((one) => (
        <CheckField
          key={one.key}
          label={one.ask[language === "en" ? "en" : language === "bo" ? "bo" : "zh"]}
          checked={ticked.includes(one.key)}
          onChange={(event) =>
            setTicked(
              event.target.checked
                ? [...ticked, one.key]
                : ticked.filter((each) => each !== one.key),
            )
          }
        />
      ))}
      <ProblemNotice error={judge.error} />
      <Button look="primary" wide size="large" busy={judge.isPending} onClick={answer}>
        {ticked.length === 0 ? t("patient.visit.none") : t("patient.visit.some")}
      </Button>
    </div>
  );
}

function Doctor({
  choices,
  asked,
  condition,
  answers,
  patientId,
}: {
  choices: VisitChoices;
  asked: Questionnaire;
  condition: Condition;
  answers: Answers;
  patientId: string;
}) {
  const t = useText();
  const [, go] = useLocation();
  const [reason, setReason] = useState(t("patient.visit.reasonUsual"));
  const ask = useAskVisit(({ visit, triage }) =>
    go(visit ? `/visit/${visit.id}` : `/triage/result/${triage?.id}`, { replace: true }),
  );
  const send = (institutionId: string, doctorId: string) =>
    ask.mutate({
      patientId,
      institutionId,
      doctorId,
      condition: { code: condition.code, text: condition.text },
      reason,
      triage: triageBody(asked, condition, answers),
    });
  const free = choices.doctors.some((one) => one.onDuty);
  return (
    <div className="stack">
      <TextField
        label={t("patient.visit.reason")}
        maxLength={300}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {free ? null : (
        <Notice tone="info" live={false} title={t("patient.visit.nobody")}>
          {t("patient.visit.nobodyHow")}
        </Notice>
      )}
      <ProblemNotice error={ask.error} />
      {choices.doctors.map((one) => (
        <div key={`${one.house.id}${one.doctor.id}`} className="card visit-doctor">
          <div>
            <span className="strong">{one.doctor.name}</span>{" "}
            {one.signed ? <Status tone="good">{t("patient.visit.signed")}</Status> : null}
            <br />
            <span className="muted">{one.house.name}</span>
            <br />
            <span>
              {one.onDuty
                ? t("patient.visit.aheadShort", { count: one.ahead, minutes: one.minutes })
                : t("patient.visit.offDuty")}
            </span>
          </div>
          {one.onDuty ? (
            <Button
              look={one.signed ? "primary" : "soft"}
              size="large"
              wide
              busy={ask.isPending}
              disabled={reason.trim() === ""}
              onClick={() => send(one.house.id, one.doctor.id)}
            >
              {t("patient.visit.queue", { name: one.doctor.name })}
            </Button>
          ) : null}
        </div>
      ))}
    </div>
  );
}
