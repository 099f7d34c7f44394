import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PreferenceView } from "../../server/notices/contract.ts";
import type { NoticeMode } from "../../server/notices/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";

/** How the patient wants to be told of changes: by message, by a call, or by a call to a helper. */
export function Preference({
  patientId,
  preference,
}: {
  patientId: string;
  preference: PreferenceView;
}) {
  const t = useText();
  const client = useQueryClient();
  const [mode, setMode] = useState<NoticeMode>(preference.mode);
  const [name, setName] = useState(preference.contactName ?? "");
  const [phone, setPhone] = useState("");
  const save = useWrite(
    (body: object, key) =>
      api.put<PreferenceView>(`/api/patients/${patientId}/notice-preference`, body, key),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: ["hotline-call"] });
        void client.invalidateQueries({ queryKey: ["notice-preference", patientId] });
      },
    },
  );
  const changed =
    mode !== preference.mode || phone !== "" || name !== (preference.contactName ?? "");
  return (
    <Card title={t("hotline.preference.title")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({
            mode,
            contactName: mode === "sms" ? null : name.trim() || null,
            contactRelation: mode === "call-helper" ? "helper" : null,
            contactPhone: mode === "sms" ? null : phone.trim() || null,
          });
        }}
      >
        <Segmented
          label={t("hotline.preference.how")}
          value={mode}
          onChange={setMode}
          options={(["sms", "call-me", "call-helper"] as const).map((value) => ({
            value,
            label: t(`hotline.preference.${value}`),
          }))}
        />
        {mode === "call-helper" ? (
          <TextField
            label={t("hotline.preference.name")}
            required
            maxLength={80}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        ) : null}
        {mode === "sms" ? null : (
          <TextField
            label={t("hotline.preference.phone")}
            hint={
              preference.contactPhoneMasked
                ? t("hotline.preference.kept", { phone: preference.contactPhoneMasked })
                : t("hotline.preference.phoneHint")
            }
            type="tel"
            required={mode === "call-helper" && !preference.contactPhoneMasked}
            autoComplete="off"
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
        )}
        <ProblemNotice error={save.error} />
        {changed ? (
          <Button type="submit" busy={save.isPending}>
            {t("hotline.preference.save")}
          </Button>
        ) : save.isSuccess ? (
          <p role="status" className="muted small">
            {t("hotline.preference.saved")}
          </p>
        ) : null}
      </form>
    </Card>
  );
}
