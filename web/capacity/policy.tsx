import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { type Policies, useNewPolicy, usePolicies } from "./queries.ts";

const fields = [
  ["holdHours", 1, 336],
  ["maxHoldHours", 1, 336],
  ["priorityPercent", 0, 100],
  ["bedsPerAbsence", 0, 50],
  ["averageStayDays", 1, 365],
  ["staleHours", 1, 168],
] as const;

/** The numbers of the house, from a day on; what was valid stays as it was. */
export function Policy() {
  const t = useText();
  const list = usePolicies();
  return (
    <Card title={t("capacity.policy.title")}>
      {list.isPending ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data ? (
        <>
          <ul className="capacity-lines">
            {list.data.policies.map((one) => (
              <li key={one.id}>
                {t("capacity.policy.from", {
                  day: one.validFrom,
                  hours: one.holdHours,
                  percent: one.priorityPercent,
                })}{" "}
                <span className="muted small">
                  {one.source} {one.enteredBy}
                </span>
              </li>
            ))}
          </ul>
          <PolicyForm current={list.data.current} />
        </>
      ) : null}
    </Card>
  );
}

const dayMs = 86_400_000;
function PolicyForm({ current }: { current: Policies["current"] }) {
  const t = useText();
  const [numbers, setNumbers] = useState<Record<string, string>>({});
  const [validFrom, setFrom] = useState(isoDate(Date.now() + dayMs));
  const [source, setSource] = useState("");
  const save = useNewPolicy(() => setNumbers({}));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({
      ...Object.fromEntries(fields.map(([name]) => [name, Number(numbers[name] ?? current[name])])),
      emergencyPurposes: ["infectious"],
      validFrom,
      source: source.trim(),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <div className="capacity-form">
        {fields.map(([name, min, max]) => (
          <TextField
            key={name}
            label={t(`capacity.policy.${name}`)}
            type="number"
            inputMode="numeric"
            min={min}
            max={max}
            required
            value={numbers[name] ?? String(current[name])}
            onChange={(event) => setNumbers({ ...numbers, [name]: event.target.value })}
          />
        ))}
        <TextField
          label={t("capacity.policy.validFrom")}
          type="date"
          required
          min={isoDate(Date.now())}
          value={validFrom}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label={t("capacity.policy.source")}
          required
          maxLength={200}
          value={source}
          onChange={(event) => setSource(event.target.value)}
        />
        <Button type="submit" busy={save.isPending}>
          {t("capacity.policy.save")}
        </Button>
      </div>
      <ProblemNotice error={save.error} />
    </form>
  );
}
