import type { RaiseCriticalValue } from "../../server/reporting/contract.ts";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { useReceivers } from "./queries.ts";

export type ReceiverChoice =
  | { by: "person"; person: { personId: string; institutionId: string } | null }
  | { by: "phone"; name: string; phone: string };

/** What goes out, or null while somebody or something is missing. */
export function receiverBody(choice: ReceiverChoice): RaiseCriticalValue["receiver"] | null {
  if (choice.by === "person") return choice.person;
  const [name, phone] = [choice.name.trim(), choice.phone.trim()];
  return name && phone ? { name, phone } : null;
}

/** A named person of the alliance, or a name and a telephone. */
export function ReceiverFields({
  consultId,
  except,
  choice,
  onChange,
  wrong,
}: {
  consultId: string | null;
  /** Who has it already. */
  except?: string | null;
  choice: ReceiverChoice;
  onChange: (choice: ReceiverChoice) => void;
  wrong: boolean;
}) {
  const t = useText();
  const receivers = useReceivers(consultId);
  const list = (receivers.data?.receivers ?? []).filter((one) => one.personId !== except);
  return (
    <>
      <ProblemNotice error={receivers.error} retry={() => void receivers.refetch()} />
      <Segmented
        label={t("reporting.receiver.how")}
        value={choice.by}
        options={[
          { value: "person", label: t("reporting.receiver.person") },
          { value: "phone", label: t("reporting.receiver.phone") },
        ]}
        onChange={(by) =>
          onChange(by === "person" ? { by, person: null } : { by, name: "", phone: "" })
        }
      />
      {choice.by === "person" ? (
        <SelectField
          id="receiver"
          label={t("reporting.receiver")}
          hint={t("reporting.receiver.hint")}
          value={choice.person ? `${choice.person.personId} ${choice.person.institutionId}` : ""}
          error={wrong && !choice.person ? t("reporting.receiver.missing") : undefined}
          onChange={(event) => {
            const [personId, institutionId] = event.target.value.split(" ");
            onChange({
              by: "person",
              person: personId && institutionId ? { personId, institutionId } : null,
            });
          }}
        >
          <option value="">{t("reporting.receiver.choose")}</option>
          {list.map((one) => (
            <option
              key={one.personId + one.institutionId}
              value={`${one.personId} ${one.institutionId}`}
            >
              {[one.name, one.title, one.institution].filter(Boolean).join(" · ")}
            </option>
          ))}
        </SelectField>
      ) : (
        <div className="field-row">
          <TextField
            id="receiver"
            label={t("reporting.receiver.name")}
            value={choice.name}
            error={wrong && choice.name.trim() === "" ? t("common.error.name") : undefined}
            onChange={(event) => onChange({ ...choice, name: event.target.value })}
          />
          <TextField
            label={t("reporting.receiver.number")}
            hint={t("reporting.receiver.numberHint")}
            type="tel"
            value={choice.phone}
            error={
              wrong && choice.phone.trim() === "" ? t("reporting.receiver.noNumber") : undefined
            }
            onChange={(event) => onChange({ ...choice, phone: event.target.value })}
          />
        </div>
      )}
    </>
  );
}
