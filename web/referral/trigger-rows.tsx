import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { rowCode } from "./content.ts";
import type { Fields } from "./form.tsx";
import { triggerMeasures } from "./judge.ts";
import { triggerWords, unitOf } from "./words.ts";

type Row = NonNullable<Fields["content"]["returnTriggers"]>[number];

/** When the patient is to be brought back: a limit that is measured, or words that a person judges. */
export function TriggerRows({ content, set, errorOf }: Fields) {
  const t = useText();
  const rows = content.returnTriggers ?? [];
  const change = (at: number, next: Row) =>
    set({ returnTriggers: rows.map((one, n) => (n === at ? next : one)) });
  const error = errorOf("returnTriggers");
  const pressure: Row[] = [
    { kind: "value", code: "systolic-180", measure: "systolicMmHg", atLeast: 180 },
    { kind: "value", code: "diastolic-110", measure: "diastolicMmHg", atLeast: 110 },
  ];
  const hasPressure = rows.some((one) => one.code === "systolic-180");
  return (
    <fieldset
      className="rows"
      id="referral-returnTriggers"
      tabIndex={-1}
      data-invalid={error ? "" : undefined}
    >
      <legend className="field-label">{t("referral.field.returnTriggers")}</legend>
      <p className="field-hint">{t("referral.trigger.hint")}</p>
      {error ? <p className="field-error">{error}</p> : null}
      {rows.map((one, at) => (
        <div key={one.code} className="rows-row">
          {one.kind === "words" ? (
            <TextField
              label={t("referral.trigger.words")}
              value={one.text}
              onChange={(event) => change(at, { ...one, text: event.target.value })}
            />
          ) : (
            <>
              <SelectField
                label={t("referral.trigger.measure")}
                value={one.measure}
                onChange={(event) => {
                  const measure = triggerMeasures.find((each) => each === event.target.value);
                  if (measure) change(at, { ...one, measure });
                }}
              >
                {triggerMeasures.map((measure) => (
                  <option key={measure} value={measure}>
                    {t(`consult.vitals.${measure}`)} ({unitOf(measure)})
                  </option>
                ))}
              </SelectField>
              <SelectField
                label={t("referral.trigger.limit")}
                value={one.atMost === undefined ? "atLeast" : "atMost"}
                onChange={(event) => change(at, limited(one, event.target.value, limitOf(one)))}
              >
                <option value="atLeast">{t("referral.trigger.atLeast")}</option>
                <option value="atMost">{t("referral.trigger.atMost")}</option>
              </SelectField>
              <TextField
                label={t("referral.trigger.value")}
                type="number"
                inputMode="decimal"
                min={0}
                max={400}
                step="any"
                value={limitOf(one) ?? ""}
                onChange={(event) =>
                  change(
                    at,
                    limited(
                      one,
                      one.atMost === undefined ? "atLeast" : "atMost",
                      event.target.value === "" ? undefined : Number(event.target.value),
                    ),
                  )
                }
              />
            </>
          )}
          <Button
            look="quiet"
            icon={close}
            aria-label={t("referral.rows.remove", { name: triggerWords(one, t) })}
            onClick={() => set({ returnTriggers: rows.filter((_, n) => n !== at) })}
          >
            {t("common.remove")}
          </Button>
        </div>
      ))}
      <div className="row">
        {hasPressure ? null : (
          <Button
            look="soft"
            size="small"
            icon={plus}
            onClick={() => set({ returnTriggers: [...rows, ...pressure] })}
          >
            {t("referral.trigger.addPressure")}
          </Button>
        )}
        <Button
          look="soft"
          size="small"
          icon={plus}
          onClick={() =>
            set({
              returnTriggers: [
                ...rows,
                { kind: "value", code: rowCode(), measure: "systolicMmHg" },
              ],
            })
          }
        >
          {t("referral.trigger.addValue")}
        </Button>
        <Button
          look="soft"
          size="small"
          icon={plus}
          onClick={() =>
            set({ returnTriggers: [...rows, { kind: "words", code: rowCode(), text: "" }] })
          }
        >
          {t("referral.trigger.addWords")}
        </Button>
      </div>
    </fieldset>
  );
}

type ValueRow = Extract<Row, { kind: "value" }>;
const limitOf = (one: ValueRow): number | undefined => one.atLeast ?? one.atMost;
/** The same row with one limit, above or below. */
function limited(one: ValueRow, side: string, value: number | undefined): ValueRow {
  const { atLeast: _least, atMost: _most, ...rest } = one;
  if (side === "atMost") return { ...rest, atMost: value };
  return { ...rest, atLeast: value };
}
