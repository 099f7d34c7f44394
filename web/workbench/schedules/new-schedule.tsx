import { useState } from "react";
import { useLocation } from "wouter";
import type {
  ManageOverview,
  NewScheduleBody,
  ScheduleView,
} from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { SelectField } from "../../design/components/field.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { serviceKindChoices } from "./kinds.ts";
import { useSchedulesChanged } from "./queries.ts";
import { ScheduleFields } from "./schedule-fields.tsx";
import { inWords } from "./words.ts";

/** A new clinic: where, whose, what; its week is given next. */
export function NewSchedule({ overview }: { overview: ManageOverview }) {
  const t = useText();
  const language = useLanguage();
  const [, go] = useLocation();
  const changed = useSchedulesChanged();
  const [departmentId, setDepartment] = useState("");
  const [doctorId, setDoctor] = useState("");
  const [kind, setKind] = useState<NewScheduleBody["kind"]>("clinic");
  const doctors = overview.departments.find((one) => one.id === departmentId)?.doctors ?? [];
  const create = useWrite(
    (body: NewScheduleBody, key) => api.post<ScheduleView>("/api/schedules", body, key),
    {
      onDone: async (made) => {
        await changed();
        go(`/schedules/${made.id}`);
      },
    },
  );
  return (
    <>
      <header>
        <h1>{t("schedules.new.title")}</h1>
        <p className="muted">{t("schedules.new.how")}</p>
      </header>
      <ScheduleFields
        initial={{
          name: { zh: "", en: "", bo: null },
          place: "",
          feeCents: 2200,
          segmentMinutes: 30,
          active: true,
        }}
        busy={create.isPending}
        error={create.error}
        words={t("schedules.new.save")}
        onSave={({ active: _, ...body }) =>
          create.mutate({ ...body, departmentId, doctorId: doctorId || null, kind })
        }
      >
        <div className="field-row">
          <SelectField
            label={t("schedules.field.department")}
            required
            value={departmentId}
            onChange={(event) => {
              setDepartment(event.target.value);
              setDoctor("");
            }}
          >
            <option value="">{t("common.choose")}</option>
            {overview.departments.map((one) => (
              <option key={one.id} value={one.id}>
                {inWords(one.name, language)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={t("schedules.field.doctor")}
            value={doctorId}
            onChange={(event) => setDoctor(event.target.value)}
          >
            <option value="">{t("schedules.field.noDoctor")}</option>
            {doctors.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} {one.title}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={t("schedules.field.kind")}
            value={kind}
            onChange={(event) => setKind(event.target.value as NewScheduleBody["kind"])}
          >
            {serviceKindChoices.map((one) => (
              <option key={one} value={one}>
                {t(`schedules.kind.${one}`)}
              </option>
            ))}
          </SelectField>
        </div>
      </ScheduleFields>
    </>
  );
}
