import { useState } from "react";
import { asApiError } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { type AssessmentView, type Questionnaire, useDeskAssess } from "./desk-queries.ts";
import { conditionKeys, groups, medicineKeys } from "./step-view.tsx";

type Answer = "yes" | "no" | "unknown";
const given: readonly Answer[] = ["yes", "no", "unknown"];
const vitals = [
  ["temperature", "℃"],
  ["systolic", "mmHg"],
  ["diastolic", "mmHg"],
  ["pulse", "/min"],
  ["breaths", "/min"],
  ["oxygen", "%"],
  ["oxygenUsual", "%"],
  ["glucose", "mmol/L"],
  ["altitude", "m"],
] as const;
const again = [
  ["systolicAgain", "mmHg"],
  ["diastolicAgain", "mmHg"],
] as const;
type Vital = (typeof vitals)[number][0] | (typeof again)[number][0];
const levels = ["alert", "confused", "voice", "pain", "unresponsive"] as const;
const durations = { today: 12, days: 60, week: 132, weeks: 400, long: 1200 } as const;

/** Danger signs first, then what was measured: all on one page, for somebody who asks and measures. */
export function DeskForm({
  asked,
  patientId,
  onEdit,
  onDone,
}: {
  asked: Questionnaire;
  patientId: string;
  /** Something else was entered: the answer of before is not this form's any more. */
  onEdit: () => void;
  onDone: (view: AssessmentView) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [complaint, setComplaint] = useState("");
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const [values, setValues] = useState<Partial<Record<Vital, string>>>(
    asked.altitudeMetres === null ? {} : { altitude: String(asked.altitudeMetres) },
  );
  const [awake, setAwake] = useState<(typeof levels)[number]>("alert");
  const [lasts, setLasts] = useState<keyof typeof durations | "">("");
  const [conditions, setConditions] = useState<string[]>(asked.known?.conditions ?? []);
  const [medicines, setMedicines] = useState<string[]>(asked.known?.medicines ?? []);
  const assess = useDeskAssess(patientId, onDone);
  const about = (one: { complaints: string[] | null }) =>
    one.complaints?.includes(complaint) === true;
  const flags = asked.redFlags.filter((one) => one.complaints === null || about(one));
  const questions = asked.questions.filter((one) => one.kind === "yes-no" && about(one));
  const history = asked.complaints.find((one) => one.key === complaint) ?? {
    conditions: conditionKeys,
    medicines: medicineKeys,
  };
  const open = flags.filter(({ key }) => answers[key] === undefined);
  const number = (name: Vital) => Number((values[name] ?? "").replace(",", "."));
  const high = number("systolic") >= 180 || number("diastolic") >= 110;
  const failed = assess.isError ? asApiError(assess.error) : null;
  const wrong = String(failed?.params?.field ?? "");
  const rows = (list: readonly { key: string; ask: Questionnaire["redFlags"][number]["ask"] }[]) =>
    list.map(({ key, ask }) => (
      <li key={key}>
        <Segmented
          label={nameIn(ask, language)}
          value={answers[key] ?? null}
          options={given.map((one) => ({ value: one, label: t(`patient.triage.answer.${one}`) }))}
          onChange={(one) => setAnswers({ ...answers, [key]: one })}
        />
      </li>
    ));
  const field = ([name, unit]: readonly [Vital, string]) => (
    <TextField
      key={name}
      label={`${t(`triage.vital.${name}`)} (${unit})`}
      inputMode="decimal"
      autoComplete="off"
      value={values[name] ?? ""}
      error={wrong === name ? failed?.detail : undefined}
      onChange={(event) => setValues({ ...values, [name]: event.target.value })}
    />
  );
  const send = () =>
    assess.mutate({
      ruleSetId: asked.ruleSetId,
      patientId,
      complaint: complaint || "other",
      answers,
      values: {
        ...Object.fromEntries(
          Object.entries(values).flatMap(([name, typed]) => {
            const value = Number((typed ?? "").trim().replace(",", "."));
            return (typed ?? "").trim() && Number.isFinite(value) ? [[name, value]] : [];
          }),
        ),
        ...(lasts ? { durationHours: durations[lasts] } : {}),
      },
      consciousness: awake,
      conditions,
      medicines,
    });
  const toggle = (list: string[], key: string) =>
    list.includes(key) ? list.filter((one) => one !== key) : [...list, key];
  return (
    <form
      className="stack"
      noValidate
      onChange={onEdit}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Card title={t("triage.flags")}>
        <ul className="triage-flags">{rows(flags.filter((one) => one.complaints === null))}</ul>
        <SelectField
          label={t("triage.complaint")}
          value={complaint}
          onChange={(event) => setComplaint(event.target.value)}
        >
          <option value="">{t("triage.choose")}</option>
          {groups.map((group) => (
            <optgroup key={group} label={t(`patient.triage.group.${group}`)}>
              {asked.complaints
                .filter((one) => one.group === group)
                .map((one) => (
                  <option key={one.key} value={one.key}>
                    {nameIn(one.name, language)}
                  </option>
                ))}
            </optgroup>
          ))}
        </SelectField>
        {flags.some(about) ? <ul className="triage-flags">{rows(flags.filter(about))}</ul> : null}
        {open.length > 0 ? (
          <Button
            look="soft"
            className="align-start"
            onClick={() =>
              setAnswers({
                ...answers,
                ...Object.fromEntries(open.map(({ key }) => [key, "no" as const])),
              })
            }
          >
            {t("triage.restNo", { count: open.length })}
          </Button>
        ) : null}
      </Card>
      <Card title={t("triage.measured")}>
        <div className="number-fields">{vitals.map(field)}</div>
        {high ? (
          <div className="stack stack-2">
            <p className="strong">{t("triage.again")}</p>
            <div className="number-fields">{again.map(field)}</div>
          </div>
        ) : null}
        <Segmented
          label={t("triage.awake")}
          value={awake}
          options={levels.map((one) => ({ value: one, label: t(`triage.awake.${one}`) }))}
          onChange={setAwake}
        />
      </Card>
      <Card title={t("triage.more")}>
        <SelectField
          label={t("triage.lasts")}
          value={lasts}
          onChange={(event) => setLasts(event.target.value as typeof lasts)}
        >
          <option value="">{t("triage.choose")}</option>
          {(Object.keys(durations) as (keyof typeof durations)[]).map((one) => (
            <option key={one} value={one}>
              {t(`triage.lasts.${one}`)}
            </option>
          ))}
        </SelectField>
        {questions.length > 0 ? <ul className="triage-flags">{rows(questions)}</ul> : null}
        <fieldset className="triage-ticks">
          <legend className="strong">{t("triage.conditions")}</legend>
          {history.conditions.map((key) => (
            <CheckField
              key={key}
              label={t(`patient.triage.condition.${key}` as MessageId)}
              checked={conditions.includes(key)}
              onChange={() => setConditions(toggle(conditions, key))}
            />
          ))}
          {history.medicines.map((key) => (
            <CheckField
              key={key}
              label={t(`patient.triage.medicine.${key}` as MessageId)}
              checked={medicines.includes(key)}
              onChange={() => setMedicines(toggle(medicines, key))}
            />
          ))}
        </fieldset>
      </Card>
      <ProblemNotice error={assess.error} />
      <Button look="primary" size="large" type="submit" busy={assess.isPending}>
        {t("triage.decide")}
      </Button>
    </form>
  );
}
