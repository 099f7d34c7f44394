import { useState } from "react";
import type { RecallView } from "../../server/lab/contract.ts";
import type { RecallOutcome } from "../../server/lab/domain.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { phone as phoneIcon, testTube } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import {
  useExposure,
  useExposurePreview,
  useRecalls,
  useRecordCall,
  useTakeRecall,
} from "./queries.ts";
import { inWords, recallTone } from "./words.ts";
import "./lab.css";

export { wordsReady } from "./words.ts";

/** Who has to come again: told or not, whom to call with which words, by when. */
export function RecallsPage() {
  const t = useText();
  const [scope, setScope] = useState<"open" | "done">("open");
  const [exposing, setExposing] = useState(false);
  const recalls = useRecalls(scope);
  return (
    <main id="main" className="lab">
      <header className="row spread wrap">
        <h1>{t("lab.recall.title")}</h1>
        <div className="row wrap">
          <Segmented
            label={t("lab.recall.scope")}
            hideLabel
            value={scope}
            options={[
              { value: "open", label: t("lab.recall.open") },
              { value: "done", label: t("lab.recall.done") },
            ]}
            onChange={setScope}
          />
          <Button look="soft" aria-expanded={exposing} onClick={() => setExposing(!exposing)}>
            {t("lab.exposure.open")}
          </Button>
        </div>
      </header>
      {exposing ? <ExposureForm onDone={() => setExposing(false)} /> : null}
      {recalls.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={recalls.error} retry={() => void recalls.refetch()} />
      {recalls.data && scope === "open" ? (
        <dl className="lab-counts">
          {(["open", "untold", "overdue"] as const).map((one) => (
            <div
              key={one}
              data-bad={one !== "open" && recalls.data.counts[one] > 0 ? "" : undefined}
            >
              <dt>{t(`lab.recall.count.${one}`)}</dt>
              <dd className="figure">{recalls.data.counts[one]}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {recalls.data?.recalls.length === 0 ? (
        <Empty icon={testTube} title={t("lab.recall.none")}>
          {t("lab.recall.noneHow")}
        </Empty>
      ) : null}
      <ul className="recalls">
        {recalls.data?.recalls.map((recall) => (
          <li key={recall.id}>
            <Recall recall={recall} />
          </li>
        ))}
      </ul>
    </main>
  );
}

const outcomes: readonly RecallOutcome[] = ["reached", "not-reached", "left-with-helper", "visit"];

function Recall({ recall }: { recall: RecallView }) {
  const t = useText();
  const language = useLanguage();
  const take = useTakeRecall();
  const record = useRecordCall();
  const [speaks, setSpeaks] = useState(false);
  const waits = recall.state === "issued" || recall.state === "told";
  return (
    <article className="lab-card recall" data-state={recall.state}>
      <header className="row spread wrap">
        <div className="row wrap">
          <h2>{recall.name}</h2>
          <Status tone={recallTone[recall.state]}>
            {recall.state === "told" && recall.toldHow
              ? t("lab.recall.toldHow", {
                  how: t(`lab.recall.how.${recall.toldHow as "sms" | "call" | "visit"}`),
                })
              : t(`lab.recall.state.${recall.state}`)}
          </Status>
        </div>
        {waits ? <Countdown dueAt={recall.dueAt} lead={t("lab.recall.due")} /> : null}
      </header>
      <p className="muted">
        {t(`lab.cause.${recall.cause}`)} · {recall.site ? inWords(recall.site, language) : ""}
        {recall.code ? ` · ${recall.code}` : ""} · {dayTime(recall.issuedAt)}
        {recall.owner ? ` · ${t("lab.recall.owner", { name: recall.owner.name })}` : ""}
        {recall.attempts > 0 && recall.lastOutcome
          ? ` · ${t("lab.recall.tried", { count: recall.attempts, outcome: t(`lab.outcomeOf.${recall.lastOutcome}`) })}`
          : ""}
      </p>
      {waits ? (
        <>
          <div className="row wrap">
            {recall.contact?.phone ? (
              <a className={buttonClass("soft")} href={`tel:${recall.contact.phone}`}>
                <span className="figure">
                  {recall.contact.name && recall.contact.name !== recall.name
                    ? `${recall.contact.name} `
                    : ""}
                  {recall.contact.phone}
                </span>
              </a>
            ) : (
              <Status tone="warn" icon={phoneIcon}>
                {recall.contact ? t("lab.recall.noPhone") : t("lab.recall.preparing")}
              </Status>
            )}
            <Button look="quiet" aria-expanded={speaks} onClick={() => setSpeaks(!speaks)}>
              {t("lab.recall.words")}
            </Button>
            {recall.mine ? null : (
              <Button
                busy={take.isPending}
                onClick={() => take.mutate({ id: recall.id, version: recall.version })}
              >
                {t("lab.recall.take")}
              </Button>
            )}
          </div>
          {speaks ? (
            <blockquote className="recall-words" lang={recall.language}>
              {recall.words[recall.language]}
            </blockquote>
          ) : null}
          <div className="row wrap">
            {outcomes.map((outcome) => (
              <Button
                key={outcome}
                busy={record.isPending}
                onClick={() => record.mutate({ id: recall.id, version: recall.version, outcome })}
              >
                {t(`lab.outcomeOf.${outcome}`)}
              </Button>
            ))}
          </div>
          <ProblemNotice error={take.error ?? record.error} />
        </>
      ) : null}
    </article>
  );
}

/** Everybody who was sampled at the own sites in a time; counted before anybody is asked. */
function ExposureForm({ onDone }: { onDone: () => void }) {
  const t = useText();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [note, setNote] = useState("");
  const preview = useExposurePreview();
  const issue = useExposure(onDone);
  const whole = from !== "" && to !== "" && from < to && note.trim() !== "";
  const body = () => ({
    siteId: null,
    from: new Date(`${from}:00+08:00`).toISOString(),
    to: new Date(`${to}:00+08:00`).toISOString(),
    note: note.trim(),
  });
  return (
    <section className="lab-card stack">
      <h2>{t("lab.exposure.title")}</h2>
      <p>{t("lab.exposure.how")}</p>
      <form
        className="lab-exposure"
        onSubmit={(event) => {
          event.preventDefault();
          if (whole) preview.mutate(body());
        }}
      >
        <TextField
          type="datetime-local"
          label={t("lab.exposure.from")}
          value={from}
          onChange={(event) => {
            setFrom(event.target.value);
            preview.reset();
          }}
        />
        <TextField
          type="datetime-local"
          label={t("lab.exposure.to")}
          value={to}
          onChange={(event) => {
            setTo(event.target.value);
            preview.reset();
          }}
        />
        <TextField
          label={t("lab.exposure.note")}
          value={note}
          maxLength={300}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button type="submit" disabled={!whole} busy={preview.isPending}>
          {t("lab.exposure.count")}
        </Button>
      </form>
      <ProblemNotice error={preview.error ?? issue.error} />
      {preview.data ? (
        <Notice
          tone={preview.data.people > 0 ? "warn" : "info"}
          title={t("lab.exposure.people", { count: preview.data.people })}
          action={
            preview.data.people > 0 ? (
              <Button look="danger" busy={issue.isPending} onClick={() => issue.mutate(body())}>
                {t("lab.exposure.issue", { count: preview.data.people })}
              </Button>
            ) : undefined
          }
        >
          {preview.data.already > 0
            ? t("lab.exposure.already", { count: preview.data.already })
            : null}
        </Notice>
      ) : null}
    </section>
  );
}
