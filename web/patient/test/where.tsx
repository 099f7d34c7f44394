import { SelectField } from "../../design/components/field.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { nameIn } from "../booking/words.tsx";
import { useWhereabouts } from "./queries.ts";

/** Where I am, said and not measured: sites are ordered by the distance from there. */
export function Where({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const { data } = useWhereabouts();
  const places = data?.places ?? [];
  const areas = [...new Set(places.map((one) => one.area.zh))];
  if (places.length === 0) return null;
  return (
    <SelectField
      label={t("patient.test.whereIAm")}
      hint={t("patient.test.whereIAmHow")}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || null)}
    >
      <option value="">{t("patient.test.whereUnsaid")}</option>
      {areas.map((area) => {
        const own = places.filter((one) => one.area.zh === area);
        return (
          <optgroup key={area} label={nameIn(own[0]!.area, language)}>
            {own.map((one) => (
              <option key={one.id} value={one.id}>
                {nameIn(one.name, language)}
              </option>
            ))}
          </optgroup>
        );
      })}
    </SelectField>
  );
}

/** Metres as people say them: to a hundred, or to a tenth of a kilometre. */
export function distanceWords(metres: number, t: ReturnType<typeof useText>): string {
  return metres < 950
    ? t("patient.test.metres", { count: Math.max(100, Math.round(metres / 100) * 100) })
    : t("patient.test.kilometres", {
        count: metres < 9950 ? (metres / 1000).toFixed(1) : Math.round(metres / 1000),
      });
}
