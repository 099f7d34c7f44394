import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { addedPerson, addPersonBody } from "../../../server/booking/contract.ts";
import type { ContactRelation } from "../../../server/patients/domain.ts";
import { signedInPhoneKey } from "../../api/session.ts";
import { Button } from "../../design/components/button.tsx";
import { CheckField, SelectField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { useText } from "../../i18n/i18n.ts";
import { isoDate } from "../../i18n/time.ts";
import { checkResidentId, tidyId } from "../../workbench/resident-id.ts";
import { useAddPerson } from "./writes.ts";

const relations: readonly ContactRelation[] = [
  "mother",
  "father",
  "child",
  "spouse",
  "guardian",
  "relative",
  "neighbour",
  "helper",
];
const sexes = ["female", "male", "other", "unknown"] as const;
type Wrong = Partial<Record<"fullName" | "residentId" | "relation" | "agreed", string>>;

/** Somebody new to book for: a name, what I am to them, that they agree; the ID number may stay out. */
export function AddPerson({
  isFirst,
  onAdded,
}: {
  /** Nobody is there yet: it is most likely the phone's owner. */
  isFirst: boolean;
  onAdded: (person: z.infer<typeof addedPerson>) => void;
}) {
  const t = useText();
  const [fullName, setFullName] = useState("");
  const [relation, setRelation] = useState<ContactRelation | "">(isFirst ? "self" : "");
  const [residentId, setResidentId] = useState("");
  const [sex, setSex] = useState<(typeof sexes)[number]>("unknown");
  const [birthDate, setBirthDate] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});
  const typed = useQueryClient().getQueryData<string>(signedInPhoneKey);
  const [phone, setPhone] = useState("");
  const add = useAddPerson(onAdded);
  const hasId = residentId.trim() !== "";
  const id = checkResidentId(residentId);
  const send = () => {
    const found: Wrong = {};
    if (fullName.trim() === "") found.fullName = t("common.error.name");
    if (relation === "") found.relation = t("patient.booking.relationMissing");
    if (hasId && id.problem) found.residentId = t(`patient.booking.idWrong.${id.problem}`);
    if (!agreed) found.agreed = t("patient.booking.agreedMissing");
    setWrong(found);
    const first = (["fullName", "relation", "residentId", "agreed"] as const).find(
      (field) => found[field],
    );
    if (first || relation === "") {
      document.getElementById(`person-${first}`)?.focus();
      return;
    }
    const body: z.input<typeof addPersonBody> = {
      fullName: fullName.trim(),
      relation,
      residentId: hasId ? tidyId(residentId) : null,
      sex: (hasId ? id.sex : null) ?? sex,
      birthDate: (hasId ? id.birthDate : null) ?? (birthDate || null),
      agreed: true,
      phone: isFirst ? (typed ?? phone.replace(/[\s-]/g, "")) || null : null,
    };
    add.mutate(body);
  };
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextField
        id="person-fullName"
        label={t("patient.booking.fullName")}
        hint={t("patient.booking.fullNameHint")}
        autoComplete={isFirst ? "name" : "off"}
        value={fullName}
        error={wrong.fullName}
        onChange={(event) => setFullName(event.target.value)}
      />
      <SelectField
        id="person-relation"
        label={t("patient.booking.relation")}
        value={relation}
        error={wrong.relation}
        onChange={(event) => setRelation(event.target.value as ContactRelation)}
      >
        <option value="">{t("common.choose")}</option>
        <option value="self">{t("patient.booking.relationSelf")}</option>
        {relations.map((one) => (
          <option key={one} value={one}>
            {t("patient.booking.iAm", { relation: t(`common.relation.${one}`) })}
          </option>
        ))}
      </SelectField>
      <TextField
        id="person-residentId"
        label={t("patient.booking.idNumber")}
        optional={t("common.optional")}
        hint={hasId && !id.problem ? t("patient.booking.idRight") : t("patient.booking.idHint")}
        value={residentId}
        error={
          wrong.residentId ??
          (hasId && id.problem && id.problem !== "length"
            ? t(`patient.booking.idWrong.${id.problem}`)
            : undefined)
        }
        autoComplete="off"
        maxLength={24}
        onChange={(event) => {
          setResidentId(event.target.value);
          setWrong({ ...wrong, residentId: undefined });
        }}
      />
      {isFirst && !typed ? (
        <TextField
          label={t("patient.booking.phone")}
          hint={t("patient.booking.phoneHint")}
          type="tel"
          autoComplete="tel"
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
        />
      ) : null}
      {hasId && !id.problem ? null : (
        <div className="two-fields">
          <TextField
            label={t("patient.booking.birthDate")}
            optional={t("common.optional")}
            type="date"
            max={isoDate(Date.now())}
            value={birthDate}
            onChange={(event) => setBirthDate(event.target.value)}
          />
          <SelectField
            label={t("patient.booking.sex")}
            value={sex}
            onChange={(event) => setSex(event.target.value as (typeof sexes)[number])}
          >
            {sexes.map((one) => (
              <option key={one} value={one}>
                {t(`common.sex.${one}`)}
              </option>
            ))}
          </SelectField>
        </div>
      )}
      <CheckField
        id="person-agreed"
        label={t(relation === "self" ? "patient.booking.agreedSelf" : "patient.booking.agreed")}
        hint={
          wrong.agreed ? (
            <span className="bad-text strong">{wrong.agreed}</span>
          ) : (
            t("patient.booking.agreedHint")
          )
        }
        aria-invalid={wrong.agreed ? true : undefined}
        checked={agreed}
        onChange={(event) => setAgreed(event.target.checked)}
      />
      <ProblemNotice error={add.error} />
      <Button look="primary" size="large" wide type="submit" busy={add.isPending}>
        {t("patient.booking.addAndGo")}
      </Button>
    </form>
  );
}
