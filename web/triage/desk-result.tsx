import { useState } from "react";
import { Link } from "wouter";
import type { StaffView } from "../api/session.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { type Decision, DecisionSelect, decisionWords } from "./decision-select.tsx";
import { type AssessmentView, useOverrule } from "./desk-queries.ts";
import { SourceLine } from "./source-line.tsx";

const tones: Record<AssessmentView["outcome"], Tone> = {
  "home-advice": "good",
  "community-visit": "info",
  "remote-consult": "info",
  "specialist-slot": "warn",
  "fever-clinic": "warn",
  emergency: "bad",
};

/** Where to go, every rule that fired with its source, the next step, and a doctor's other decision. */
export function DeskResult({
  view,
  session,
  onChange,
  past = false,
}: {
  view: AssessmentView;
  session: StaffView;
  onChange: (view: AssessmentView) => void;
  past?: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const [overruling, setOverruling] = useState(false);
  const refers = session.permissions.includes("referral.request");
  return (
    <Card
      title={past ? t("triage.last", { time: dayTime(view.assessedAt) }) : t("triage.result")}
      aside={<Status tone={tones[view.outcome]}>{t(`triage.urgency.${view.urgency}`)}</Status>}
      strong={!past}
    >
      <p className="triage-big">{decisionWords(view, t)}</p>
      <p className="muted">{nameIn(view.complaint.name, language)}</p>
      {view.remeasure && !view.overrule ? (
        <Notice tone="warn" live={false}>
          {t("triage.again")}
        </Notice>
      ) : null}
      {view.overrule ? (
        <Notice
          tone="info"
          live={false}
          title={t("triage.overruled", {
            name: view.overrule.by,
            time: dayTime(view.overrule.examinedAt),
          })}
        >
          <p>{view.overrule.reason}</p>
          <p className="small">{t("triage.ruled", { what: decisionWords(view.ruled, t) })}</p>
        </Notice>
      ) : null}
      <ul className="triage-reasons">
        {view.reasons.map((one) => (
          <li key={one.key}>
            <p>
              {one.redFlag ? (
                <Status tone="bad">{t(one.unknown ? "triage.flagUnknown" : "triage.flag")}</Status>
              ) : null}{" "}
              <span className="strong">{nameIn(one.words, language)}</span>
            </p>
            <p className="muted small">
              {decisionWords(one, t)}
              {one.source ? (
                <>
                  {" · "}
                  <SourceLine source={one.source} />
                </>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
      <div className="row">
        {view.outcome === "emergency" ? (
          <a href="tel:120" className={buttonClass("danger")}>
            {t("triage.next.120")}
          </a>
        ) : null}
        {view.outcome === "remote-consult" ? (
          <Link href={`/new?patient=${view.patient.id}`} className={buttonClass("primary")}>
            {t("triage.next.consult")}
          </Link>
        ) : null}
        {view.outcome === "fever-clinic" && session.permissions.includes("fever.triage") ? (
          <Link href="/fever" className={buttonClass("primary")}>
            {t("triage.next.fever")}
          </Link>
        ) : null}
        {refers && view.outcome !== "home-advice" && view.outcome !== "community-visit" ? (
          <Link
            href={`/referrals/new?patient=${view.patient.id}&triage=${view.id}`}
            className={buttonClass(view.outcome === "specialist-slot" ? "primary" : "soft")}
          >
            {t("triage.next.refer")}
          </Link>
        ) : null}
        {view.outcome === "community-visit" && session.permissions.includes("booking.assist") ? (
          <Link href="/hotline" className={buttonClass("primary")}>
            {t("triage.next.book")}
          </Link>
        ) : null}
        {view.mayOverrule && !overruling ? (
          <Button look="quiet" onClick={() => setOverruling(true)}>
            {t("triage.overrule")}
          </Button>
        ) : null}
      </div>
      {overruling && view.mayOverrule ? (
        <Overrule view={view} onDone={onChange} onCancel={() => setOverruling(false)} />
      ) : null}
      <p className="muted small">{t("triage.version", { version: view.version })}</p>
    </Card>
  );
}

const two = (value: number) => String(value).padStart(2, "0");
/** The clock on the wall, as an input of the browser takes it. */
function wallTime(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

function Overrule({
  view,
  onDone,
  onCancel,
}: {
  view: AssessmentView;
  onDone: (view: AssessmentView) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [decision, setDecision] = useState<Decision>(view.ruled);
  const [examined, setExamined] = useState(false);
  const [at, setAt] = useState(() => wallTime(new Date()));
  const [reason, setReason] = useState("");
  const overrule = useOverrule(view.id, onDone);
  return (
    <form
      className="stack triage-overrule"
      onSubmit={(event) => {
        event.preventDefault();
        overrule.mutate({ ...decision, examined, examinedAt: new Date(at).toISOString(), reason });
      }}
    >
      <p className="strong">{t("triage.overruleHow")}</p>
      <CheckField
        label={t("triage.examined")}
        checked={examined}
        onChange={(event) => setExamined(event.target.checked)}
      />
      <TextField
        label={t("triage.examinedAt")}
        type="datetime-local"
        required
        value={at}
        onChange={(event) => setAt(event.target.value)}
      />
      <DecisionSelect label={t("triage.instead")} value={decision} onChange={setDecision} />
      <TextArea
        label={t("triage.reason")}
        required
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <ProblemNotice error={overrule.error} />
      <div className="row">
        <Button look="primary" type="submit" busy={overrule.isPending}>
          {t("triage.overruleSend")}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
