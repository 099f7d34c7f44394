import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";
import type { Draft, Measured } from "./phone-queries.ts";

type Field = { name: Measured; low: number; high: number };
const fields: Record<"temperature" | "pressure" | "glucose" | "oxygen", readonly Field[]> = {
  temperature: [{ name: "temperature", low: 28, high: 43.5 }],
  pressure: [
    { name: "systolic", low: 50, high: 300 },
    { name: "diastolic", low: 20, high: 200 },
  ],
  glucose: [{ name: "glucose", low: 0.5, high: 60 }],
  oxygen: [{ name: "oxygen", low: 30, high: 100 }],
};
const numberOf = (typed: string) => Number(typed.trim().replace(/[,，。]/, "."));

/** A number as it stands on the device; whoever has none says so. */
export function MeasureStep({
  kind,
  draft,
  busy,
  onChange,
}: {
  kind: keyof typeof fields;
  draft: Draft;
  busy: boolean;
  onChange: (part: Partial<Draft>) => void;
}) {
  const t = useText();
  const [typed, setTyped] = useState<Partial<Record<Measured, string>>>(() =>
    Object.fromEntries(
      fields[kind].flatMap(({ name }) =>
        typeof draft.values[name] === "number" ? [[name, String(draft.values[name])]] : [],
      ),
    ),
  );
  const [wrong, setWrong] = useState<Partial<Record<Measured, string>>>({});
  const submit = () => {
    const problems: Partial<Record<Measured, string>> = {};
    const values: Partial<Record<Measured, number>> = {};
    for (const { name, low, high } of fields[kind]) {
      const value = numberOf(typed[name] ?? "");
      if (typed[name]?.trim() && value >= low && value <= high) values[name] = value;
      else
        problems[name] =
          name === "temperature" && value >= 86 && value <= 115
            ? t("patient.triage.fahrenheit")
            : t("patient.triage.between", { low, high });
    }
    if (kind === "pressure" && values.systolic !== undefined && values.diastolic !== undefined)
      if (values.diastolic >= values.systolic) problems.diastolic = t("patient.triage.swapped");
    setWrong(problems);
    if (Object.keys(problems).length === 0) onChange({ values: { ...draft.values, ...values } });
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
      {fields[kind].map(({ name }) => (
        <TextField
          key={name}
          className="fever-degrees"
          label={t(
            `patient.triage.measure.${name as "temperature" | "systolic" | "diastolic" | "glucose" | "oxygen"}`,
          )}
          error={wrong[name]}
          inputMode="decimal"
          autoComplete="off"
          value={typed[name] ?? ""}
          onChange={(event) => {
            setTyped({ ...typed, [name]: event.target.value });
            setWrong({ ...wrong, [name]: undefined });
          }}
        />
      ))}
      <Button look="primary" size="large" wide type="submit" busy={busy}>
        {t("patient.triage.next")}
      </Button>
      <Button
        size="large"
        wide
        disabled={busy}
        onClick={() =>
          onChange({
            values: {
              ...draft.values,
              ...Object.fromEntries(fields[kind].map(({ name }) => [name, "unknown"])),
            },
          })
        }
      >
        {t("patient.triage.notMeasured")}
      </Button>
    </form>
  );
}
