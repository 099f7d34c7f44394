import type { ConsultContent } from "../../server/consult/contract.ts";
import { useDirectory } from "../consult/queries.ts";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

/** Whom to ask: only hospitals that have an agreement with ours can be chosen. */
export function TargetFields({
  content,
  set,
  error,
}: {
  content: ConsultContent;
  set: (change: Partial<ConsultContent>) => void;
  error?: string;
}) {
  const t = useText();
  const directory = useDirectory();
  const invitable = (directory.data?.institutions ?? []).filter(
    (institution) => institution.invitable,
  );
  const chosen = invitable.find((institution) => institution.id === content.invitedInstitutionId);
  return (
    <>
      <ProblemNotice error={directory.error} retry={() => void directory.refetch()} />
      <div className="field-row">
        <SelectField
          id="request-invitedInstitutionId"
          label={t("consult.field.invitedInstitutionId")}
          error={error}
          value={content.invitedInstitutionId ?? ""}
          onChange={(event) =>
            set({ invitedInstitutionId: event.target.value || null, wantedSpecialty: null })
          }
        >
          <option value="">{t("common.choose")}</option>
          {invitable.map((institution) => (
            <option key={institution.id} value={institution.id}>
              {institution.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t("consult.field.wantedSpecialty")}
          optional={t("common.optional")}
          value={content.wantedSpecialty ?? ""}
          onChange={(event) => set({ wantedSpecialty: event.target.value || null })}
        >
          <option value="">{t("workbench.request.deskChooses")}</option>
          {(chosen?.departments ?? []).map((department) => (
            <option key={department.id} value={department.name}>
              {department.name}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="field-row">
        <TextField
          label={t("consult.field.wantedTitle")}
          optional={t("common.optional")}
          value={content.wantedTitle ?? ""}
          onChange={(event) => set({ wantedTitle: event.target.value })}
        />
        <TextField
          label={t("consult.field.wantedTime")}
          optional={t("common.optional")}
          value={content.wantedTime ?? ""}
          onChange={(event) => set({ wantedTime: event.target.value })}
        />
      </div>
    </>
  );
}
