import type { PriorityReason } from "../../../server/sampling/domain.ts";
import type { PatientView } from "../../api/session.ts";
import { CheckField, SelectField } from "../../design/components/field.tsx";
import { useText } from "../../i18n/i18n.ts";

export type Chosen = Record<string, { priority: PriorityReason | null }>;
const reasons = ["elder", "pregnant", "disabled", "child"] as const;

/** Who comes: several at once, each with what lets him go first. */
export function ChoosePeople({
  session,
  chosen,
  onChange,
  lanes,
}: {
  session: PatientView | null;
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
  lanes: boolean;
}) {
  const t = useText();
  return (
    <fieldset className="test-people">
      <legend className="visually-hidden">{t("patient.test.who")}</legend>
      {session?.patients.map((one) => {
        const own = chosen[one.id];
        return (
          <div key={one.id} className="test-person">
            <CheckField
              label={one.name}
              checked={own !== undefined}
              onChange={(event) => {
                const { [one.id]: _, ...rest } = chosen;
                onChange(event.target.checked ? { ...rest, [one.id]: { priority: null } } : rest);
              }}
            />
            {own && lanes ? (
              <SelectField
                label={t("patient.test.laneOf", { name: one.name })}
                value={own.priority ?? ""}
                onChange={(event) =>
                  onChange({
                    ...chosen,
                    [one.id]: { priority: (event.target.value || null) as PriorityReason | null },
                  })
                }
              >
                <option value="">{t("patient.test.priority.none")}</option>
                {reasons.map((reason) => (
                  <option key={reason} value={reason}>
                    {t(`patient.test.priority.${reason}`)}
                  </option>
                ))}
              </SelectField>
            ) : null}
          </div>
        );
      })}
    </fieldset>
  );
}
