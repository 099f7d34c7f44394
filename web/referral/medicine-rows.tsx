import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { Fields } from "./form.tsx";

/** What the patient takes and goes on with: medicine, dose, until when. */
export function MedicineRows({ content, set, sourceOf, referral }: Fields) {
  const t = useText();
  const rows = content.medicines ?? [];
  const change = (at: number, part: Partial<(typeof rows)[number]>) =>
    set({ medicines: rows.map((one, n) => (n === at ? { ...one, ...part } : one)) });
  return (
    <fieldset className="rows" id="referral-medicines" tabIndex={-1}>
      <legend className="field-label">{t("referral.field.medicines")}</legend>
      {sourceOf("medicines") ? <p className="field-source">{sourceOf("medicines")}</p> : null}
      {rows.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name of its own until it is saved
        <div key={at} className="rows-row">
          <TextField
            label={t("referral.medicine.text")}
            value={one.text}
            onChange={(event) => change(at, { text: event.target.value })}
          />
          <TextField
            label={t("referral.medicine.dose")}
            value={one.dose ?? ""}
            onChange={(event) => change(at, { dose: event.target.value || null })}
          />
          {referral.direction === "down" ? (
            <TextField
              label={t("referral.medicine.until")}
              type="date"
              value={one.until ?? ""}
              onChange={(event) => change(at, { until: event.target.value || null })}
            />
          ) : null}
          <Button
            look="quiet"
            icon={close}
            aria-label={t("referral.rows.remove", { name: one.text || String(at + 1) })}
            onClick={() => set({ medicines: rows.filter((_, n) => n !== at) })}
          >
            {t("common.remove")}
          </Button>
        </div>
      ))}
      <Button
        look="soft"
        size="small"
        icon={plus}
        className="align-start"
        onClick={() =>
          set({
            medicines: [
              ...rows,
              { text: "", dose: null, until: null, available: null, substitute: null },
            ],
          })
        }
      >
        {t("referral.medicine.add")}
      </Button>
    </fieldset>
  );
}
