import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { asApiError } from "../../api/client.ts";
import type { PatientView } from "../../api/session.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { TextField } from "../../design/components/field.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { left, offline, right, speaker } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useSpeech } from "../../design/speech.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { relationTo } from "../booking/choices.ts";
import { nameIn } from "../booking/words.tsx";
import {
  type Answers,
  askedOf,
  type Draft,
  forgetDraft,
  keepDraft,
  type Question,
  type Questionnaire,
  readDraft,
  useQuestionnaire,
  useScreen,
} from "./queries.ts";
import { CallNow } from "./result.tsx";

/** One question a page; an answer goes on by itself, and what is serious ends the questions at once. */
export function Ask({ patientId, session }: { patientId: string; session: PatientView | null }) {
  const t = useText();
  const [kept, setKept] = useState<Draft | null>(null);
  useEffect(() => {
    void readDraft(patientId).then((draft) => setKept(draft ?? { answers: {}, region: null }));
  }, [patientId]);
  const [region, setRegion] = useState<string | null>(null);
  const asked = region ?? kept?.region ?? null;
  const questionnaire = useQuestionnaire(patientId, asked);
  if (kept && questionnaire.data) {
    return (
      <Questions
        key={questionnaire.data.policyId}
        questionnaire={questionnaire.data}
        patientId={patientId}
        session={session}
        kept={kept}
        onRegion={setRegion}
      />
    );
  }
  return (
    <main id="main" className="phone-page">
      <h1>{t("patient.fever.title")}</h1>
      {questionnaire.isError ? (
        <ProblemNotice error={questionnaire.error} retry={() => void questionnaire.refetch()} />
      ) : (
        <Skeleton lines={4} />
      )}
    </main>
  );
}

