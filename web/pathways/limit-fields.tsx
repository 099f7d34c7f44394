import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { triggerMeasures } from "../referral/judge.ts";
import { unitOf } from "../referral/words.ts";
import type { Way } from "./queries.ts";

type Evidence = Way["criteria"][number]["evidence"];
type Measure = (typeof triggerMeasures)[number];
type Limit = { atLeast?: number | undefined; atMost?: number | undefined };
const isMeasure = (name: string): name is Measure =>
  (triggerMeasures as readonly string[]).includes(name);

/** Limits of measured values: what is measured, at least, at most; any of them is enough. */
export function LimitFields({
  evidence,
  single = false,
  onChange,
}: {
  evidence: Evidence;
  /** Exactly one. */
  single?: boolean;
  onChange: (evidence: Evidence) => void;
}) {
  const t = useText();
  const rows = Object.entries(evidence ?? {}).filter((entry): entry is [Measure, Limit] =>
    isMeasure(entry[0]),
  );
  const put = (next: readonly (readonly [Measure, Limit])[]) =>
    onChange(next.length === 0 ? null : (Object.fromEntries(next) as Evidence));
  const free = triggerMeasures.find((one) => !rows.some(([name]) => name === one));
  const limitOf = ({ atLeast, atMost }: Limit): Limit => ({
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(atMost === undefined ? {} : { atMost }),
  });
  const number = (typed: string) => (typed.trim() === "" ? undefined : Number(typed));
  return (
    <>
      {rows.map(([name, limit], at) => {
        const change = (next: readonly [Measure, Limit]) =>
          put(rows.map((one, n) => (n === at ? next : one)));
        return (
          <div key={name} className="pathways-pair">
            <SelectField
              label={t("pathways.measure")}
              value={name}
              onChange={(event) => {
                const to = event.target.value;
                if (to === "" || !isMeasure(to)) put(rows.filter((_, n) => n !== at));
                else change([to, limitOf(limit)]);
              }}
            >
              {single ? null : <option value="">{t("pathways.noLimit")}</option>}
              {triggerMeasures
                .filter((one) => one === name || !rows.some(([other]) => other === one))
                .map((one) => (
                  <option key={one} value={one}>
                    {t(`consult.vitals.${one}`)} ({unitOf(one)})
                  </option>
                ))}
            </SelectField>
            <TextField
              label={t("pathways.atLeast")}
              type="number"
              inputMode="decimal"
              min={0}
              max={400}
              step="any"
              value={limit.atLeast ?? ""}
              onChange={(event) =>
                change([name, limitOf({ ...limit, atLeast: number(event.target.value) })])
              }
            />
            <TextField
              label={t("pathways.atMost")}
              type="number"
              inputMode="decimal"
              min={0}
              max={400}
              step="any"
              value={limit.atMost ?? ""}
              onChange={(event) =>
                change([name, limitOf({ ...limit, atMost: number(event.target.value) })])
              }
            />
          </div>
        );
      })}
      {free && (!single || rows.length === 0) ? (
        <Button
          look="quiet"
          size="small"
          icon={plus}
          className="align-start"
          onClick={() => put([...rows, [free, {}]])}
        >
          {t("pathways.addLimit")}
        </Button>
      ) : null}
    </>
  );
}
