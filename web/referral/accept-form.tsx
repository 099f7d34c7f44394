import { useState } from "react";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import { useDirectory } from "../consult/queries.ts";
import { CheckField, SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { StepForm } from "./action-forms.tsx";
import type { FormProps } from "./actions.tsx";
import { AwayNotice, useAway } from "./away.tsx";

type Medicine = NonNullable<ReferralDetail["content"]["medicines"]>[number];

/** Take it over: where to, with a bed when wanted; of a way home what the own shelf has. */
export function AcceptForm({ referral, session, busy, send, onClose }: FormProps) {
  const t = useText();
  const isDown = referral.direction === "down";
  const own = useDirectory().data?.institutions.find((one) => one.id === session.institution.id);
  const away = useAway(isDown ? [] : (own?.departments ?? []).map((one) => one.id));
  const [answer, setAnswer] = useState("");
  const [departmentId, setDepartmentId] = useState(referral.department?.id ?? "");
  const [bed, setBed] = useState(false);
  const [medicines, setMedicines] = useState<Medicine[]>(referral.content.medicines ?? []);
  const [tried, setTried] = useState(false);
  const open = isDown
    ? medicines.filter(
        (one) => one.available === null || (one.available === false && !one.substitute?.trim()),
      )
    : [];
  const change = (at: number, part: Partial<Medicine>) =>
    setMedicines(medicines.map((one, n) => (n === at ? { ...one, ...part } : one)));
  return (
    <StepForm
      title={t("referral.act.accept")}
      submit={t("referral.send.accept")}
      busy={busy}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (open.length > 0) return;
        send({
          action: "accept",
          version: referral.version,
          answer: answer.trim() || null,
          departmentId: departmentId || null,
          bed,
          ...(isDown ? { medicines } : {}),
        });
      }}
    >
      {isDown ? (
        <fieldset className="formulary">
          <legend className="field-label">{t("referral.formulary.title")}</legend>
          <p className="field-hint">{t("referral.formulary.hint")}</p>
          {medicines.length === 0 ? <p>{t("referral.formulary.none")}</p> : null}
          {medicines.map((one, at) => (
            <div key={one.text + one.dose} className="formulary-row">
              <span>
                <span className="strong">{one.text}</span> <span className="muted">{one.dose}</span>
              </span>
              <Segmented
                label={t("referral.formulary.of", { name: one.text })}
                hideLabel
                value={one.available === null ? null : one.available ? "here" : "instead"}
                options={[
                  { value: "here", label: t("referral.formulary.here") },
                  { value: "instead", label: t("referral.formulary.instead") },
                ]}
                onChange={(value) =>
                  change(at, {
                    available: value === "here",
                    ...(value === "here" ? { substitute: null } : {}),
                  })
                }
              />
              {one.available === false ? (
                <TextField
                  label={t("referral.formulary.substitute", { name: one.text })}
                  value={one.substitute ?? ""}
                  error={
                    tried && !one.substitute?.trim() ? t("referral.formulary.missing") : undefined
                  }
                  onChange={(event) => change(at, { substitute: event.target.value || null })}
                />
              ) : null}
              {tried && one.available === null ? (
                <p className="field-error">{t("referral.formulary.look")}</p>
              ) : null}
            </div>
          ))}
        </fieldset>
      ) : (
        <>
          <SelectField
            label={t("referral.accept.department")}
            value={departmentId}
            onChange={(event) => setDepartmentId(event.target.value)}
          >
            <option value="">{t("common.choose")}</option>
            {(own?.departments ?? (referral.department ? [referral.department] : [])).map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </SelectField>
          <AwayNotice
            away={away.filter((one) => one.departmentId === departmentId)}
            doctorId={referral.content.toDoctorId ?? null}
          />
          <CheckField
            label={t("referral.accept.bed")}
            hint={t("referral.accept.bedHint")}
            checked={bed}
            onChange={(event) => setBed(event.target.checked)}
          />
        </>
      )}
      <TextArea
        label={t("referral.accept.answer")}
        hint={t(isDown ? "referral.accept.answerDownHint" : "referral.accept.answerHint")}
        optional={t("common.optional")}
        rows={2}
        value={answer}
        onChange={(event) => setAnswer(event.target.value)}
      />
    </StepForm>
  );
}
