import { useState } from "react";
import type { FollowUpView } from "../../server/referral/contract.ts";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { StepForm } from "./action-forms.tsx";
import { useActOnFollowUp } from "./queries.ts";

type Props = { followUp: FollowUpView; onClose: () => void };

/** Another day, with why. */
export function MoveForm({ followUp, onClose }: Props) {
  const t = useText();
  const [dueOn, setDueOn] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const act = useActOnFollowUp(followUp.id, onClose);
  return (
    <StepForm
      title={t("referral.followUp.move")}
      submit={t("referral.followUp.moveSend")}
      busy={act.isPending}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (dueOn && reason.trim())
          act.mutate({ action: "move", version: followUp.version, dueOn, reason: reason.trim() });
      }}
    >
      <TextField
        label={t("referral.followUp.dueOn")}
        type="date"
        autoFocus
        value={dueOn}
        error={tried && !dueOn ? t("referral.followUp.noDay") : undefined}
        onChange={(event) => setDueOn(event.target.value)}
      />
      <TextArea
        label={t("referral.followUp.why")}
        rows={2}
        value={reason}
        error={tried && !reason.trim() ? t("common.error.reason") : undefined}
        onChange={(event) => setReason(event.target.value)}
      />
      <ProblemNotice error={act.error} kept={t("referral.kept")} />
    </StepForm>
  );
}

/** The patient was not reached, or it is not needed any more. */
export function NoForm({ followUp, action, onClose }: Props & { action: "missed" | "cancel" }) {
  const t = useText();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const act = useActOnFollowUp(followUp.id, onClose);
  return (
    <StepForm
      title={t(action === "missed" ? "referral.followUp.notReached" : "referral.followUp.cancel")}
      submit={t(
        action === "missed" ? "referral.followUp.missedSend" : "referral.followUp.cancelSend",
      )}
      busy={act.isPending}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (reason.trim()) act.mutate({ action, version: followUp.version, reason: reason.trim() });
      }}
    >
      <TextArea
        label={t("referral.followUp.why")}
        autoFocus
        rows={2}
        value={reason}
        error={tried && !reason.trim() ? t("common.error.reason") : undefined}
        onChange={(event) => setReason(event.target.value)}
      />
      <ProblemNotice error={act.error} kept={t("referral.kept")} />
    </StepForm>
  );
}
