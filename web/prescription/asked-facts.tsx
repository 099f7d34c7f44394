import { useState } from "react";
import type { DraftBody, PrescriptionView } from "../../server/prescription/contract.ts";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";
import { NumberField } from "./number-field.tsx";
import { Facts } from "./parts.tsx";
import { mayBePregnant, wordsOf } from "./words.ts";

type Typed = DraftBody["typed"];

/** What the record says of the patient, and what the doctor has asked. */
export function AskedFacts({
  facts,
  typed,
  onChange,
}: {
  facts: PrescriptionView["facts"];
  typed: Typed;
  onChange: (typed: Partial<Typed>) => void;
}) {
  const t = useText();
  return (
    <Card title={t("prescription.patient")}>
      <Facts facts={facts} />
      <div className="rx-grid">
        <AskedList
          label={t("prescription.allergiesAsked")}
          list={typed.allergies}
          onList={(allergies) => onChange({ allergies })}
        />
        <AskedList
          label={t("prescription.takesAsked")}
          list={typed.takes}
          onList={(takes) => onChange({ takes })}
        />
        <NumberField
          label={t("prescription.weight")}
          min={0.3}
          max={400}
          step={0.1}
          value={typed.weightKg}
          onValue={(weightKg) => onChange({ weightKg })}
        />
        <NumberField
          label="eGFR (ml/min/1.73 m²)"
          min={1}
          max={200}
          step="any"
          value={typed.egfr}
          onValue={(egfr) => onChange({ egfr })}
        />
        {!mayBePregnant(facts) ? null : (
          <>
            <YesOrNo
              label={t("prescription.pregnant")}
              value={typed.pregnant}
              onValue={(pregnant) => onChange({ pregnant })}
            />
            <YesOrNo
              label={t("prescription.breastFeeding")}
              value={typed.breastFeeding}
              onValue={(breastFeeding) => onChange({ breastFeeding })}
            />
          </>
        )}
      </div>
    </Card>
  );
}

/** "None" is an answer that somebody gave: a field that was only walked through has not been asked. */
function AskedList({
  label,
  list,
  onList,
}: {
  label: string;
  list: readonly string[] | null;
  onList: (list: string[] | null) => void;
}) {
  const t = useText();
  const [text, setText] = useState(list?.join("、") ?? "");
  const isNone = list?.length === 0;
  return (
    <div>
      <TextField
        label={label}
        hint={t("prescription.listHint")}
        value={text}
        disabled={isNone}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => {
          const typed = wordsOf(text);
          const next = typed.length > 0 ? typed : null;
          if (JSON.stringify(next) !== JSON.stringify(list)) onList(next);
        }}
      />
      <CheckField
        label={t("prescription.askedNone", { what: label })}
        checked={isNone}
        onChange={(event) => {
          setText("");
          onList(event.target.checked ? [] : null);
        }}
      />
    </div>
  );
}

function YesOrNo({
  label,
  value,
  onValue,
}: {
  label: string;
  value: boolean | null;
  onValue: (value: boolean | null) => void;
}) {
  const t = useText();
  return (
    <SelectField
      label={label}
      value={String(value)}
      onChange={({ target }) => onValue(target.value === "null" ? null : target.value === "true")}
    >
      <option value="null">{t("prescription.notAsked")}</option>
      <option value="false">{t("prescription.no")}</option>
      <option value="true">{t("prescription.yes")}</option>
    </SelectField>
  );
}
