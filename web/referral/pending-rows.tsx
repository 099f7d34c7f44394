import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { close, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { Fields } from "./form.tsx";

/** What is still being waited for, and who runs after it. */
export function PendingRows({ content, set }: Fields) {
  const t = useText();
  const rows = content.pendingResults ?? [];
  const change = (at: number, part: Partial<(typeof rows)[number]>) =>
    set({ pendingResults: rows.map((one, n) => (n === at ? { ...one, ...part } : one)) });
  return (
    <fieldset className="rows" id="referral-pendingResults" tabIndex={-1}>
      <legend className="field-label">{t("referral.field.pendingResults")}</legend>
      <p className="field-hint">{t("referral.pending.hint")}</p>
      {rows.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name of its own until it is saved
        <div key={at} className="rows-row">
          <TextField
            label={t("referral.pending.what")}
            value={one.what}
            onChange={(event) => change(at, { what: event.target.value })}
          />
          <TextField
            label={t("referral.pending.owner")}
            error={one.what.trim() && !one.ownerName.trim() ? t("common.error.name") : undefined}
            value={one.ownerName}
            onChange={(event) => change(at, { ownerName: event.target.value })}
          />
          <TextField
            label={t("referral.pending.phone")}
            type="tel"
            value={one.ownerPhone}
            onChange={(event) => change(at, { ownerPhone: event.target.value })}
          />
          <TextField
            label={t("referral.pending.expected")}
            type="date"
            value={one.expectedOn ?? ""}
            onChange={(event) => change(at, { expectedOn: event.target.value || null })}
          />
          <Button
            look="quiet"
            icon={close}
            aria-label={t("referral.rows.remove", { name: one.what || String(at + 1) })}
            onClick={() => set({ pendingResults: rows.filter((_, n) => n !== at) })}
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
            pendingResults: [
              ...rows,
              { what: "", ownerName: "", ownerPhone: "", expectedOn: null, arrived: false },
            ],
          })
        }
      >
        {t("referral.pending.add")}
      </Button>
    </fieldset>
  );
}
