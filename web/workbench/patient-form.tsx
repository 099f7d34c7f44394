import { useEffect, useState } from "react";
import type { z } from "zod";
import type {
  PatientView,
  registerPatientAnswer,
  registerPatientBody,
} from "../../server/patients/contract.ts";
import type { ContactRelation } from "../../server/patients/domain.ts";
import { api } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import type { Language } from "../i18n/areas.ts";
import { useText } from "../i18n/i18n.ts";
import { checkResidentId, tidyId } from "./resident-id.ts";

type Body = z.input<typeof registerPatientBody>;
type Sex = Body["sex"];
type Form = {
  fullName: string;
  fullNameBo: string;
  residentId: string;
  sex: Sex | null;
  birthDate: string;
  ageYears: string;
  ethnicGroup: string;
  language: Language;
  address: string;
  unknownPerson: boolean;
  unknownNote: string;
  noPhone: boolean;
  relation: ContactRelation;
  contactName: string;
  phone: string;
  maySignIn: boolean;
};
const relations: readonly ContactRelation[] = [
  "self",
  "guardian",
  "mother",
  "father",
  "spouse",
  "child",
  "relative",
  "neighbour",
  "helper",
];
const phonePattern = /^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$/;

/** Registers a person: one name field in any script, an ID that explains itself, a phone that may be a relative's or none. */
export function PatientForm({
  session,
  initialName,
  onRegistered,
  onCancel,
}: {
  session: StaffView;
  initialName: string;
  onRegistered: (patient: PatientView) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const keptKey = `register:${session.person.id}`;
  const isTibetan = /[\u0f00-\u0fff]/.test(initialName);
  const isName = /^[^\d]*$/.test(initialName);
  const [form, setForm] = useState<Form>({
    fullName: isTibetan || !isName ? "" : initialName,
    fullNameBo: isTibetan ? initialName : "",
    residentId: isName ? "" : initialName,
    sex: null,
    birthDate: "",
    ageYears: "",
    ethnicGroup: "",
    language: isTibetan ? "bo" : "zh-CN",
    address: "",
    unknownPerson: false,
    unknownNote: "",
    noPhone: false,
    relation: "self",
    contactName: "",
    phone: "",
    maySignIn: true,
  });
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Form>) =>
    setForm((was) => {
      const next = { ...was, ...change };
      void localStore.write(keptKey, next);
      return next;
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed before a reload comes back once
  useEffect(() => {
    void localStore
      .read<Form>(keptKey)
      .then((kept) => kept && setForm((was) => (was.fullName || was.fullNameBo ? was : kept)));
  }, []);

  const id = checkResidentId(form.residentId);
  const hasId = form.residentId.trim() !== "";
  const save = useWrite(
    (body: Body, key) =>
      api.post<z.output<typeof registerPatientAnswer>>("/api/patients", body, key),
    {
      onDone: (answer) => {
        void localStore.remove(keptKey);
        if (!answer.existing && answer.similar.length === 0) onRegistered(answer.patient);
      },
    },
  );
  const sex = form.sex ?? id.sex;
  const birthDate = form.birthDate || id.birthDate || "";
  const lacks = {
    name: !form.unknownPerson && !form.fullName.trim() && !form.fullNameBo.trim(),
    id: hasId && id.problem !== null,
    sex: sex === null,
    age: !form.unknownPerson && !birthDate && !form.ageYears,
    phone:
      !form.noPhone && !form.unknownPerson && !phonePattern.test(form.phone.replace(/\s/g, "")),
    note: form.unknownPerson && !form.unknownNote.trim(),
  };
  const send = () => {
    setTried(true);
    if (Object.values(lacks).some(Boolean) || !sex) return;
    save.mutate({
      fullName: form.fullName.trim() || null,
      fullNameBo: form.fullNameBo.trim() || null,
      sex,
      birthDate: birthDate || null,
      ageYears: birthDate || form.ageYears === "" ? null : Number(form.ageYears),
      ethnicGroup: form.ethnicGroup.trim() || null,
      language: form.language,
      address: form.address.trim() || null,
      residentId: hasId ? tidyId(form.residentId) : null,
      unknownPerson: form.unknownPerson,
      unknownNote: form.unknownNote.trim() || null,
      contacts:
        form.noPhone || !form.phone.trim()
          ? []
          : [
              {
                relation: form.relation,
                name: form.contactName.trim() || null,
                phone: form.phone.replace(/\s/g, ""),
                maySignIn: form.maySignIn,
              },
            ],
    });
  };
  return (
    <Card title={t("workbench.patient.title")}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <CheckField
          label={t("workbench.patient.unknown")}
          hint={t("workbench.patient.unknownHint")}
          checked={form.unknownPerson}
          onChange={(event) =>
            set({ unknownPerson: event.target.checked, sex: form.sex ?? "unknown" })
          }
        />
        {form.unknownPerson ? (
          <TextArea
            label={t("workbench.patient.note")}
            hint={t("workbench.patient.noteHint")}
            value={form.unknownNote}
            error={tried && lacks.note ? t("workbench.patient.noteMissing") : undefined}
            onChange={(event) => set({ unknownNote: event.target.value })}
          />
        ) : (
          <>
            <TextField
              label={t("workbench.patient.residentId")}
              hint={
                hasId && id.problem === null
                  ? t("workbench.patient.residentIdRight")
                  : t("workbench.patient.residentIdHint")
              }
              optional={t("common.optional")}
              autoComplete="off"
              value={form.residentId}
              error={
                hasId &&
                id.problem &&
                (tried || tidyId(form.residentId).length >= 18 || id.problem === "characters")
                  ? t(`workbench.patient.residentIdWrong.${id.problem}`)
                  : undefined
              }
              onChange={(event) => set({ residentId: event.target.value })}
            />
            <div className="field-row">
              <TextField
                label={t("workbench.patient.name")}
                hint={t("workbench.patient.nameHint")}
                value={form.fullName}
                error={tried && lacks.name ? t("workbench.patient.nameMissing") : undefined}
                onChange={(event) => set({ fullName: event.target.value })}
              />
              <TextField
                label={t("workbench.patient.nameBo")}
                lang="bo"
                optional={t("common.optional")}
                value={form.fullNameBo}
                onChange={(event) => set({ fullNameBo: event.target.value })}
              />
            </div>
          </>
        )}
        <Segmented
          label={t("workbench.patient.sex")}
          value={sex}
          onChange={(next) => set({ sex: next })}
          options={(["female", "male", "other", "unknown"] as const).map((value) => ({
            value,
            label: t(`common.sex.${value}`),
          }))}
        />
        {tried && lacks.sex ? (
          <p className="field-error">{t("workbench.patient.sexMissing")}</p>
        ) : null}
        <div className="field-row">
          {form.unknownPerson ? null : (
            <TextField
              label={t("workbench.patient.birthDate")}
              type="date"
              value={birthDate}
              source={id.birthDate && !form.birthDate ? t("workbench.patient.fromId") : undefined}
              error={tried && lacks.age ? t("workbench.patient.ageMissing") : undefined}
              onChange={(event) => set({ birthDate: event.target.value })}
            />
          )}
          <TextField
            label={t("workbench.patient.age")}
            type="number"
            inputMode="numeric"
            min={0}
            max={130}
            disabled={birthDate !== ""}
            value={form.ageYears}
            onChange={(event) => set({ ageYears: event.target.value })}
          />
          {form.unknownPerson ? null : (
            <TextField
              label={t("workbench.patient.ethnicGroup")}
              optional={t("common.optional")}
              value={form.ethnicGroup}
              onChange={(event) => set({ ethnicGroup: event.target.value })}
            />
          )}
        </div>
        {form.unknownPerson ? null : (
          <>
            <Segmented
              label={t("workbench.patient.language")}
              value={form.language}
              onChange={(language) => set({ language })}
              options={[
                { value: "zh-CN", label: "中文", lang: "zh-CN" },
                { value: "bo", label: "བོད་སྐད།", lang: "bo" },
                { value: "en", label: "English", lang: "en" },
              ]}
            />
            <TextField
              label={t("workbench.patient.address")}
              optional={t("common.optional")}
              value={form.address}
              onChange={(event) => set({ address: event.target.value })}
            />
            <CheckField
              label={t("workbench.patient.noPhone")}
              hint={t("workbench.patient.noPhoneHint")}
              checked={form.noPhone}
              onChange={(event) => set({ noPhone: event.target.checked })}
            />
            {form.noPhone ? null : (
              <>
                <div className="field-row">
                  <TextField
                    label={t("workbench.patient.phone")}
                    type="tel"
                    value={form.phone}
                    error={tried && lacks.phone ? t("workbench.patient.phoneWrong") : undefined}
                    onChange={(event) => set({ phone: event.target.value })}
                  />
                  <SelectField
                    label={t("workbench.patient.phoneOf")}
                    value={form.relation}
                    onChange={(event) => set({ relation: event.target.value as ContactRelation })}
                  >
                    {relations.map((relation) => (
                      <option key={relation} value={relation}>
                        {t(`common.relation.${relation}`)}
                      </option>
                    ))}
                  </SelectField>
                  {form.relation === "self" ? null : (
                    <TextField
                      label={t("workbench.patient.contactName")}
                      optional={t("common.optional")}
                      value={form.contactName}
                      onChange={(event) => set({ contactName: event.target.value })}
                    />
                  )}
                </div>
                <CheckField
                  label={t("workbench.patient.maySignIn")}
                  checked={form.maySignIn}
                  onChange={(event) => set({ maySignIn: event.target.checked })}
                />
              </>
            )}
          </>
        )}
        {save.data && !save.data.existing && save.data.similar.length > 0 ? (
          <Notice
            tone="warn"
            title={t("workbench.patient.similar", {
              who: save.data.similar
                .map((one) => `${one.fullName ?? one.fullNameBo ?? ""}（${one.house.name}）`)
                .join(t("common.listSeparator")),
            })}
            action={
              <Button onClick={() => save.data && onRegistered(save.data.patient)}>
                {t("workbench.patient.goOn")}
              </Button>
            }
          >
            {t("workbench.patient.similarHow")}
          </Notice>
        ) : null}
        {save.data?.existing ? (
          <Notice
            tone="warn"
            title={t("workbench.patient.existing", {
              name: save.data.patient.fullName ?? save.data.patient.fullNameBo ?? "",
            })}
            action={
              <Button onClick={() => save.data && onRegistered(save.data.patient)}>
                {t("workbench.patient.useExisting")}
              </Button>
            }
          >
            {t("workbench.patient.existingHow")}
          </Notice>
        ) : null}
        <ProblemNotice error={save.error} kept={t("workbench.patient.kept")} />
        <div className="row">
          <Button look="primary" type="submit" busy={save.isPending}>
            {t("workbench.patient.save")}
          </Button>
          <Button look="quiet" onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
