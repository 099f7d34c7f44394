import { DiagnosisPicker } from "../consult/diagnosis-picker.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";
import { Criteria } from "./criteria.tsx";
import type { Fields } from "./form.tsx";
import { Area } from "./form-area.tsx";
import { MedicineRows } from "./medicine-rows.tsx";
import { PendingRows } from "./pending-rows.tsx";
import { TargetPick } from "./target-pick.tsx";
import { TriggerRows } from "./trigger-rows.tsx";
import { useWanted } from "./wanted.ts";

/** The way home: what was found and done, how it goes on, and when the patient is to be brought back. */
export function DownFields(fields: Fields) {
  const t = useText();
  const { content, set, errorOf, sourceOf, amending } = fields;
  const wanted = useWanted(fields);
  return (
    <>
      {amending ? null : (
        <Card>
          <TargetPick {...fields} />
        </Card>
      )}
      <Card title={t("referral.form.course")}>
        <div
          className="field"
          id="referral-impression"
          tabIndex={-1}
          data-invalid={errorOf("impression") ? "" : undefined}
        >
          <DiagnosisPicker
            label={t("referral.field.diagnosis")}
            value={content.impression ?? []}
            onChange={(value) => set({ impression: value })}
          />
          {sourceOf("impression") ? <p className="field-source">{sourceOf("impression")}</p> : null}
          {errorOf("impression") ? <p className="field-error">{errorOf("impression")}</p> : null}
        </div>
        <div className="field-row">
          <TextField
            id="referral-admissionNumber"
            label={t("referral.field.admissionNumber")}
            error={errorOf("admissionNumber")}
            value={content.admissionNumber ?? ""}
            onChange={(event) => set({ admissionNumber: event.target.value })}
          />
          <TextField
            id="referral-requesterPhone"
            label={t("referral.field.requesterPhone")}
            hint={t("referral.phoneHint")}
            type="tel"
            autoComplete="tel"
            source={sourceOf("requesterPhone")}
            error={errorOf("requesterPhone")}
            value={content.requesterPhone ?? ""}
            onChange={(event) => set({ requesterPhone: event.target.value })}
          />
        </div>
        <Area {...fields} name="results" hint={wanted} needed />
        <Area {...fields} name="treatmentSoFar" needed />
        <Area {...fields} name="allergies" />
        <Criteria {...fields} />
      </Card>
      <Card title={t("referral.form.onward")}>
        <MedicineRows {...fields} />
        <Area {...fields} name="plan" needed />
        <Area {...fields} name="rehabilitationAdvice" needed />
        <TextField
          id="referral-reviewOn"
          label={t("referral.field.reviewOn")}
          hint={t("referral.reviewHint")}
          type="date"
          error={errorOf("reviewOn")}
          value={content.reviewOn ?? ""}
          onChange={(event) => set({ reviewOn: event.target.value || null })}
        />
        <TriggerRows {...fields} />
        <PendingRows {...fields} />
      </Card>
    </>
  );
}
