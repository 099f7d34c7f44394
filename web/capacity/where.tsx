import { useState } from "react";
import type { DisplacedDestination } from "../../server/capacity/domain.ts";
import { SelectField } from "../design/components/field.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { inWords } from "./words.ts";

type Names = { zh: string; en: string | null; bo: string | null };
export type Goes = {
  destination: DisplacedDestination;
  toUnitId: string | null;
  toName: string | null;
};

/** Where each one goes; what was suggested until somebody chooses another. */
export function useWhere(suggested: readonly (readonly [string, Goes])[]) {
  const [chosen, setChosen] = useState<Readonly<Record<string, Goes>>>({});
  const home: Goes = { destination: "home", toUnitId: null, toName: null };
  return {
    of: (id: string): Goes => chosen[id] ?? suggested.find(([key]) => key === id)?.[1] ?? home,
    set: (id: string, value: Goes) => setChosen((before) => ({ ...before, [id]: value })),
  };
}

const keyOf = (value: Goes) =>
  value.destination === "unit"
    ? `unit:${value.toUnitId}`
    : value.destination === "home"
      ? "home"
      : `hospital:${value.toName}`;

/** Another ward of the house, home, or another hospital. */
export function Where({
  label,
  value,
  units,
  hospitals,
  onChange,
}: {
  label: string;
  value: Goes;
  units: readonly { id: string; name: Names; department: Names; free: number }[];
  hospitals: readonly { name: Names; free: number }[];
  onChange: (value: Goes) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const outside = t("capacity.switch.to.otherHospital");
  const options: { key: string; goes: Goes; words: string }[] = [
    ...units.map((one) => ({
      key: `unit:${one.id}`,
      goes: { destination: "unit" as const, toUnitId: one.id, toName: null },
      words: t("capacity.switch.to.unit", {
        unit: `${inWords(one.department, language)} ${inWords(one.name, language)} (${one.free})`,
      }),
    })),
    {
      key: "home",
      goes: { destination: "home", toUnitId: null, toName: null },
      words: t("capacity.switch.to.home"),
    },
    ...hospitals.map((one) => ({
      key: `hospital:${one.name.zh}`,
      goes: { destination: "other-hospital" as const, toUnitId: null, toName: one.name.zh },
      words: t("capacity.switch.to.hospital", { name: inWords(one.name, language) }),
    })),
    {
      key: `hospital:${outside}`,
      goes: { destination: "other-hospital", toUnitId: null, toName: outside },
      words: outside,
    },
  ];
  const current = keyOf(value);
  return (
    <SelectField
      label={label}
      value={options.some((one) => one.key === current) ? current : "home"}
      onChange={(event) => {
        const found = options.find((one) => one.key === event.target.value);
        if (found) onChange(found.goes);
      }}
    >
      {options.map((one) => (
        <option key={one.key} value={one.key}>
          {one.words}
        </option>
      ))}
    </SelectField>
  );
}
