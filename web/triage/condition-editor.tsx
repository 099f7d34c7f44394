import type { Condition, Leaf } from "../../server/triage/grammar.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { nameIn } from "../patient/booking/words.tsx";
import type { TriageContent } from "./desk-queries.ts";
import { conditionKeys, medicineKeys } from "./step-view.tsx";

const units = {
  ageMonths: ["mo", "a"],
  temperature: ["Cel"],
  systolic: ["mm[Hg]"],
  diastolic: ["mm[Hg]"],
  systolicHighest: ["mm[Hg]"],
  diastolicHighest: ["mm[Hg]"],
  pressureReadings: ["1"],
  pulse: ["/min"],
  breaths: ["/min"],
  oxygen: ["%"],
  oxygenBelowUsual: ["%"],
  oxygenFall: ["%"],
  glucose: ["mmol/L"],
  durationHours: ["h", "d"],
  altitude: ["m"],
} as const;
type Value = keyof typeof units;
const values = Object.keys(units) as Value[];
const levels = ["confused", "voice", "pain", "unresponsive"] as const;
const kinds = ["value", "answer", "has", "takes", "sex", "awake"] as const;
type Kind = (typeof kinds)[number];
const kindOf = (leaf: Leaf): Kind => kinds.find((kind) => kind in leaf)!;
const mostDepth = 4;

