import { Button } from "../design/components/button.tsx";
import { TextArea } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";

/** Why something is paused; nothing is paused without a reason. */
export function PauseForm({
  how,
  busy,
  onPause,
}: {
  how: string;
  busy: boolean;
  onPause: (reason: string) => void;
}) {
  const t = useText();
  return (
    <form
      className="connections-form"
      onSubmit={(event) => {
        event.preventDefault();
        onPause(String(new FormData(event.currentTarget).get("reason") ?? "").trim());
      }}
    >
      <p>{how}</p>
      <TextArea
        name="reason"
        label={t("connections.reason")}
        minLength={4}
        maxLength={300}
        required
      />
      <Button type="submit" look="primary" busy={busy}>
        {t("connections.pauseNow")}
      </Button>
    </form>
  );
}
