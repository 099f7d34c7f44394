import { useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { right } from "../design/icons.ts";
import { usePreferences } from "../design/preferences.ts";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { ReadAloud } from "../patient/read-aloud.tsx";
import { MeasureStep } from "./measure-step.tsx";
import type { Answer, Draft, Questionnaire } from "./phone-queries.ts";
import type { Step } from "./steps.ts";

const answers: readonly Answer[] = ["yes", "no", "unknown"];
export const groups = ["chest", "head", "belly", "body", "skin", "family"] as const;
/** So long it lasts, hours. */
const durations = { today: 12, days: 60, week: 132, weeks: 400, long: 1200 } as const;
/** Ages in months that stand for a span. */
const ages = { newborn: 1, baby: 8, child: 40, school: 120, adult: 420, old: 840 } as const;
export const conditionKeys = [
  "hypertension",
  "heart-disease",
  "stroke-before",
  "diabetes",
  "lung-disease",
  "kidney-disease",
  "dialysis",
  "cancer",
  "chemotherapy",
  "weak-immunity",
  "epilepsy",
  "liver-disease",
] as const;
export const medicineKeys = ["anticoagulant", "insulin", "steroid", "immunosuppressant"] as const;

type Props = {
  step: Step;
  asked: Questionnaire;
  draft: Draft;
  busy: boolean;
  onChange: (part: Partial<Draft>) => void;
};

/** The one thing of this page. */
export function StepView({ step, asked, draft, busy, onChange }: Props) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const title =
    step.kind === "flag"
      ? nameIn(step.flag.ask, language)
      : step.kind === "question"
        ? nameIn(step.question.ask, language)
        : t(`patient.triage.ask.${step.kind}`);
  const yesNo =
    step.kind === "flag" || (step.kind === "question" && step.question.kind === "yes-no");
  const said = yesNo ? answers.map((one) => t(`patient.triage.answer.${one}`)) : [];
  const choose = <Key extends string>(
    keys: readonly Key[],
    label: (key: Key) => string,
    pressed: (key: Key) => boolean,
    pick: (key: Key) => void,
  ) => (
    <ul className="fever-choices">
      {keys.map((key) => (
        <li key={key}>
          <button
            type="button"
            className="fever-choice"
            aria-pressed={pressed(key)}
            disabled={busy}
            onClick={() => pick(key)}
          >
            <span className="grow">{label(key)}</span>
            <Icon path={right} />
          </button>
        </li>
      ))}
    </ul>
  );
  return (
    <section className="fever-question">
      <h1 ref={head} tabIndex={-1}>
        {title}
      </h1>
      {elder ? <ReadAloud text={[title, ...said].join(". ")} /> : null}
      {yesNo
        ? choose(
            answers,
            (one) => t(`patient.triage.answer.${one}`),
            (one) => draft.answers[step.key] === one,
            (one) => onChange({ answers: { ...draft.answers, [step.key]: one } }),
          )
        : null}
      {step.kind === "complaint" ? (
        <Complaints asked={asked} draft={draft} onChange={onChange} />
      ) : null}
      {step.kind === "age"
        ? choose(
            Object.keys(ages) as (keyof typeof ages)[],
            (one) => t(`patient.triage.age.${one}`),
            (one) => draft.ageMonths === ages[one],
            (one) => onChange({ ageMonths: ages[one] }),
          )
        : null}
      {step.kind === "about" ? (
        <About asked={asked} draft={draft} busy={busy} onChange={onChange} />
      ) : null}
      {step.kind === "question" && step.question.kind === "duration"
        ? choose(
            Object.keys(durations) as (keyof typeof durations)[],
            (one) => t(`patient.triage.duration.${one}`),
            (one) => draft.values.durationHours === durations[one],
            (one) => onChange({ values: { ...draft.values, durationHours: durations[one] } }),
          )
        : null}
      {step.kind === "question" && !["yes-no", "duration"].includes(step.question.kind) ? (
        <MeasureStep
          kind={step.question.kind as "temperature" | "pressure" | "glucose" | "oxygen"}
          draft={draft}
          busy={busy}
          onChange={onChange}
        />
      ) : null}
    </section>
  );
}

/** What it is about, by part of the body. */
function Complaints({ asked, draft, onChange }: Pick<Props, "asked" | "draft" | "onChange">) {
  const t = useText();
  const language = useLanguage();
  return (
    <div className="stack">
      {groups.map((group) => {
        const rows = asked.complaints.filter((one) => one.group === group);
        return rows.length === 0 ? null : (
          <section key={group} className="triage-group">
            <h2>{t(`patient.triage.group.${group}`)}</h2>
            <ul>
              {rows.map((one) => (
                <li key={one.key}>
                  <button
                    type="button"
                    className="triage-complaint"
                    aria-pressed={draft.complaint === one.key}
                    onClick={() => onChange({ complaint: one.key })}
                  >
                    {nameIn(one.name, language)}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

/** Illnesses and medicines that matter, on one page; what was told lately stands ticked. */
function About({ asked, draft, busy, onChange }: Omit<Props, "step">) {
  const t = useText();
  const { conditions: shownConditions, medicines: shownMedicines } = asked.complaints.find(
    (one) => one.key === draft.complaint,
  ) ?? { conditions: conditionKeys, medicines: medicineKeys };
  const [conditions, setConditions] = useState<string[]>(draft.conditions ?? []);
  const [medicines, setMedicines] = useState<string[]>(draft.medicines ?? []);
  const toggle = (list: string[], key: string) =>
    list.includes(key) ? list.filter((one) => one !== key) : [...list, key];
  const none =
    !shownConditions.some((one) => conditions.includes(one)) &&
    !shownMedicines.some((one) => medicines.includes(one));
  return (
    <div className="stack">
      <fieldset className="triage-ticks">
        <legend className="strong">{t("patient.triage.conditions")}</legend>
        {shownConditions.map((key) => (
          <CheckField
            key={key}
            label={t(`patient.triage.condition.${key}` as MessageId)}
            checked={conditions.includes(key)}
            onChange={() => setConditions(toggle(conditions, key))}
          />
        ))}
      </fieldset>
      {shownMedicines.length > 0 ? (
        <fieldset className="triage-ticks">
          <legend className="strong">{t("patient.triage.medicines")}</legend>
          {shownMedicines.map((key) => (
            <CheckField
              key={key}
              label={t(`patient.triage.medicine.${key}` as MessageId)}
              checked={medicines.includes(key)}
              onChange={() => setMedicines(toggle(medicines, key))}
            />
          ))}
        </fieldset>
      ) : null}
      <div className="triage-foot">
        <Button
          look="primary"
          size="large"
          wide
          busy={busy}
          onClick={() => onChange({ conditions, medicines, told: true })}
        >
          {none ? t("patient.triage.noneOfThese") : t("patient.triage.next")}
        </Button>
        {none ? (
          <Button
            size="large"
            wide
            disabled={busy}
            onClick={() => onChange({ conditions: null, medicines: null, told: true })}
          >
            {t("patient.triage.answer.unknown")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
