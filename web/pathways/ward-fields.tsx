import { useState } from "react";
import { SelectField, TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";
import type { Way } from "./queries.ts";

/** As the contract has them. */
const onePrefix = "[A-Za-z]\\d(\\d(\\.[\\dxX]{1,3})?)?";
const between = "[\\s,，、;；]";
const split = (text: string): string[] => [
  ...new Set(
    text
      .split(new RegExp(between))
      .filter(Boolean)
      .map((one) => one[0]!.toUpperCase() + one.slice(1).toLowerCase()),
  ),
];

/** Codes of diagnoses in one line, as they are written on paper; empty: any. */
export function DiagnosisField({
  value,
  onChange,
}: {
  value: string[];
  onChange: (value: string[]) => void;
}) {
  const t = useText();
  const [text, setText] = useState(value.join(" "));
  return (
    <TextField
      label={t("pathways.diagnoses")}
      hint={t("pathways.diagnosesHow")}
      pattern={`${between}*(${onePrefix}(${between}+|$))*`}
      title={t("pathways.diagnosesHow")}
      maxLength={300}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(split(event.target.value));
      }}
    />
  );
}

type WardFact = NonNullable<Way["criteria"][number]["wardFact"]>;
const kinds = [
  "stay-planned",
  "stable-vitals",
  "no-open-critical-value",
  "no-high-care-device",
] as const satisfies readonly WardFact["fact"][];
const hoursMost = 72;
const usualHours = 24;

/** What the ward looks up for a criterion of a way down, and how far back. */
export function WardFactFields({
  value,
  onChange,
}: {
  value: WardFact | null;
  onChange: (value: WardFact | null) => void;
}) {
  const t = useText();
  return (
    <div className="pathways-pair">
      <SelectField
        label={t("pathways.wardFact")}
        value={value?.fact ?? ""}
        onChange={(event) => {
          const fact = kinds.find((one) => one === event.target.value);
          onChange(
            fact ? { fact, ...(fact === "stable-vitals" ? { hours: usualHours } : {}) } : null,
          );
        }}
      >
        <option value="">{t("pathways.wardFact.none")}</option>
        {kinds.map((one) => (
          <option key={one} value={one}>
            {t(`pathways.wardFact.${one}`)}
          </option>
        ))}
      </SelectField>
      {value?.fact === "stable-vitals" ? (
        <TextField
          label={t("pathways.wardFactHours")}
          type="number"
          required
          min={1}
          max={hoursMost}
          value={value.hours ?? usualHours}
          onChange={(event) => onChange({ ...value, hours: Number(event.target.value) })}
        />
      ) : null}
    </div>
  );
}
