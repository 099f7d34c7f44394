import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useRegister, type VisitView } from "./queries.ts";

/** The register: what is known is there, what is missing can be written. */
export function RegisterCard({ visit, mayWrite }: { visit: VisitView; mayWrite: boolean }) {
  const t = useText();
  const write = useRegister(visit.id);
  const { register } = visit;
  const [phone, setPhone] = useState("");
  const [fields, setFields] = useState({
    currentAddress: register.currentAddress ?? "",
    workplace: register.workplace ?? "",
    onsetOn: register.onsetOn ?? "",
    complaint: register.complaint ?? "",
    companions: register.companions ?? "",
  });
  const bind = (name: keyof typeof fields) => ({
    // Read only, not disabled: who cannot write may still read on with the keyboard.
    readOnly: !mayWrite,
    value: fields[name],
    onChange: (event: { target: { value: string } }) =>
      setFields((before) => ({ ...before, [name]: event.target.value })),
  });
  return (
    <Card title={t("fever.registerTitle")}>
      <dl className="fever-facts">
        {visit.patient.residentIdMasked ? (
          <div>
            <dt>{t("fever.reg.id")}</dt>
            <dd className="figure">{visit.patient.residentIdMasked}</dd>
          </div>
        ) : null}
        {visit.triaged ? (
          <div>
            <dt>{t("fever.reg.nurse")}</dt>
            <dd>
              {visit.triaged.name} <span className="figure">{clockTime(visit.triaged.at)}</span>
            </dd>
          </div>
        ) : null}
      </dl>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          write.mutate({
            version: visit.version,
            ...(phone ? { phone } : {}),
            ...fields,
            onsetOn: fields.onsetOn || null,
          });
        }}
      >
        <div className="stack">
          <TextField
            label={t("fever.reg.phone")}
            hint={
              register.phoneMasked
                ? t("fever.reg.phoneHave", { phone: register.phoneMasked })
                : undefined
            }
            type="tel"
            readOnly={!mayWrite}
            autoComplete="off"
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
          <TextField label={t("fever.reg.address")} maxLength={300} {...bind("currentAddress")} />
          <TextField label={t("fever.reg.workplace")} maxLength={200} {...bind("workplace")} />
          <TextField label={t("fever.reg.onset")} type="date" {...bind("onsetOn")} />
          <TextArea
            label={t("fever.reg.complaint")}
            rows={2}
            maxLength={1000}
            {...bind("complaint")}
          />
          <TextArea
            label={t("fever.reg.companions")}
            rows={2}
            maxLength={500}
            {...bind("companions")}
          />
        </div>
        <ProblemNotice error={write.error} />
        {mayWrite ? (
          <div className="row">
            <Button look="soft" type="submit" busy={write.isPending}>
              {t("fever.save")}
            </Button>
            {write.isSuccess ? (
              <span role="status" className="muted small">
                {t("fever.saved")}
              </span>
            ) : null}
          </div>
        ) : null}
      </form>
    </Card>
  );
}
