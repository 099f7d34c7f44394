import { useId, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { lock } from "./icons.ts";
import type { RecordView } from "./use-record.ts";

const reasonMin = 4;

/** What the patient withheld, opened in an emergency: with a reason that he will read. */
export function Emergency({ view }: { view: RecordView }) {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const field = useId();
  if (view.state.isEmergency)
    return (
      <p>
        <Status tone="warn">{t("record.emergency.opened")}</Status>
      </p>
    );
  if (!view.state.sources.some((one) => one.outcome?.withholds)) return null;
  if (!isOpen)
    return (
      <Button look="quiet" size="small" icon={lock} onClick={() => setOpen(true)}>
        {t("record.emergency.ask")}
      </Button>
    );
  return (
    <form
      className="record-emergency"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim().length >= reasonMin) view.openInEmergency(reason.trim());
      }}
    >
      <label htmlFor={field} className="strong">
        {t("record.emergency.reason")}
      </label>
      <p className="muted small" id={`${field}-how`}>
        {t("record.emergency.how")}
      </p>
      <textarea
        id={field}
        aria-describedby={`${field}-how`}
        rows={2}
        maxLength={500}
        required
        minLength={reasonMin}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="row">
        <Button type="submit" look="danger" size="small">
          {t("record.emergency.open")}
        </Button>
        <Button size="small" onClick={() => setOpen(false)}>
          {t("record.emergency.cancel")}
        </Button>
      </div>
    </form>
  );
}
