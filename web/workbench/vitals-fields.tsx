import type { ConsultContent } from "../../server/consult/contract.ts";
import { CheckField, TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";

type Values = NonNullable<ConsultContent["vitals"]>;
type NumberName = Exclude<keyof Values, "onOxygen" | "consciousness" | "measuredAt">;

const fields: readonly {
  name: NumberName;
  unit: string;
  min: number;
  max: number;
  step: number;
}[] = [
  { name: "temperatureCelsius", unit: "℃", min: 25, max: 45, step: 0.1 },
  { name: "systolicMmHg", unit: "mmHg", min: 30, max: 320, step: 1 },
  { name: "diastolicMmHg", unit: "mmHg", min: 10, max: 220, step: 1 },
  { name: "pulsePerMinute", unit: "/min", min: 0, max: 350, step: 1 },
  { name: "breathsPerMinute", unit: "/min", min: 0, max: 120, step: 1 },
  { name: "spo2Percent", unit: "%", min: 20, max: 100, step: 1 },
  { name: "weightKg", unit: "kg", min: 0.3, max: 400, step: 0.1 },
  { name: "heightCm", unit: "cm", min: 20, max: 250, step: 0.5 },
  { name: "altitudeMetres", unit: "m", min: -200, max: 6000, step: 1 },
];

/** Measurements with their units; the altitude of the place is filled in, because ranges follow it. */
export function VitalsFields({
  value,
  altitudeMetres,
  institution,
  error,
  onChange,
}: {
  value: Values;
  altitudeMetres: number;
  institution: string;
  error?: string;
  onChange: (value: Values) => void;
}) {
  const t = useText();
  const set = (change: Partial<Values>) => onChange({ altitudeMetres, ...value, ...change });
  return (
    <div className="field" id="request-vitals" tabIndex={-1} data-invalid={error ? "" : undefined}>
      {error ? <p className="field-error">{error}</p> : null}
      <div className="number-fields">
        {fields.map(({ name, unit, min, max, step }) => {
          const given = value[name] ?? (name === "altitudeMetres" ? altitudeMetres : null);
          const outside = given !== null && given !== undefined && (given < min || given > max);
          return (
            <TextField
              key={name}
              label={`${t(`consult.vitals.${name}`)} (${unit})`}
              type="number"
              inputMode="decimal"
              min={min}
              max={max}
              step={step}
              value={given ?? ""}
              error={outside ? t("workbench.vitals.outside", { min, max }) : undefined}
              onChange={(event) =>
                set({ [name]: event.target.value === "" ? null : Number(event.target.value) })
              }
            />
          );
        })}
        <TextField
          label={t("consult.vitals.consciousness")}
          value={value.consciousness ?? ""}
          onChange={(event) => set({ consciousness: event.target.value || null })}
        />
      </div>
      <CheckField
        label={t("consult.vitals.onOxygen")}
        checked={value.onOxygen ?? false}
        onChange={(event) => set({ onOxygen: event.target.checked })}
      />
      <p className="field-source">
        {t("workbench.vitals.altitudeFrom", { institution, metres: altitudeMetres })}
      </p>
    </div>
  );
}