function Questions({
  questionnaire,
  patientId,
  session,
  kept,
  onRegion,
}: {
  questionnaire: Questionnaire;
  patientId: string;
  session: PatientView | null;
  kept: Draft;
  onRegion: (region: string) => void;
}) {
  const t = useText();
  const [, go] = useLocation();
  const person = session?.patients.find(({ id }) => id === patientId);
  const [answers, setAnswers] = useState<Answers>(kept.answers);
  const asked = askedOf(questionnaire, answers);
  const firstOpen = asked.findIndex(({ id }) => answers[id] === undefined);
  const [at, setAt] = useState(() => (firstOpen < 0 ? 0 : firstOpen));
  const [resumed] = useState(() => firstOpen > 0);
  const screen = useScreen(async ({ screening }) => {
    await forgetDraft(patientId);
    go(`/fever/result/${screening.id}`, { replace: true });
  });
  const question = asked[Math.min(at, asked.length - 1)]!;
  const ended = asked.some(
    ({ id, ends }) => answers[id] !== undefined && ends.includes(answers[id]),
  );
  const send = (given: Answers) =>
    screen.mutate({
      policyId: questionnaire.policyId,
      patientId,
      relation: relationTo(session, patientId),
      answers: askedOf(questionnaire, given).map(({ id }) => ({
        question: id,
        value: given[id] ?? "",
      })),
    });
  const answer = (value: string) => {
    const given = { ...answers, [question.id]: value };
    setAnswers(given);
    void keepDraft(patientId, { answers: given, region: questionnaire.region });
    const rest = askedOf(questionnaire, given);
    const next = rest.findIndex(({ id }, index) => index > at && given[id] === undefined);
    const last = rest[rest.length - 1]!;
    if (next >= 0 && !last.ends.includes(given[last.id] ?? "")) setAt(next);
    else send(given);
  };
  // What waits for a line goes out when it is back.
  const waits = screen.isError && asApiError(screen.error).isLine;
  const again = useRef(() => {});
  again.current = () => {
    if (waits) send(answers);
  };
  useEffect(() => {
    const online = () => again.current();
    addEventListener("online", online);
    return () => removeEventListener("online", online);
  }, []);
  // Questions that were renewed meanwhile are asked again; what was answered stays.
  const refused = screen.isError && !waits ? asApiError(screen.error) : null;

  // An emergency does not wait for an answer of the server.
  if (ended) {
    return (
      <CallNow
        said={questionnaire.call120}
        reasons={asked
          .filter(({ id, ends }) => ends.includes(answers[id] ?? ""))
          .map(({ id }) => id)}
        onBack={() => {
          const given = { ...answers };
          delete given[question.id];
          setAnswers(given);
          void keepDraft(patientId, { answers: given, region: questionnaire.region });
          setAt(asked.length - 1);
          screen.reset();
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
              {t("patient.fever.back")}
            </Button>
          ) : (
            <a
              href="/"
              className={buttonClass("quiet")}
              onClick={(event) => {
                event.preventDefault();
                go("/");
              }}
            >
              <Icon path={left} />
              <span>{t("patient.fever.toHome")}</span>
            </a>
          )}
          <span className="muted small">
            {t("patient.fever.question", { step: at + 1 })}
            {person ? ` · ${person.name}` : ""}
          </span>
        </div>
        <div className="fever-progress" aria-hidden="true">
          <span data-done={Math.min(10, Math.round(((at + 1) / asked.length) * 10))} />
        </div>
      </header>
      {at === 0 ? (
        <p className="muted">{t("patient.fever.minute")}</p>
      ) : resumed && at === firstOpen ? (
        <p className="muted small">{t("patient.fever.kept")}</p>
      ) : null}
      <QuestionCard
        key={question.id}
        question={question}
        value={answers[question.id] ?? null}
        trigger={questionnaire.temperatureTenths}
        busy={screen.isPending}
        onAnswer={answer}
      />
      {screen.isPending ? (
        <p role="status" className="muted">
          {t("patient.fever.sending")}
        </p>
      ) : null}
      {waits ? (
        <Notice
          tone="warn"
          icon={offline}
          action={
            <Button look="soft" onClick={() => send(answers)}>
              {t("common.retry")}
            </Button>
          }
        >
          {t("patient.fever.unsent")}
        </Notice>
      ) : null}
      {refused ? (
        <ProblemNotice error={refused} retry={() => globalThis.location.reload()} />
      ) : null}
      {at === 0 ? (
        <p className="fever-region">
          <span className="muted">{t("patient.fever.region")}</span>
          {questionnaire.regions.map((one) => (
            <button
              key={one}
              type="button"
              className="pill"
              aria-pressed={one === questionnaire.region}
              onClick={() => onRegion(one)}
            >
              {t(`patient.fever.region.${one}`)}
            </button>
          ))}
        </p>
      ) : null}
    </main>
  );
}

function QuestionCard({
  question,
  value,
  trigger,
  busy,
  onAnswer,
}: {
  question: Question;
  value: string | null;
  trigger: number;
  busy: boolean;
  onAnswer: (value: string) => void;
}) {
  const language = useLanguage();
  const { elder } = usePreferences();
  const t = useText();
  const speech = useSpeech(language);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current?.focus();
  }, []);
  const words = nameIn(question.text, language);
  const hint = nameIn(question.hint, language);
  return (
    <section className="fever-question">
      <h1 ref={head} tabIndex={-1}>
        {words}
      </h1>
      {hint ? <p className="muted">{hint}</p> : null}
      {elder && speech.available ? (
        <Button
          look="soft"
          icon={speaker}
          onClick={() =>
            speech.speaking
              ? speech.stop()
              : speech.speak(
                  [words, hint, ...question.options.map(({ text }) => nameIn(text, language))].join(
                    ". ",
                  ),
                )
          }
        >
          {speech.speaking ? t("common.stopReading") : t("patient.readToMe")}
        </Button>
      ) : null}
      {question.kind === "temperature" ? (
        <Temperature value={value} trigger={trigger} busy={busy} onAnswer={onAnswer} />
      ) : (
        <ul className="fever-choices">
          {question.options.map((option) => (
            <li key={option.value}>
              <button
                type="button"
                className="fever-choice"
                aria-pressed={option.value === value}
                disabled={busy}
                onClick={() => onAnswer(option.value)}
              >
                <span className="grow">{nameIn(option.text, language)}</span>
                <Icon path={right} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A number as it stands on the thermometer; whoever has none says so. */
function Temperature({
  value,
  trigger,
  busy,
  onAnswer,
}: {
  value: string | null;
  trigger: number;
  busy: boolean;
  onAnswer: (value: string) => void;
}) {
  const t = useText();
  const [typed, setTyped] = useState(value && value !== "unknown" ? value : "");
  const [wrong, setWrong] = useState(false);
  const submit = () => {
    const degrees = Number(typed.replace(",", ".").replace("。", "."));
    if (!(degrees >= 33 && degrees <= 43.5)) {
      setWrong(true);
      return;
    }
    onAnswer(degrees.toFixed(1));
  };
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextField
        className="fever-degrees"
        label={t("patient.fever.degrees")}
        hint={t("patient.fever.degreesHint", { trigger: trigger / 10 })}
        error={wrong ? t("patient.fever.degreesWrong") : undefined}
        inputMode="decimal"
        autoComplete="off"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
      />
      <Button look="primary" size="large" wide type="submit" busy={busy}>
        {t("patient.fever.next")}
      </Button>
      <Button size="large" wide onClick={() => onAnswer("unknown")}>
        {t("patient.fever.noThermometer")}
      </Button>
    </form>
  );
}
