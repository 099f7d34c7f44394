import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { TubeAnswer } from "../../server/lab/contract.ts";
import type { LabResultKind } from "../../server/sampling/domain.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { useCorrect, useTube } from "./queries.ts";
import { inWords, resultTone } from "./words.ts";

/** One tube: where it is, everything that was said of it, and a correction. */
export function CorrectTab({ code }: { code: string }) {
  const t = useText();
  const [, go] = useLocation();
  const [typed, setTyped] = useState(code);
  const tube = useTube(code);
  return (
    <>
      <section className="lab-card">
        <form
          className="lab-scan"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim()) go(`/lab/tube/${encodeURIComponent(typed.trim())}`);
          }}
        >
          <TextField
            label={t("lab.tube.code")}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button type="submit" look="primary" busy={tube.isFetching}>
            {t("lab.tube.look")}
          </Button>
        </form>
        <ProblemNotice error={tube.error} />
      </section>
      {tube.data ? <Found answer={tube.data} /> : null}
    </>
  );
}

function Found({ answer }: { answer: TubeAnswer }) {
  const t = useText();
  const language = useLanguage();
  const { tube, results, person } = answer;
  const last = results.find((one) => !one.replaced);
  return (
    <div className="lab-columns">
      <section className="lab-card stack">
        <header className="row spread wrap">
          <h2 className="figure">{tube.code}</h2>
          <Status tone="info">{t(`lab.tubeState.${tube.state}`)}</Status>
        </header>
        <p>
          {t(`lab.purpose.${tube.purpose}`)} · {t("lab.people", { count: tube.count })} ·{" "}
          {inWords(tube.site, language)}
          {person
            ? ` · ${person.name}${person.ageYears === null ? "" : ` ${t("lab.age", { age: person.ageYears })}`}`
            : ""}
        </p>
        {results.length === 0 ? <p className="muted">{t("lab.tube.noResult")}</p> : null}
        <ol className="lab-notes">
          {results.map((one) => (
            <li key={one.id} data-replaced={one.replaced ? "" : undefined}>
              <span className="row wrap">
                <Status tone={one.replaced ? "quiet" : resultTone[one.result]}>
                  {t(`lab.result.${one.result}`)}
                </Status>
                {one.replaced ? <span>{t("lab.tube.replaced")}</span> : null}
                <span className="muted">
                  {one.reportedBy} · {dayTime(one.reportedAt)} · {t(`lab.source.${one.source}`)}
                  {one.reason ? ` · ${one.reason}` : ""}
                </span>
              </span>
            </li>
          ))}
        </ol>
      </section>
      <section className="lab-card stack">
        <h2>{t("lab.correct.title")}</h2>
        {answer.plateId ? (
          <Notice
            tone="info"
            live={false}
            title={t("lab.correct.waits")}
            action={
              <Link href={`/lab/plate/${answer.plateId}`} className={buttonClass("primary")}>
                {t("lab.import.toPlate")}
              </Link>
            }
          />
        ) : last ? (
          <Correct code={tube.code} last={last.result} />
        ) : (
          <p className="muted">{t("lab.correct.none")}</p>
        )}
      </section>
    </div>
  );
}

function Correct({ code, last }: { code: string; last: LabResultKind }) {
  const t = useText();
  const [, go] = useLocation();
  const [result, setResult] = useState<LabResultKind | null>(null);
  const [reason, setReason] = useState("");
  const correct = useCorrect((plate) => go(`/lab/plate/${plate.id}`));
  const others = (
    ["negative", "positive", "grey-zone", "single-target", "rejected"] as const
  ).filter((one) => one !== last);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (result && reason.trim()) correct.mutate({ code, result, reason: reason.trim() });
      }}
    >
      <p>{t("lab.correct.how")}</p>
      <Segmented
        label={t("lab.correct.result")}
        value={result}
        options={others.map((value) => ({ value, label: t(`lab.result.${value}`) }))}
        onChange={setResult}
      />
      <TextField
        label={t("lab.correct.reason")}
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.target.value)}
      />
      <Button
        type="submit"
        look="danger"
        disabled={!result || !reason.trim()}
        busy={correct.isPending}
      >
        {t("lab.correct.send")}
      </Button>
      <ProblemNotice error={correct.error} />
    </form>
  );
}
