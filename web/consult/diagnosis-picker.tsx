import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { close } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import "./diagnosis-picker.css";

type Diagnosis = ConsultDetail["content"]["provisionalDiagnoses"][number];
type Code = { code: string; zh: string; en: string };

/** Diagnoses by code or by words: what the list does not know is kept as written, without a code. */
export function DiagnosisPicker({
  id,
  label,
  value,
  onChange,
}: {
  id?: string;
  label: string;
  value: Diagnosis[];
  onChange: (value: Diagnosis[]) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), 200);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["icd10", asked],
    queryFn: ({ signal }) =>
      api.get<{ codes: Code[] }>(`/api/terminology/icd10?q=${encodeURIComponent(asked)}`, signal),
    enabled: asked.length > 0,
    staleTime: 10 * 60_000,
    placeholderData: (before) => before,
  });
  // What was found before does not stay open below an empty field.
  const isTyping = typed.trim() !== "";
  const codes = isTyping ? (found.data?.codes ?? []) : [];
  const nameOf = (entry: Code) => (language === "en" ? entry.en || entry.zh : entry.zh);

  const add = (entry: Diagnosis) => {
    if (!value.some((other) => other.code === entry.code && other.text === entry.text))
      onChange([...value, entry]);
    setTyped("");
  };

  return (
    <div className="field">
      {value.length > 0 ? (
        <ul className="diagnoses">
          {value.map((entry) => (
            <li key={`${entry.code}${entry.text}`}>
              {entry.code ? <span className="code">{entry.code}</span> : null}
              <span className="grow">{entry.text}</span>
              <Button
                look="quiet"
                size="small"
                icon={close}
                aria-label={t("consult.diagnosis.remove", { name: entry.text })}
                onClick={() => onChange(value.filter((other) => other !== entry))}
              >
                {t("common.remove")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <ComboBox
        className="combo"
        inputValue={typed}
        onInputChange={setTyped}
        items={codes}
        allowsCustomValue
        allowsEmptyCollection={isTyping}
        menuTrigger="input"
        selectedKey={null}
        onSelectionChange={(key) => {
          const entry = codes.find((code) => code.code === key);
          if (entry) add({ code: entry.code, text: nameOf(entry) });
        }}
      >
        <Label className="field-label">{label}</Label>
        <Input
          id={id}
          className="field-input"
          placeholder={t("consult.diagnosis.placeholder")}
          onKeyDown={(event) => {
            if (event.key === "Enter" && typed.trim() && codes.length === 0) {
              event.preventDefault();
              add({ code: null, text: typed.trim() });
            }
          }}
        />
        <Text slot="description" className="field-hint">
          {t("consult.diagnosis.hint")}
        </Text>
        <Popover className="combo-list">
          <ListBox
            renderEmptyState={() => (
              <p className="combo-empty">
                {found.isFetching ? t("common.loading") : t("consult.diagnosis.none")}
              </p>
            )}
          >
            {(entry: Code) => (
              <ListBoxItem
                id={entry.code}
                className="combo-item"
                textValue={`${entry.code} ${nameOf(entry)}`}
              >
                <span className="code">{entry.code}</span> {nameOf(entry)}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
      {typed.trim() && !found.isFetching && codes.length === 0 ? (
        <Button look="soft" size="small" onClick={() => add({ code: null, text: typed.trim() })}>
          {t("consult.diagnosis.asWritten", { text: typed.trim() })}
        </Button>
      ) : null}
    </div>
  );
}
