import { type ReactNode, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { WordsFields } from "../design/components/words-fields.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { ConditionEditor } from "./condition-editor.tsx";
import { DecisionSelect } from "./decision-select.tsx";
import type { TriageContent } from "./desk-queries.ts";
import { SourceLine } from "./source-line.tsx";

type Flag = TriageContent["redFlags"][number];
type Rule = TriageContent["rules"][number];
type Who = Flag["who"];
type Source = Flag["source"];
function WhoFields({ value, onChange }: { value: Who; onChange: (value: Who) => void }) {
  const t = useText();
  const who = value ?? { fromMonths: null, underMonths: null, sex: null };
  const months = (typed: string) =>
    typed.trim() === "" ? null : Math.max(0, Math.round(Number(typed)));
  const set = (part: Partial<NonNullable<Who>>) => {
    const next = { ...who, ...part };
    onChange(next.fromMonths === null && next.underMonths === null && !next.sex ? null : next);
  };
  return (
    <div className="triage-pair">
      <TextField
        label={t("triage.fromMonths")}
        type="number"
        min={0}
        max={1800}
        value={who.fromMonths ?? ""}
        onChange={(event) => set({ fromMonths: months(event.target.value) })}
      />
      <TextField
        label={t("triage.underMonths")}
        type="number"
        min={0}
        max={1800}
        value={who.underMonths ?? ""}
        onChange={(event) => set({ underMonths: months(event.target.value) })}
      />
      <SelectField
        label={t("triage.sex")}
        value={who.sex ?? ""}
        onChange={(event) => set({ sex: (event.target.value || null) as NonNullable<Who>["sex"] })}
      >
        <option value="">{t("triage.everybody")}</option>
        <option value="female">{t("common.sex.female")}</option>
        <option value="male">{t("common.sex.male")}</option>
      </SelectField>
    </div>
  );
}

function SourceFields({ value, onChange }: { value: Source; onChange: (value: Source) => void }) {
  const t = useText();
  // What was read has an address and is not from memory any more.
  const set = (part: { address?: string | undefined; readOn?: string | undefined }) => {
    const next = { ...value, ...part };
    onChange({ ...next, recalled: next.address || next.readOn ? false : next.recalled });
  };
  return (
    <>
      <div className="triage-pair">
        <TextField
          label={t("triage.source")}
          required
          maxLength={160}
          value={value.name}
          onChange={(event) => onChange({ ...value, name: event.target.value })}
        />
        <TextField
          label={t("triage.year")}
          type="number"
          required
          min={1980}
          max={2100}
          value={value.year}
          onChange={(event) => onChange({ ...value, year: Number(event.target.value) })}
        />
      </div>
      <div className="triage-pair">
        <TextField
          label={t("triage.address")}
          hint={t("triage.addressHow")}
          type="url"
          pattern="https://.*"
          maxLength={300}
          required={value.readOn !== undefined}
          value={value.address ?? ""}
          onChange={(event) => set({ address: event.target.value || undefined })}
        />
        <TextField
          label={t("triage.readDay")}
          type="date"
          required={value.address !== undefined}
          value={value.readOn ?? ""}
          onChange={(event) => set({ readOn: event.target.value || undefined })}
        />
      </div>
      <CheckField
        label={t("triage.recalledHow")}
        checked={value.recalled}
        onChange={(event) =>
          onChange({ name: value.name, year: value.year, recalled: event.target.checked })
        }
      />
      <p className="muted small">
        <SourceLine source={value} />
      </p>
    </>
  );
}

function ComplaintTicks({
  value,
  content,
  onChange,
}: {
  value: string[] | null;
  content: TriageContent;
  onChange: (value: string[] | null) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const chosen = value ?? [];
  return (
    <details>
      <summary>
        {t("triage.rules.about")}:{" "}
        {value === null
          ? t("triage.rules.anyComplaint")
          : content.complaints
              .filter((one) => chosen.includes(one.key))
              .map((one) => nameIn(one.name, language))
              .join(t("common.listSeparator"))}
      </summary>
      <div className="triage-ticks">
        <CheckField
          label={t("triage.rules.anyComplaint")}
          checked={value === null}
          onChange={() => onChange(value === null ? [content.complaints[0]!.key] : null)}
        />
        {content.complaints.map((one) => (
          <CheckField
            key={one.key}
            label={nameIn(one.name, language)}
            disabled={value === null}
            checked={chosen.includes(one.key)}
            onChange={() => {
              const next = chosen.includes(one.key)
                ? chosen.filter((key) => key !== one.key)
                : [...chosen, one.key];
              if (next.length > 0) onChange(next);
            }}
          />
        ))}
      </div>
    </details>
  );
}

/** A danger sign leaves only with a reason that the second clinician reads. */
function Drop({ red, onDrop }: { red: boolean; onDrop: (reason: string | null) => void }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  if (!open)
    return (
      <Button
        look="quiet"
        className="align-start"
        onClick={() => (red ? setOpen(true) : onDrop(null))}
      >
        {t("triage.rules.drop")}
      </Button>
    );
  return (
    <div className="stack stack-2">
      <TextField
        label={t("triage.rules.dropWhy")}
        hint={t("triage.rules.dropHow")}
        maxLength={400}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="row">
        <Button
          look="danger"
          disabled={reason.trim().length < 10}
          onClick={() => onDrop(reason.trim())}
        >
          {t("triage.rules.drop")}
        </Button>
        <Button look="quiet" onClick={() => setOpen(false)}>
          {t("common.cancel")}
        </Button>
      </div>
    </div>
  );
}

export function OneFlag({
  flag,
  content,
  onChange,
  onDrop,
}: {
  flag: Flag;
  content: TriageContent;
  onChange: (flag: Flag) => void;
  onDrop: (reason: string | null) => void;
}): ReactNode {
  const t = useText();
  return (
    <Card title={`${t("triage.flag")} · ${flag.key}`}>
      <WordsFields
        className="stack stack-2"
        maxLength={400}
        label={t("triage.ask")}
        value={flag.ask}
        onChange={(ask) => onChange({ ...flag, ask })}
      />
      <div className="triage-pair">
        <DecisionSelect
          label={t("triage.onYes")}
          value={flag.yes}
          onChange={(yes) => onChange({ ...flag, yes })}
        />
        <DecisionSelect
          label={t("triage.onUnknown")}
          value={flag.unknown}
          seenToday
          onChange={(unknown) => onChange({ ...flag, unknown })}
        />
      </div>
      <WordsFields
        className="stack stack-2"
        maxLength={400}
        label={t("triage.because")}
        value={flag.because}
        onChange={(because) => onChange({ ...flag, because })}
      />
      <ComplaintTicks
        value={flag.complaints}
        content={content}
        onChange={(complaints) => onChange({ ...flag, complaints })}
      />
      <WhoFields value={flag.who} onChange={(who) => onChange({ ...flag, who })} />
      <SourceFields value={flag.source} onChange={(source) => onChange({ ...flag, source })} />
      <Drop red onDrop={onDrop} />
    </Card>
  );
}

export function OneRule({
  rule,
  content,
  onChange,
  onDrop,
}: {
  rule: Rule;
  content: TriageContent;
  onChange: (rule: Rule) => void;
  onDrop: (reason: string | null) => void;
}) {
  const t = useText();
  return (
    <Card title={`${t("triage.rule")} · ${rule.key}`}>
      <fieldset className="stack stack-2">
        <legend className="strong">{t("triage.when")}</legend>
        <ConditionEditor
          value={rule.when}
          content={content}
          onChange={(when) => onChange({ ...rule, when })}
        />
      </fieldset>
      <DecisionSelect
        label={t("triage.then")}
        value={rule}
        onChange={(decision) => onChange({ ...rule, ...decision })}
      />
      <CheckField
        label={t("triage.isRedFlag")}
        checked={rule.redFlag}
        onChange={(event) => onChange({ ...rule, redFlag: event.target.checked })}
      />
      <WordsFields
        className="stack stack-2"
        maxLength={400}
        label={t("triage.because")}
        value={rule.because}
        onChange={(because) => onChange({ ...rule, because })}
      />
      <ComplaintTicks
        value={rule.complaints}
        content={content}
        onChange={(complaints) => onChange({ ...rule, complaints })}
      />
      <WhoFields value={rule.who} onChange={(who) => onChange({ ...rule, who })} />
      <SourceFields value={rule.source} onChange={(source) => onChange({ ...rule, source })} />
      <Drop red={rule.redFlag} onDrop={onDrop} />
    </Card>
  );
}
