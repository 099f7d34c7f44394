import { useState } from "react";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import type { StaffView } from "../api/session.ts";
import { useAct } from "../consult/queries.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";

/** The attending doctor takes note of the opinion and decides; an urgent one is read back by telephone. */
export function Acknowledge({ consult, session }: { consult: ConsultDetail; session: StaffView }) {
  const t = useText();
  const urgent = consult.urgency !== "routine";
  const [decision, setDecision] = useState("");
  const [byPhone, setByPhone] = useState(urgent);
  const [by, setBy] = useState(session.person.name);
  const [to, setTo] = useState(consult.opinion?.signedBy ?? "");
  const [wrong, setWrong] = useState(false);
  const act = useAct(consult.id);
  return (
    <Card
      strong
      title={t("workbench.acknowledge.title")}
      aside={
        consult.escalatedAt ? (
          <Status tone="bad">{t("workbench.acknowledge.escalated")}</Status>
        ) : null
      }
    >
      <form
        className="reason-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const incomplete =
            decision.trim() === "" || (byPhone && (by.trim() === "" || to.trim() === ""));
          setWrong(incomplete);
          if (incomplete) return;
          act.mutate({
            action: "acknowledge",
            version: consult.version,
            treatmentDecision: decision.trim(),
            readBack: byPhone
              ? { by: by.trim(), to: to.trim(), at: new Date().toISOString() }
              : null,
          });
        }}
      >
        <TextArea
          label={t("workbench.acknowledge.decision")}
          hint={t("workbench.acknowledge.decisionHint")}
          value={decision}
          error={
            wrong && decision.trim() === "" ? t("workbench.acknowledge.decisionMissing") : undefined
          }
          onChange={(event) => setDecision(event.target.value)}
        />
        <CheckField
          label={t("workbench.acknowledge.readBack")}
          hint={t("workbench.acknowledge.readBackHint")}
          checked={byPhone}
          onChange={(event) => setByPhone(event.target.checked)}
        />
        {byPhone ? (
          <div className="field-row">
            <TextField
              label={t("workbench.acknowledge.by")}
              value={by}
              error={wrong && by.trim() === "" ? t("common.error.name") : undefined}
              onChange={(event) => setBy(event.target.value)}
            />
            <TextField
              label={t("workbench.acknowledge.to")}
              value={to}
              error={wrong && to.trim() === "" ? t("common.error.name") : undefined}
              onChange={(event) => setTo(event.target.value)}
            />
          </div>
        ) : null}
        <ProblemNotice error={act.error} />
        <Button look="primary" type="submit" busy={act.isPending} className="align-start">
          {t("workbench.acknowledge.send")}
        </Button>
      </form>
    </Card>
  );
}
