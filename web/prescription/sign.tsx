import { useState } from "react";
import type { PrescriptionView } from "../../server/prescription/contract.ts";
import { useWrite } from "../api/write.ts";
import { KeyForm, useOwnKey } from "../consult/sign-panel.tsx";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { pen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { CanonicalMismatch } from "../signing/sign-opinion.ts";
import { signPrescription } from "../signing/sign-prescription.ts";
import { useAct } from "./queries.ts";

/** The doctor's own key signs and sends it to the pharmacist; or it is given up with a reason. */
export function SignIt({
  row,
  personId,
  busy,
  onSigned,
}: {
  row: PrescriptionView;
  personId: string;
  busy: boolean;
  onSigned: (row: PrescriptionView) => void;
}) {
  const t = useText();
  const key = useOwnKey(personId);
  const [giving, setGiving] = useState(false);
  const [reason, setReason] = useState("");
  const act = useAct(onSigned);
  const sign = useWrite(
    async (_: { version: number }, idempotencyKey) => {
      if (!key.data?.own) throw new Error("no key");
      return signPrescription(row, key.data.own, idempotencyKey);
    },
    { onDone: onSigned },
  );
  return (
    <div className="stack">
      {row.open > 0 ? (
        <Notice tone="warn" live={false} title={t("prescription.open", { count: row.open })} />
      ) : null}
      {sign.error instanceof CanonicalMismatch ? (
        <Notice tone="bad" title={t("prescription.mismatch")} />
      ) : (
        <ProblemNotice error={sign.error} kept={t("prescription.kept")} />
      )}
      {key.data?.own ? (
        <Button
          look="primary"
          size="large"
          icon={pen}
          busy={sign.isPending}
          disabled={busy || row.open > 0 || row.lines.length === 0 || row.diagnoses.length === 0}
          onClick={() => sign.mutate({ version: row.version })}
        >
          {t("prescription.sign")}
        </Button>
      ) : key.isPending ? (
        <p className="muted">{t("common.loading")}</p>
      ) : (
        <KeyForm personId={personId} replaces={key.data?.other ?? null} />
      )}
      {giving ? (
        <div className="row">
          <TextField
            label={t("prescription.cancelReason")}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button
            look="danger"
            disabled={reason.trim() === ""}
            busy={act.isPending}
            onClick={() =>
              act.mutate({
                path: `/api/prescriptions/${row.id}/cancel`,
                body: { version: row.version, reason },
              })
            }
          >
            {t("prescription.cancel")}
          </Button>
        </div>
      ) : (
        <Button look="quiet" className="align-start" onClick={() => setGiving(true)}>
          {t("prescription.cancel")}
        </Button>
      )}
      <ProblemNotice error={act.error} />
    </div>
  );
}
