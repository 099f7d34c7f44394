import { DiagnosisPicker } from "../consult/diagnosis-picker.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { VitalsFields } from "../workbench/vitals-fields.tsx";
import { Criteria, tickedBy } from "./criteria.tsx";
import { EmergencyNotice } from "./emergency-notice.tsx";
import type { Fields } from "./form.tsx";
import { Area } from "./form-area.tsx";
import { Keep } from "./keep.tsx";
import { MedicineRows } from "./medicine-rows.tsx";
import { useOwnHouse } from "./own-house.ts";
import { usePathways } from "./queries.ts";
import { TargetPick } from "./target-pick.tsx";
import { useWanted } from "./wanted.ts";

const urgencies = ["emergency", "urgent", "routine"] as const;

/** The way up. An emergency asks for three things, and the rest may follow while the patient is on the road. */
export function UpFields(fields: Fields) {
  const t = useText();
  const { content, set, errorOf, sourceOf, amending, referral } = fields;
  const own = useOwnHouse(referral.from.id);
  const pathways = usePathways("up").data?.pathways ?? [];
  const wanted = useWanted(fields);
  const urgency = content.urgency ?? "routine";
  const isEmergency = urgency === "emergency";
  const telephone = (
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
  );
  const vitals = (
    <Card title={t("referral.field.vitals")}>
      <VitalsFields
        value={content.vitals ?? {}}
        altitudeMetres={own?.altitudeMetres ?? 0}
        institution={own?.name ?? referral.from.name}
        error={errorOf("vitals")}
        onChange={(value) => set({ vitals: value, ...tickedBy(pathways, content, value) })}
      />
      {sourceOf("vitals") ? <p className="field-source">{sourceOf("vitals")}</p> : null}
    </Card>
  );
  const impression = (
    <div
      className="field"
      id="referral-impression"
      tabIndex={-1}
      data-invalid={errorOf("impression") ? "" : undefined}
    >
      <DiagnosisPicker
        label={t("referral.field.impression")}
        value={content.impression ?? []}
        onChange={(value) => set({ impression: value })}
      />
      {sourceOf("impression") ? <p className="field-source">{sourceOf("impression")}</p> : null}
      {errorOf("impression") ? <p className="field-error">{errorOf("impression")}</p> : null}
    </div>
  );
  const rest = (
    <>
      {impression}
      <Area {...fields} name="presentHistory" needed={!isEmergency} />
      <Area {...fields} name="pastHistory" needed={!isEmergency} />
      <Area {...fields} name="examination" />
      <Area {...fields} name="results" hint={wanted} />
      <Area {...fields} name="treatmentSoFar" needed={!isEmergency} />
      <Area {...fields} name="allergies" />
      <MedicineRows {...fields} />
    </>
  );
  return (
    <>
      {amending ? null : (
        <Card>
          <Segmented
            label={t("referral.field.urgency")}
            hint={t(`referral.urgencyHint.${urgency}`)}
            value={urgency}
            onChange={(value) => set({ urgency: value })}
            options={urgencies.map((value) => ({ value, label: t(`common.urgency.${value}`) }))}
          />
          {isEmergency ? <EmergencyNotice institutionId={content.toInstitutionId ?? null} /> : null}
          <TargetPick {...fields} />
          <Keep {...fields} />
        </Card>
      )}
      <Card title={t("referral.form.why")}>
        <Area {...fields} name="reason" needed hint={t("referral.reasonHint")} />
        {isEmergency ? null : <Criteria {...fields} />}
        {isEmergency ? null : telephone}
      </Card>
      {isEmergency ? (
        <>
          {vitals}
          <Card>{telephone}</Card>
          <details className="request-later" open={amending}>
            <summary className="summary">{t("referral.form.later")}</summary>
            <Card>
              <Criteria {...fields} />
              {rest}
            </Card>
          </details>
        </>
      ) : (
        <>
          <Card title={t("referral.form.findings")}>{rest}</Card>
          {vitals}
        </>
      )}
    </>
  );
}
