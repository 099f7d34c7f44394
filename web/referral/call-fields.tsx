import { TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";

export type Call = { with: string; at: string };

/** The call as it is sent, or null while it is not told whole. */
export function callOf(call: Call): { with: string; at: string } | null {
  const at = new Date(`${call.at}:00+08:00`);
  if (!call.with.trim() || Number.isNaN(at.getTime())) return null;
  return { with: call.with.trim(), at: at.toISOString() };
}

/** A call that was made a moment ago, as most are when they are written down; the time may be changed. */
export const callNow = (): Call => ({
  with: "",
  at: new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 16),
});

/** Nobody turns an emergency away without having spoken: with whom, and when. */
export function CallFields({
  call,
  onChange,
  wrong,
}: {
  call: Call;
  onChange: (call: Call) => void;
  wrong: boolean;
}) {
  const t = useText();
  return (
    <>
      <p className="strong">{t("referral.call.first")}</p>
      <div className="field-row">
        <TextField
          label={t("referral.call.with")}
          autoFocus
          value={call.with}
          error={wrong ? t("referral.call.missing") : undefined}
          onChange={(event) => onChange({ ...call, with: event.target.value })}
        />
        <TextField
          label={t("referral.call.at")}
          type="datetime-local"
          value={call.at}
          onChange={(event) => onChange({ ...call, at: event.target.value })}
        />
      </div>
    </>
  );
}
