import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { QuestionSet } from "../../server/hotline/contract.ts";
import type { TransferTarget } from "../../server/hotline/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";

const transferTargets = ["120", "nurse"] as const satisfies readonly TransferTarget[];

type Question = QuestionSet["questions"][number];
const key = ["hotline-questions"];
const least = 3;
const most = 6;
const languages = ["zh", "en", "bo"] as const;
const langOf = { zh: "zh-CN", en: "en", bo: "bo" } as const;

/** Versions of the red-flag questions: drafted by one clinician, published by a second, then asked. */
export function Questions() {
  const t = useText();
  const client = useQueryClient();
  const [writing, setWriting] = useState<QuestionSet | null>(null);
  const sets = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<{ sets: QuestionSet[] }>("/api/hotline/questions", signal),
  });
  const publish = useWrite(
    (id: string, once) => api.post(`/api/hotline/questions/${id}/publish`, {}, once),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: key });
        void client.invalidateQueries({ queryKey: ["hotline-call"] });
      },
    },
  );
  return (
    <main id="main" className="bench-main">
      <h1 className="hotline-title">{t("hotline.rules.title")}</h1>
      <p className="muted">
        {t("hotline.rules.how")} {t("hotline.rules.unknown")}
      </p>
      {sets.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={sets.error} retry={() => void sets.refetch()} />
      <ProblemNotice error={publish.error} />
      {writing ? <Draft from={writing} onDone={() => setWriting(null)} /> : null}
      {sets.data?.sets.map((one) => (
        <Card
          key={one.id}
          title={t("hotline.rules.version", { version: one.version, day: one.validFrom })}
          aside={
            <Status tone={one.current ? "good" : one.state === "draft" ? "warn" : "quiet"}>
              {t(one.current ? "hotline.rules.current" : `hotline.rules.${one.state}`)}
            </Status>
          }
        >
          {one.recalled ? <Status tone="warn">{t("hotline.rules.recalled")}</Status> : null}
          <Asked questions={one.questions} />
          <p className="muted small">
            {[
              one.author
                ? t("hotline.rules.byAuthor", { name: one.author })
                : t("hotline.rules.starter"),
              one.publisher ? t("hotline.rules.byPublisher", { name: one.publisher }) : null,
              one.source,
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <div className="row">
            {one.mayPublish ? (
              <Button
                look="primary"
                busy={publish.isPending}
                onClick={() => publish.mutate(one.id)}
              >
                {t("hotline.rules.publish")}
              </Button>
            ) : one.state === "draft" ? (
              <p className="muted small">{t("hotline.rules.second")}</p>
            ) : null}
            {one.current && !writing ? (
              <Button look="soft" onClick={() => setWriting(one)}>
                {t("hotline.rules.new")}
              </Button>
            ) : null}
          </div>
        </Card>
      ))}
    </main>
  );
}

/** The questions as the operator reads them out, in each language. */
function Asked({ questions }: { questions: readonly Question[] }) {
  const t = useText();
  return (
    <ol className="hotline-asked">
      {questions.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a question is its place in the order
        <li key={index}>
          {languages.map((language) =>
            one[language] ? (
              <p
                key={language}
                lang={langOf[language]}
                className={language === "zh" ? "strong" : ""}
              >
                {one[language]}
              </p>
            ) : null,
          )}
          <p className="muted small">{t(`hotline.rules.yes.${one.yesRoute}`)}</p>
        </li>
      ))}
    </ol>
  );
}

function Draft({ from, onDone }: { from: QuestionSet; onDone: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const [validFrom, setValidFrom] = useState(() => isoDate(Date.now()));
  const [questions, setQuestions] = useState<Question[]>(from.questions);
  const [source, setSource] = useState("");
  const [recalled, setRecalled] = useState(false);
  const save = useWrite((body: object, once) => api.post("/api/hotline/questions", body, once), {
    onDone: () => {
      void client.invalidateQueries({ queryKey: key });
      onDone();
    },
  });
  const change = (at: number, part: Partial<Question>) =>
    setQuestions((before) =>
      before.map((one, index) => (index === at ? { ...one, ...part } : one)),
    );
  return (
    <Card title={t("hotline.rules.new")} strong>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ validFrom, questions, source: source.trim(), recalled });
        }}
      >
        <TextField
          label={t("hotline.rules.from")}
          type="date"
          required
          value={validFrom}
          onChange={(event) => setValidFrom(event.target.value)}
        />
        {questions.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a question is its place in the order
          <fieldset key={index} className="stack stack-2 hotline-question">
            <legend className="strong">{t("hotline.rules.question", { number: index + 1 })}</legend>
            {languages.map((language) => (
              <TextField
                key={language}
                label={t(`hotline.rules.${language}`)}
                lang={langOf[language]}
                required
                maxLength={300}
                value={one[language]}
                onChange={(event) => change(index, { [language]: event.target.value })}
              />
            ))}
            <SelectField
              label={t("hotline.rules.route")}
              value={one.yesRoute}
              onChange={(event) =>
                change(index, { yesRoute: event.target.value as TransferTarget })
              }
            >
              {transferTargets.map((target) => (
                <option key={target} value={target}>
                  {t(`hotline.rules.route.${target}`)}
                </option>
              ))}
            </SelectField>
            {questions.length > least ? (
              <Button
                look="quiet"
                className="align-start"
                onClick={() => setQuestions((before) => before.filter((_, at) => at !== index))}
              >
                {t("hotline.rules.remove", { number: index + 1 })}
              </Button>
            ) : null}
          </fieldset>
        ))}
        {questions.length < most ? (
          <Button
            className="align-start"
            onClick={() =>
              setQuestions((before) => [...before, { zh: "", en: "", bo: "", yesRoute: "nurse" }])
            }
          >
            {t("hotline.rules.add")}
          </Button>
        ) : null}
        <TextField
          label={t("hotline.rules.source")}
          hint={t("hotline.rules.sourceHow")}
          required
          maxLength={300}
          value={source}
          onChange={(event) => setSource(event.target.value)}
        />
        <CheckField
          label={t("hotline.rules.recalled")}
          checked={recalled}
          onChange={(event) => setRecalled(event.target.checked)}
        />
        <section className="stack stack-2">
          <h3 className="small">{t("hotline.rules.preview")}</h3>
          <Asked questions={questions} />
        </section>
        <ProblemNotice error={save.error} />
        <div className="row">
          <Button look="primary" type="submit" busy={save.isPending}>
            {t("hotline.rules.save")}
          </Button>
          <Button look="quiet" onClick={onDone}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
