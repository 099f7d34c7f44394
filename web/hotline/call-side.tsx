import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useKey } from "./choices.tsx";
import { PatientHelpers } from "./patient-helpers.tsx";
import { Preference } from "./preference.tsx";
import type { CallView } from "./queries.ts";
import { inWords, sexAndAge } from "./words.ts";

/** What the call has so far, and the ways out of it: the line went, a nurse, the end. */
export function CallSide({
  call,
  active,
  busy,
  onDrop,
  onTransfer,
  onEnd,
}: {
  call: CallView;
  active: boolean;
  busy: boolean;
  onDrop: () => void;
  onTransfer: () => void;
  onEnd: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const open = active && !call.confirmWay && !busy;
  useKey("d", onDrop, open);
  useKey("t", onTransfer, open);
  const { patient } = call;
  return (
    <aside className="bench-side stack" aria-label={t("hotline.side.title")}>
      {active && !call.confirmWay ? (
        <Card title={t("hotline.side.ways")}>
          <div className="stack stack-2">
            <Button busy={busy} onClick={onDrop}>
              {t("hotline.side.drop")} <kbd>D</kbd>
            </Button>
            <Button busy={busy} onClick={onTransfer}>
              {t("hotline.side.nurse")} <kbd>T</kbd>
            </Button>
            <Button look="quiet" busy={busy} onClick={onEnd}>
              {t("hotline.side.end")}
            </Button>
          </div>
        </Card>
      ) : null}
      <Card title={t("hotline.side.title")}>
        <dl className="hotline-facts">
          <div>
            <dt>{t("hotline.fact.caller")}</dt>
            <dd>
              {[call.callerName, t(`common.relation.${call.callerRelation}`), call.callerPhone]
                .filter(Boolean)
                .join(" · ")}
            </dd>
          </div>
          {patient ? (
            <div>
              <dt>{t("hotline.fact.patient")}</dt>
              <dd>
                <span className="strong">{patient.name}</span> {sexAndAge(patient, t)}
                {patient.phones.map((phone) => (
                  <span key={phone.relation + phone.masked} className="hotline-line muted small">
                    {t(`common.relation.${phone.relation}`)} {phone.masked}
                  </span>
                ))}
                {patient.address ? (
                  <span className="hotline-line muted small">{patient.address}</span>
                ) : null}
              </dd>
            </div>
          ) : null}
          {call.consent ? (
            <div>
              <dt>{t("hotline.fact.consent")}</dt>
              <dd>
                “{call.consent.words}”
                <span className="hotline-line muted small">
                  {t("hotline.side.heard", {
                    by: t(`common.relation.${call.consent.by}`),
                    name: call.consent.heardBy,
                    time: clockTime(call.consent.at),
                  })}
                </span>
              </dd>
            </div>
          ) : null}
        </dl>
      </Card>
      {call.answers.length > 0 ? (
        <Card title={t("hotline.side.answers")}>
          <ol className="hotline-answers">
            {call.questions.slice(0, call.answers.length).map((question, index) => {
              const answer = call.answers[index] ?? "unknown";
              return (
                <li key={question.zh}>
                  <span className="small">{inWords(question, language)}</span>
                  <Status tone={answer === "no" ? "good" : "bad"}>
                    {t(`hotline.answer.${answer}`)}
                  </Status>
                </li>
              );
            })}
          </ol>
        </Card>
      ) : null}
      {patient && call.consent && active ? <PatientHelpers patientId={patient.id} /> : null}
      {patient && call.preference && active ? (
        <Preference key={patient.id} patientId={patient.id} preference={call.preference} />
      ) : null}
    </aside>
  );
}
