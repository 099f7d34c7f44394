import { useState } from "react";
import type { ContactRelation } from "../../server/patients/domain.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { checkResidentId, tidyId } from "../workbench/resident-id.ts";

export type NewPerson = {
  fullName: string;
  sex: "female" | "male" | "unknown";
  ageYears: number | null;
  residentId: string | null;
  address: string | null;
  language: "zh-CN" | "bo" | "en";
  phone: string | null;
  callerName: string | null;
  callerRelation: ContactRelation;
  phoneMaySee: boolean;
};

export const callerRelations: readonly ContactRelation[] = [
  "self",
  "child",
  "spouse",
  "mother",
  "father",
  "relative",
  "neighbour",
  "helper",
  "guardian",
];

/** Somebody nobody knows yet, in a few words: the rest is for the day of the visit. */
export function RegisterForm({
  initialPhone,
  initialName,
  initialId,
  onSend,
  onCancel,
  busy,
  error,
}: {
  initialPhone: string;
  initialName: string;
  initialId: string;
  onSend: (person: NewPerson) => void;
  onCancel: () => void;
  busy: boolean;
  error: unknown;
}) {
  const t = useText();
  const [name, setName] = useState(initialName);
  const [sex, setSex] = useState<NewPerson["sex"] | null>(null);
  const [age, setAge] = useState("");
  const [residentId, setResidentId] = useState(initialId);
  const [phone, setPhone] = useState(initialPhone);
  const [relation, setRelation] = useState<ContactRelation>("self");
  const [callerName, setCallerName] = useState("");
  const [address, setAddress] = useState("");
  const [language, setLanguage] = useState<NewPerson["language"]>("zh-CN");
  const [maySee, setMaySee] = useState(true);
  const wrongId = residentId.trim() === "" ? null : checkResidentId(residentId);
  return (
    <Card strong title={t("hotline.new.title")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onSend({
            fullName: name.trim(),
            sex: sex ?? "unknown",
            ageYears: age === "" ? null : Number(age),
            residentId: residentId.trim() === "" ? null : tidyId(residentId),
            address: address.trim() || null,
            language,
            phone: phone.trim() || null,
            callerName: callerName.trim() || null,
            callerRelation: relation,
            phoneMaySee: maySee,
          });
        }}
      >
        <div className="hotline-two">
          <TextField
            label={t("hotline.new.name")}
            required
            maxLength={80}
            autoComplete="off"
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={t("hotline.new.id")}
            optional={t("hotline.new.optional")}
            maxLength={18}
            autoComplete="off"
            value={residentId}
            error={wrongId?.problem ? t("hotline.new.idWrong") : undefined}
            onChange={(event) => setResidentId(event.target.value)}
          />
          <TextField
            label={t("hotline.new.age")}
            type="number"
            min={0}
            max={130}
            value={age}
            onChange={(event) => setAge(event.target.value)}
          />
          <Segmented
            label={t("hotline.new.sex")}
            value={sex}
            onChange={setSex}
            options={(["female", "male"] as const).map((value) => ({
              value,
              label: t(`common.sex.${value}`),
            }))}
          />
          <TextField
            label={t("hotline.new.phone")}
            hint={t("hotline.new.phoneHint")}
            type="tel"
            autoComplete="off"
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
          <SelectField
            label={t("hotline.new.whose")}
            value={relation}
            onChange={(event) => setRelation(event.target.value as ContactRelation)}
          >
            {callerRelations.map((one) => (
              <option key={one} value={one}>
                {t(`common.relation.${one}`)}
              </option>
            ))}
          </SelectField>
          {relation === "self" ? null : (
            <TextField
              label={t("hotline.new.callerName")}
              maxLength={80}
              autoComplete="off"
              value={callerName}
              onChange={(event) => setCallerName(event.target.value)}
            />
          )}
          <TextField
            label={t("hotline.new.address")}
            optional={t("hotline.new.optional")}
            maxLength={300}
            autoComplete="off"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
          <SelectField
            label={t("hotline.new.language")}
            value={language}
            onChange={(event) => setLanguage(event.target.value as NewPerson["language"])}
          >
            <option value="zh-CN">中文</option>
            <option value="bo" lang="bo">
              བོད་སྐད།
            </option>
            <option value="en">English</option>
          </SelectField>
        </div>
        <CheckField
          label={t("hotline.new.maySee")}
          hint={t("hotline.new.maySeeHint")}
          checked={maySee}
          onChange={(event) => setMaySee(event.target.checked)}
        />
        <ProblemNotice error={error} />
        <div className="row">
          <Button type="submit" look="primary" busy={busy}>
            {t("hotline.new.send")} <kbd>↵</kbd>
          </Button>
          <Button look="quiet" onClick={onCancel}>
            {t("common.cancel")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
