import { useState } from "react";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { consentKinds } from "../consult/consent-kinds.ts";
import { useConsultAnswer } from "../consult/queries.ts";
import { standingConsent } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import { ConsentForm } from "./consent-form.tsx";
import { ReasonForm } from "./reason-form.tsx";

type Kind = (typeof consentKinds)[number];

/** Each consent for itself: what it is for, who gave it how, and the way to record or withdraw it. */
export function Consents({
  consult,
  emergency = consult.urgency === "emergency",
}: {
  consult: ConsultDetail;
  emergency?: boolean;
}) {
  const t = useText();
  const [open, setOpen] = useState<Kind | null>(null);
  return (
    <Card title={t("consult.field.consents")}>
      <p className="muted small">{t("workbench.consent.separate")}</p>
      {consentKinds.map((kind) => (
        <ConsentRow
          key={kind}
          kind={kind}
          consult={consult}
          emergency={emergency}
          open={open === kind}
          setOpen={(next) => setOpen(next ? kind : null)}
        />
      ))}
    </Card>
  );
}

function ConsentRow({
  kind,
  consult,
  emergency,
  open,
  setOpen,
}: {
  kind: Kind;
  consult: ConsultDetail;
  emergency: boolean;
  open: boolean;
  setOpen: (open: boolean) => void;
}) {
  const t = useText();
  const [withdrawing, setWithdrawing] = useState<string | null>(null);
  const answer = useConsultAnswer();
  const withdraw = useWrite(
    ({ id, reason }: { id: string; reason: string }, key) =>
      api.post<ConsultDetail>(
        `/api/consults/${consult.id}/consents/${id}/withdraw`,
        { reason },
        key,
      ),
    {
      onDone: (detail) => {
        answer(detail);
        setWithdrawing(null);
      },
    },
  );
  const standing = kind === "relative" ? null : standingConsent(consult.consents, kind);
  const relatives = consult.consents.filter(
    (consent) => consent.kind === "relative" && !consent.withdrawnAt,
  );
  const shown = kind === "relative" ? relatives : standing ? [standing] : [];
  const needed = kind === "consult" || kind === "record-sharing";
  return (
    <section
      className="consent"
      id={`consent-${kind}`}
      tabIndex={-1}
      aria-label={t(`consult.consent.kind.${kind}`)}
    >
      <div className="row spread">
        <div className="grow">
          <h3>{t(`consult.consent.kind.${kind}`)}</h3>
          <p className="muted small">{t(`workbench.consent.about.${kind}`)}</p>
        </div>
        {shown.length === 0 ? (
          <Status tone={needed ? "warn" : "quiet"}>
            {needed ? t("workbench.consent.needed") : t("workbench.consent.notAsked")}
          </Status>
        ) : null}
        {open ? null : (
          <Button size="small" onClick={() => setOpen(true)}>
            {shown.length > 0 && kind !== "relative"
              ? t("workbench.consent.again")
              : t("workbench.consent.record")}
            <span className="visually-hidden"> {t(`consult.consent.kind.${kind}`)}</span>
          </Button>
        )}
      </div>
      {shown.map((consent) => (
        <div key={consent.id} className="row spread">
          <span>
            <Status tone={consent.given ? "good" : "bad"}>
              {consent.given ? t("workbench.consent.given") : t("workbench.consent.refused")}
            </Status>{" "}
            {consent.relativeName ? <strong>{consent.relativeName} </strong> : null}
            {t("workbench.consent.by", {
              signer: consent.signerName,
              relation: consent.signerRelation,
              how: t(`consult.consent.how.${consent.method}`),
              time: shortTime(consent.recordedAt),
            })}
            {consent.witnessName
              ? t("consult.consent.lineWitness", { witness: consent.witnessName })
              : ""}
          </span>
          {consent.given ? (
            <Button look="quiet" size="small" onClick={() => setWithdrawing(consent.id)}>
              {t("workbench.consent.withdraw")}
            </Button>
          ) : null}
        </div>
      ))}
      {withdrawing ? (
        <ReasonForm
          title={t("workbench.consent.withdrawTitle")}
          hint={t("workbench.consent.withdrawHint")}
          submit={t("workbench.consent.withdraw")}
          busy={withdraw.isPending}
          onCancel={() => setWithdrawing(null)}
          onSubmit={(reason) => withdraw.mutate({ id: withdrawing, reason })}
        />
      ) : null}
      <ProblemNotice error={withdraw.error} />
      {open ? (
        <ConsentForm
          kind={kind}
          consult={consult}
          emergency={emergency}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </section>
  );
}
