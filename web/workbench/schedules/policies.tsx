import { useState } from "react";
import type {
  PolicyBody,
  PolicyNumbers,
  PolicyView,
} from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { undo } from "../../design/icons-work.ts";
import { type Translate, useText } from "../../i18n/i18n.ts";
import { usePolicies, useSchedulesChanged } from "./queries.ts";
import { minuteTime, plusDays, timeMinute } from "./words.ts";

type Field = keyof PolicyNumbers;
/** The numbers in the order in which a hospital decides them, with their limits. */
const groups: readonly {
  key: "release" | "kept" | "visit" | "absent" | "back";
  fields: readonly (readonly [field: Field, min: number, max: number])[];
}[] = [
  {
    key: "release",
    fields: [
      ["releaseDaysAhead", 0, 180],
      ["releaseMinute", 0, 1439],
      ["waitingRoomMinutes", 0, 60],
    ],
  },
  {
    key: "kept",
    fields: [
      ["priorityPercent", 0, 100],
      ["priorityLeadDays", 0, 30],
      ["priorityReturnHours", 0, 720],
      ["hotlinePercent", 0, 100],
    ],
  },
  {
    key: "visit",
    fields: [
      ["holdMinutes", 1, 60],
      ["checkInMinutesBefore", 0, 480],
      ["lateMinutes", 0, 240],
      ["requeueAfter", 0, 20],
      ["patientsPerPhone", 1, 20],
    ],
  },
  {
    key: "absent",
    fields: [
      ["noShowLimit", 1, 50],
      ["noShowWindowDays", 1, 730],
      ["noShowBlockDays", 0, 730],
    ],
  },
  {
    key: "back",
    fields: [
      ["returnMinSeconds", 0, 3600],
      ["returnMaxSeconds", 0, 3600],
      ["offerMinutes", 5, 1440],
      ["offerEndsBeforeMinutes", 0, 1440],
    ],
  },
];
const allFields = groups.flatMap((group) => group.fields.map(([field]) => field));

/** The institution's own rules with their dates: a new version never changes days that have passed. */
export function Policies({ today }: { today: string }) {
  const t = useText();
  const policies = usePolicies();
  if (policies.isPending) return <Skeleton lines={8} />;
  if (!policies.data)
    return <ProblemNotice error={policies.error} retry={() => void policies.refetch()} />;
  const list = policies.data.policies;
  return (
    <>
      <header>
        <h1>{t("schedules.policy.title")}</h1>
        <p className="muted">{t("schedules.policy.how")}</p>
      </header>
      <Card title={t("schedules.policy.versions")}>
        <Versions list={list} />
      </Card>
      <PolicyForm
        key={list[0]?.validFrom}
        start={list.find((one) => one.coming) ?? list.find((one) => one.current) ?? list[0]}
        today={today}
      />
    </>
  );
}

function Versions({ list }: { list: readonly PolicyView[] }) {
  const t = useText();
  const changed = useSchedulesChanged();
  const remove = useWrite((day: string, key) => api.delete(`/api/schedules/policies/${day}`, key), {
    onDone: () => changed(),
  });
  if (list.length === 0) return <p>{t("schedules.policy.none")}</p>;
  return (
    <>
      <ul className="schedules-exceptions">
        {list.map((one, index) => (
          <li key={one.validFrom} className="row">
            <span className="strong figure">
              {t("schedules.policy.from", { day: one.validFrom })}
            </span>
            <Status tone={one.current ? "good" : one.coming ? "info" : "quiet"}>
              {t(
                `schedules.policy.${one.current ? "current" : one.coming ? "coming" : "over"}` as const,
              )}
            </Status>
            <span className="grow small">{changesOf(one, list[index + 1], t)}</span>
            {one.coming ? (
              <Button
                look="quiet"
                icon={undo}
                aria-label={t("schedules.policy.removeDay", { day: one.validFrom })}
                onClick={() => remove.mutate(one.validFrom)}
              >
                {t("schedules.exception.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <ProblemNotice error={remove.error} />
    </>
  );
}

/** What a version changed against the one before. */
function changesOf(one: PolicyView, before: PolicyView | undefined, t: Translate): string {
  if (!before) return t("schedules.policy.first");
  const changes = allFields
    .filter((field) => one[field] !== before[field])
    .map(
      (field) =>
        `${t(`schedules.policy.field.${field}`)} ${shown(field, before[field])} → ${shown(field, one[field])}`,
    );
  return changes.length > 0 ? changes.join(t("common.listSeparator")) : t("schedules.policy.same");
}

function shown(field: Field, value: number): string {
  return field === "releaseMinute" ? minuteTime(value) : String(value);
}

function PolicyForm({ start, today }: { start: PolicyView | undefined; today: string }) {
  const t = useText();
  const changed = useSchedulesChanged();
  const [validFrom, setValidFrom] = useState(plusDays(today, 1));
  const [texts, setTexts] = useState<Record<Field, string>>(
    () =>
      Object.fromEntries(
        allFields.map((field) => [field, start ? shown(field, start[field]) : ""]),
      ) as Record<Field, string>,
  );
  const save = useWrite((body: PolicyBody, key) => api.post("/api/schedules/policies", body, key), {
    onDone: () => changed(),
  });
  const numbers = Object.fromEntries(
    allFields.map((field) => [
      field,
      field === "releaseMinute" ? (timeMinute(texts[field]) ?? -1) : Number(texts[field]),
    ]),
  ) as PolicyNumbers;
  const tooMuch = numbers.priorityPercent + numbers.hotlinePercent > 100;
  const turned = numbers.returnMinSeconds > numbers.returnMaxSeconds;
  const errors: Partial<Record<Field, string>> = {
    ...(tooMuch ? { hotlinePercent: t("schedules.policy.tooMuch") } : {}),
    ...(turned ? { returnMaxSeconds: t("schedules.policy.turned") } : {}),
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!tooMuch && !turned && !save.isPending) save.mutate({ ...numbers, validFrom });
      }}
    >
      <h2>{t("schedules.policy.new")}</h2>
      {groups.map((group) => (
        <Card key={group.key} title={t(`schedules.policy.group.${group.key}`)}>
          <div className="schedules-numbers">
            {group.fields.map(([field, min, max]) => (
              <TextField
                key={field}
                label={t(`schedules.policy.field.${field}`)}
                hint={t(`schedules.policy.unit.${field}`)}
                error={errors[field]}
                required
                {...(field === "releaseMinute"
                  ? { type: "time" }
                  : { type: "number", inputMode: "numeric" as const, min, max, step: 1 })}
                value={texts[field]}
                onChange={(event) => setTexts({ ...texts, [field]: event.target.value })}
              />
            ))}
          </div>
        </Card>
      ))}
      <TextField
        label={t("schedules.policy.validFrom")}
        hint={t("schedules.policy.validFromHint")}
        type="date"
        required
        min={today}
        value={validFrom}
        onChange={(event) => setValidFrom(event.target.value)}
      />
      <ProblemNotice error={save.error} />
      <Button type="submit" look="primary" className="align-start" busy={save.isPending}>
        {t("schedules.policy.save", { day: validFrom })}
      </Button>
    </form>
  );
}
