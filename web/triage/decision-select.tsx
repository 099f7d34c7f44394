import type { TriageOutcome, TriageUrgency } from "../../server/triage/outcomes.ts";
import { SelectField } from "../design/components/field.tsx";
import { type MessageId, type Translate, useText } from "../i18n/i18n.ts";

export type Decision = { outcome: TriageOutcome; urgency: TriageUrgency };
/** Every place with the times that go with it, the most cautious first. */
const decisions: readonly Decision[] = [
  { outcome: "emergency", urgency: "emergency" },
  { outcome: "fever-clinic", urgency: "urgent" },
  { outcome: "specialist-slot", urgency: "urgent" },
  { outcome: "specialist-slot", urgency: "routine" },
  { outcome: "remote-consult", urgency: "urgent" },
  { outcome: "remote-consult", urgency: "routine" },
  { outcome: "community-visit", urgency: "urgent" },
  { outcome: "community-visit", urgency: "routine" },
  { outcome: "home-advice", urgency: "routine" },
];

export const decisionWords = ({ outcome, urgency }: Decision, t: Translate): string =>
  t(`triage.decision.${outcome}.${outcome === "fever-clinic" ? "urgent" : urgency}` as MessageId);

/** Where to and how soon, as one choice. */
export function DecisionSelect({
  label,
  value,
  seenToday = false,
  onChange,
}: {
  label: string;
  value: Decision;
  /** Only what is seen today at the latest. */
  seenToday?: boolean;
  onChange: (value: Decision) => void;
}) {
  const t = useText();
  const key = (one: Decision) => `${one.outcome}.${one.urgency}`;
  return (
    <SelectField
      label={label}
      value={key(value)}
      onChange={(event) =>
        onChange(decisions.find((one) => key(one) === event.target.value) ?? value)
      }
    >
      {decisions
        .filter((one) => !seenToday || one.urgency !== "routine")
        .map((one) => (
          <option key={key(one)} value={key(one)}>
            {decisionWords(one, t)}
          </option>
        ))}
    </SelectField>
  );
}