/** The closed grammar as rows: all of, one of, not, and what is compared. */
export function ConditionEditor({
  value,
  content,
  depth = 0,
  onChange,
  onDrop,
}: {
  value: Condition;
  content: TriageContent;
  depth?: number;
  onChange: (value: Condition) => void;
  onDrop?: () => void;
}) {
  const t = useText();
  if ("not" in value)
    return (
      <div className="triage-cond">
        <p className="row spread">
          <span className="strong">{t("triage.cond.not")}</span>
          <Button look="quiet" size="small" onClick={() => onChange(value.not)}>
            {t("triage.cond.unnot")}
          </Button>
        </p>
        <ConditionEditor
          value={value.not}
          content={content}
          depth={depth + 1}
          onChange={(not) => onChange({ not })}
        />
      </div>
    );
  if ("all" in value || "any" in value) {
    const kind = "all" in value ? "all" : "any";
    const parts = "all" in value ? value.all : value.any;
    const put = (next: readonly Condition[], as: "all" | "any" = kind) =>
      onChange(as === "all" ? { all: next } : { any: next });
    return (
      <div className="triage-cond">
        <div className="row">
          <SelectField
            label={t("triage.cond.join")}
            value={kind}
            onChange={(event) => put(parts, event.target.value as "all" | "any")}
          >
            <option value="all">{t("triage.cond.all")}</option>
            <option value="any">{t("triage.cond.any")}</option>
          </SelectField>
          {onDrop ? (
            <Button look="quiet" size="small" onClick={onDrop}>
              {t("triage.cond.drop")}
            </Button>
          ) : null}
        </div>
        {parts.map((part, index) => (
          <ConditionEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
            key={index}
            value={part}
            content={content}
            depth={depth + 1}
            onChange={(next) => put(parts.map((one, at) => (at === index ? next : one)))}
            onDrop={parts.length > 1 ? () => put(parts.filter((_, at) => at !== index)) : undefined}
          />
        ))}
        <div className="row">
          <Button look="soft" size="small" onClick={() => put([...parts, fresh("value", content)])}>
            {t("triage.cond.add")}
          </Button>
          {depth < mostDepth - 1 ? (
            <Button
              look="quiet"
              size="small"
              onClick={() => put([...parts, { any: [fresh("value", content)] }])}
            >
              {t("triage.cond.addGroup")}
            </Button>
          ) : null}
        </div>
      </div>
    );
  }
  return (
    <div className="stack stack-2">
      <LeafRow leaf={value} content={content} onChange={onChange} />
      <div className="row">
        {depth < mostDepth ? (
          <Button look="quiet" size="small" onClick={() => onChange({ not: value })}>
            {t("triage.cond.makeNot")}
          </Button>
        ) : null}
        {depth === 0 ? (
          <Button look="quiet" size="small" onClick={() => onChange({ all: [value] })}>
            {t("triage.cond.add")}
          </Button>
        ) : null}
        {onDrop ? (
          <Button look="quiet" size="small" onClick={onDrop}>
            {t("triage.cond.drop")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function fresh(kind: Kind, content: TriageContent): Leaf {
  if (kind === "answer") return { answer: content.redFlags[0]!.key, in: ["yes"] };
  if (kind === "has") return { has: ["diabetes"] };
  if (kind === "takes") return { takes: ["anticoagulant"] };
  if (kind === "sex") return { sex: "female" };
  if (kind === "awake") return { awake: ["confused"] };
  return { value: "temperature", op: ">=", number: 38, unit: "Cel" };
}

function LeafRow({
  leaf,
  content,
  onChange,
}: {
  leaf: Leaf;
  content: TriageContent;
  onChange: (leaf: Leaf) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const one = <Key extends string>(
    value: Key,
    keys: readonly Key[],
    label: (key: Key) => string,
    put: (key: Key) => void,
  ) => (
    <SelectField
      label={t("triage.cond.which")}
      value={value}
      onChange={(event) => put(event.target.value as Key)}
    >
      {keys.map((key) => (
        <option key={key} value={key}>
          {label(key)}
        </option>
      ))}
    </SelectField>
  );
  return (
    <div className="triage-leaf">
      <SelectField
        label={t("triage.cond.kind")}
        value={kindOf(leaf)}
        onChange={(event) => onChange(fresh(event.target.value as Kind, content))}
      >
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {t(`triage.cond.kind.${kind}`)}
          </option>
        ))}
      </SelectField>
      {"value" in leaf ? (
        <>
          {one(
            leaf.value as Value,
            values,
            (key) => t(`triage.value.${key}`),
            (value) => onChange({ ...leaf, value, unit: units[value][0] }),
          )}
          <SelectField
            label={t("triage.cond.op")}
            value={leaf.op}
            onChange={(event) => onChange({ ...leaf, op: event.target.value as ">=" | "<" })}
          >
            <option value=">=">{t("triage.cond.atLeast")}</option>
            <option value="<">{t("triage.cond.below")}</option>
          </SelectField>
          <TextField
            label={t("triage.cond.number")}
            type="number"
            step="any"
            required
            value={leaf.number}
            onChange={(event) => onChange({ ...leaf, number: Number(event.target.value) })}
          />
          <SelectField
            label={t("triage.cond.unit")}
            value={leaf.unit}
            onChange={(event) => onChange({ ...leaf, unit: event.target.value })}
          >
            {units[leaf.value].map((unit) => (
              <option key={unit} value={unit}>
                {unit}
              </option>
            ))}
          </SelectField>
        </>
      ) : null}
      {"answer" in leaf
        ? one(
            leaf.answer,
            [...content.redFlags, ...content.questions.filter((q) => q.kind === "yes-no")].map(
              ({ key }) => key,
            ),
            (key) => {
              const asked = [...content.redFlags, ...content.questions].find((q) => q.key === key);
              return asked ? nameIn(asked.ask, language) : key;
            },
            (answer) => onChange({ answer, in: ["yes"] }),
          )
        : null}
      {"has" in leaf
        ? one(
            leaf.has[0]!,
            conditionKeys,
            (key) => t(`patient.triage.condition.${key}` as MessageId),
            (key) => onChange({ has: [key] }),
          )
        : null}
      {"takes" in leaf
        ? one(
            leaf.takes[0]!,
            medicineKeys,
            (key) => t(`patient.triage.medicine.${key}` as MessageId),
            (key) => onChange({ takes: [key] }),
          )
        : null}
      {"sex" in leaf
        ? one(
            leaf.sex,
            ["female", "male"] as const,
            (key) => t(`common.sex.${key}` as MessageId),
            (sex) => onChange({ sex }),
          )
        : null}
      {"awake" in leaf
        ? one(
            leaf.awake[0] as (typeof levels)[number],
            levels,
            (key) => t(`triage.awake.${key}`),
            (key) => onChange({ awake: [key] }),
          )
        : null}
    </div>
  );
}
