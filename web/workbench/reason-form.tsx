import { type ReactNode, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextArea } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";

/** A step that needs a written reason, in place. */
export function ReasonForm({
  title,
  hint,
  submit,
  busy,
  onSubmit,
  onCancel,
}: {
  title: string;
  hint: ReactNode;
  submit: string;
  busy: boolean;
  onSubmit: (reason: string) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [reason, setReason] = useState("");
  const [empty, setEmpty] = useState(false);
  return (
    <Card>
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setEmpty(reason.trim() === "");
          if (reason.trim() !== "") onSubmit(reason.trim());
        }}
      >
        <TextArea
          label={title}
          hint={hint}
          autoFocus
          value={reason}
          error={empty && reason.trim() === "" ? t("common.error.reason") : undefined}
          onChange={(event) => setReason(event.target.value)}
        />
        <div className="row">
          <Button look="primary" type="submit" busy={busy}>
            {submit}
          </Button>
          <Button look="quiet" onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
