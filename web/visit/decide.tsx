import { useState } from "react";
import type { VisitDetail } from "../../server/visit/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { useVisitAct } from "./queries.ts";

/** A follow-up of a known illness, or not, with the reason: before anything is prescribed. */
export function Decide({ row }: { row: VisitDetail }) {
  const t = useText();
  const act = useVisitAct(row.id);
  const [reason, setReason] = useState(
    row.decisionReason ??
      (row.evidence[0] ? t("visit.decide.usual", { name: row.evidence[0].text }) : ""),
  );
  const [guardian, setGuardian] = useState(row.guardianPresent);
  const [name, setName] = useState(row.guardianName ?? "");
  const send = (decision: "eligible" | "not-eligible") =>
    act.mutate({
      path: "decision",
      body: {
        version: row.version,
        decision,
        reason,
        guardianPresent: guardian,
        guardianName: guardian && name.trim() !== "" ? name : null,
      },
    });
  return (
    <Card title={t("visit.decide.title")}>
      <div className="stack">
        <p className="muted">{t("visit.decide.how")}</p>
        <TextField
          label={t("visit.decide.reason")}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {row.guardianNeeded ? (
          <>
            <CheckField
              label={t("visit.decide.guardian")}
              checked={guardian}
              onChange={(event) => setGuardian(event.target.checked)}
            />
            <TextField
              label={t("visit.decide.guardianName")}
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </>
        ) : null}
        <ProblemNotice error={act.error} />
        <div className="row wrap">
          <Button
            look="primary"
            busy={act.isPending}
            disabled={reason.trim() === ""}
            onClick={() => send("eligible")}
          >
            {t("visit.decide.eligible")}
          </Button>
          <Button
            busy={act.isPending}
            disabled={reason.trim() === ""}
            onClick={() => send("not-eligible")}
          >
            {t("visit.decide.not-eligible")}
          </Button>
        </div>
      </div>
    </Card>
  );
}
