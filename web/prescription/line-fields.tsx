import type { ReactNode } from "react";
import type { DraftBody, PrescriptionView } from "../../server/prescription/contract.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { NumberField } from "./number-field.tsx";
import { medicineName } from "./words.ts";

const frequencies = [
  "qd",
  "bid",
  "tid",
  "qid",
  "5x",
  "qn",
  "qod",
  "weekly",
  "prn1",
  "prn3",
  "prn4",
  "once",
] as const;
type Line = DraftBody["lines"][number];

/** One medicine of a draft: dose, how often, how long, how much. */
export function LineFields({
  line,
  shown,
  onChange,
  onRemove,
  children,
}: {
  line: Line;
  /** As it was saved last; absent until then. */
  shown: PrescriptionView["lines"][number] | undefined;
  onChange: (more: Partial<Line>) => void;
  onRemove: () => void;
  /** What speaks against it. */
  children: ReactNode;
}) {
  const t = useText();
  const language = useLanguage();
  return (
    <li>
      <div className="row spread">
        <strong>{shown ? `${medicineName(shown, language)} ${shown.strength}` : line.code}</strong>
        <Button look="quiet" onClick={onRemove}>
          {t("prescription.remove")}
        </Button>
      </div>
      <div className="rx-grid">
        <NumberField
          label={t("prescription.dose", { unit: shown?.unit ?? "" })}
          min={0.1}
          step="any"
          value={line.dose}
          onValue={(value) => onChange({ dose: value ?? 0 })}
        />
        <SelectField
          label={t("prescription.howOften")}
          value={line.frequency}
          onChange={(event) =>
            onChange({
              frequency: frequencies.find((one) => one === event.target.value) ?? "qd",
            })
          }
        >
          {frequencies.map((one) => (
            <option key={one} value={one}>
              {t(`prescription.frequency.${one}`)}
            </option>
          ))}
        </SelectField>
        <NumberField
          label={t("prescription.days")}
          min={1}
          value={line.days}
          onValue={(value) => onChange({ days: value ?? 0 })}
        />
        <NumberField
          label={t("prescription.quantity", { unit: shown?.unit ?? "" })}
          min={1}
          step="any"
          value={line.quantity}
          onValue={(value) => onChange({ quantity: value ?? 0 })}
        />
      </div>
      <TextField
        label={t("prescription.instructions")}
        maxLength={200}
        defaultValue={line.instructions}
        onBlur={({ target }) => {
          if (target.value !== line.instructions) onChange({ instructions: target.value });
        }}
      />
      {children}
    </li>
  );
}
