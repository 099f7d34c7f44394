import { useState } from "react";
import type { BedUnitKind } from "../../server/capacity/domain.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNewUnit } from "./queries.ts";
import { inWords, kindWord, unitKinds } from "./words.ts";

type Place = { id: string; name: { zh: string; en: string | null; bo: string | null } };

/** A ward with its bed numbers. */
export function UnitForm({
  departments,
  onDone,
}: {
  departments: readonly Place[];
  onDone: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const save = useNewUnit(onDone);
  const [words, setWords] = useState({ nameZh: "", nameEn: "", nameBo: "", beds: "" });
  const [departmentId, setDepartment] = useState(departments[0]?.id ?? "");
  const [kind, setKind] = useState<BedUnitKind>("ordinary");
  const field = (name: keyof typeof words) => ({
    value: words[name],
    onChange: (event: { target: { value: string } }) =>
      setWords({ ...words, [name]: event.target.value }),
  });
  return (
    <Card title={t("capacity.unit.new")}>
      <form
        className="capacity-form"
        onSubmit={(event) => {
          event.preventDefault();
          const { beds, nameBo, ...names } = words;
          save.mutate({
            ...names,
            nameBo: nameBo.trim() === "" ? null : nameBo.trim(),
            departmentId,
            kind,
            beds: [...new Set(beds.split(/[\s,，、;；]+/).filter((one) => one !== ""))],
          });
        }}
      >
        <SelectField
          label={t("capacity.unit.department")}
          value={departmentId}
          onChange={(event) => setDepartment(event.target.value)}
        >
          {departments.map((one) => (
            <option key={one.id} value={one.id}>
              {inWords(one.name, language)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t("capacity.unit.kind")}
          value={kind}
          onChange={(event) => setKind(event.target.value as BedUnitKind)}
        >
          {unitKinds.map((one) => (
            <option key={one} value={one}>
              {t(kindWord(one))}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("capacity.unit.nameZh")}
          lang="zh-CN"
          required
          maxLength={40}
          {...field("nameZh")}
        />
        <TextField
          label={t("capacity.unit.nameEn")}
          lang="en"
          required
          maxLength={80}
          {...field("nameEn")}
        />
        <TextField
          label={t("capacity.unit.nameBo")}
          lang="bo"
          maxLength={120}
          {...field("nameBo")}
        />
        <TextField
          label={t("capacity.unit.beds")}
          hint={t("capacity.unit.bedsHow")}
          required
          {...field("beds")}
        />
        <Button type="submit" look="primary" busy={save.isPending}>
          {t("capacity.unit.save")}
        </Button>
        <Button look="quiet" onClick={onDone}>
          {t("common.cancel")}
        </Button>
      </form>
      <ProblemNotice error={save.error} />
    </Card>
  );
}
