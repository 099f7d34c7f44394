import type { ReactNode } from "react";
import type { DraftBody, PrescriptionView } from "../../server/prescription/contract.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { NumberField } from "./number-field.tsx";
import { unitOf } from "./units.ts";
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
          required
          label={t("prescription.dose", { unit: unitOf(shown?.unit ?? "", t) })}
          min={0.01}
          step="any"
          value={line.dose}
          onValue={(dose) => dose !== null && onChange({ dose })}
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
          required
          label={t("prescription.days")}
          min={1}
          value={line.days}
          onValue={(days) => days !== null && onChange({ days })}
        />
        <NumberField
          required
          label={t("prescription.quantity", { unit: unitOf(shown?.unit ?? "", t) })}
          min={0.01}
          step="any"
          value={line.quantity}
          onValue={(quantity) => quantity !== null && onChange({ quantity })}
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
