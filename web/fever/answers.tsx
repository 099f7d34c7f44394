import { useState } from "react";
import { inWords } from "../clinic/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import { useAnswers, type VisitView } from "./queries.ts";

/** What was answered on the phone is shown, not asked again; whoever brought none is asked here. */
export function AnswersCard({ visit, mayAsk }: { visit: VisitView; mayAsk: boolean }) {
  const t = useText();
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  const { screening } = visit;
  if (asking) return <AskHere visit={visit} onDone={() => setAsking(false)} />;
  const wordsOf = (question: string, value: string) => {
    const option = visit.questionnaire.questions
      .find(({ id }) => id === question)
      ?.options.find((one) => one.value === value);
    return option ? inWords(option.text, language) : value === "unknown" ? "?" : `${value}`;
  };
  return (
    <Card title={t("fever.answers")}>
      {screening ? (
        <>
          <p className="muted small">
            {t(screening.atDesk ? "fever.answersDesk" : "fever.answersFrom", {
              time: shortTime(screening.answeredAt),
            })}
          </p>
          <p className="row">
            {screening.reasons.map((one) => (
              <Status key={one} tone={one === "no-sign" ? "good" : "warn"}>
                {t(`fever.reason.${one}` as MessageId)}
              </Status>
            ))}
          </p>
          <dl className="fever-answers">
            {screening.answers.map((one) => (
              <div
                key={one.question}
                data-yes={one.value === "no" || one.value === "none" ? undefined : ""}
              >
                <dt>{inWords(one.text, language)}</dt>
                <dd className="figure">{wordsOf(one.question, one.value)}</dd>
              </div>
            ))}
          </dl>
        </>
      ) : (
        <p className="muted">{t("fever.answersNone")}</p>
      )}
      {mayAsk ? (
        <Button look={screening ? "quiet" : "soft"} onClick={() => setAsking(true)}>
          {t("fever.askHere")}
        </Button>
      ) : null}
    </Card>
  );
}

function AskHere({ visit, onDone }: { visit: VisitView; onDone: () => void }) {
  const t = useText();
  const language = useLanguage();
  const write = useAnswers(visit.id, onDone);
  const { questionnaire } = visit;
  const last = visit.readings.filter(({ kind }) => kind === "temperature").at(-1);
  // The temperature was measured here: it is not asked for.
  const [answers, setAnswers] = useState<Record<string, string>>(
    last ? { temperature: last.value.toFixed(1) } : {},
  );
  const set = (id: string, value: string) => setAnswers((before) => ({ ...before, [id]: value }));
  const ended = questionnaire.questions.findIndex(({ id, ends }) =>
    ends.includes(answers[id] ?? ""),
  );
  const asked = questionnaire.questions
    .slice(0, ended < 0 ? undefined : ended + 1)
    .filter(({ when }) => !when || when.values.includes(answers[when.question] ?? ""));
  return (
    <Card title={t("fever.askHere")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          write.mutate({
            version: visit.version,
            policyId: questionnaire.policyId,
            answers: asked.flatMap(({ id }) =>
              answers[id] ? [{ question: id, value: answers[id] }] : [],
            ),
          });
        }}
      >
        {asked.map((question) =>
          question.kind === "temperature" ? (
            last ? null : (
              <TextField
                key={question.id}
                label={inWords(question.text, language)}
                inputMode="decimal"
                value={answers.temperature ?? ""}
                onChange={(event) => set("temperature", event.target.value)}
              />
            )
          ) : (
            <Segmented
              key={question.id}
              label={inWords(question.text, language)}
              value={answers[question.id] ?? null}
              options={question.options.map((one) => ({
                value: one.value,
                label: inWords(one.text, language),
              }))}
              onChange={(value) => set(question.id, value)}
            />
          ),
        )}
        <ProblemNotice error={write.error} />
        <div className="row">
          <Button look="primary" type="submit" busy={write.isPending}>
            {t("fever.saveAnswers")}
          </Button>
          <Button look="quiet" onClick={onDone}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
