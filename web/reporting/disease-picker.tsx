import { useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import type { DiseaseView } from "../../server/reporting/contract.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { classWords, nameOfDisease } from "./words.ts";
import "../consult/diagnosis-picker.css";

/** A disease by name, pinyin initials or ICD-10 code; urgent ones say so. */
export function DiseasePicker({
  diseases,
  value,
  error,
  onChange,
}: {
  diseases: readonly DiseaseView[];
  value: string | null;
  error?: string;
  onChange: (code: string | null) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const chosen = diseases.find((one) => one.code === value);
  const [typed, setTyped] = useState(chosen ? nameOfDisease(chosen, language) : "");
  const asked = typed.trim().toLowerCase();
  const shown = chosen && typed === nameOfDisease(chosen, language);
  // Whoever types initials means them: those come before an English name that has the same letters.
  const byInitials = (one: DiseaseView) => Number(!one.initials.startsWith(asked));
  const found = shown
    ? diseases
    : diseases
        .filter(
          (one) =>
            one.initials.startsWith(asked) ||
            [one.nameZh, one.nameEn, one.nameBo, one.icd10].some((name) =>
              name.toLowerCase().includes(asked),
            ),
        )
        .toSorted((left, right) => byInitials(left) - byInitials(right));
  return (
    <div className="field" data-invalid={error ? "" : undefined}>
      <ComboBox
        className="combo"
        inputValue={typed}
        onInputChange={(text) => {
          setTyped(text);
          if (chosen && text !== nameOfDisease(chosen, language)) onChange(null);
        }}
        items={found}
        allowsEmptyCollection
        menuTrigger="focus"
        selectedKey={value}
        onSelectionChange={(key) => {
          const one = diseases.find((disease) => disease.code === key);
          if (!one) return;
          onChange(one.code);
          setTyped(nameOfDisease(one, language));
        }}
      >
        <Label className="field-label">{t("reporting.disease")}</Label>
        <Text slot="description" className="field-hint">
          {t("reporting.diseaseHint")}
        </Text>
        <Input id="disease" className="field-input" autoComplete="off" />
        {error ? <p className="field-error">{error}</p> : null}
        <Popover className="combo-list">
          <ListBox
            renderEmptyState={() => <p className="combo-empty">{t("reporting.noDisease")}</p>}
          >
            {(one: DiseaseView) => (
              <ListBoxItem
                id={one.code}
                className="combo-item"
                textValue={nameOfDisease(one, language)}
              >
                <span className="grow">{nameOfDisease(one, language)}</span>
                <span className="muted small">
                  {classWords(one, t)} ·{" "}
                  {t("reporting.within", { hours: Math.round(one.minutes / 60) })}
                </span>
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
    </div>
  );
}
