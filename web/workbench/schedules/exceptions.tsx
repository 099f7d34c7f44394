import { useState } from "react";
import type { ExceptionBody, ScheduleDetail } from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { Status } from "../../design/components/status.tsx";
import { undo } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { useSchedulesChanged } from "./queries.ts";
import { weekdayOf, weekdayWord } from "./words.ts";

/** Days that differ from the week: closed, or with another capacity; also a holiday that is worked. */
export function Exceptions({ detail }: { detail: ScheduleDetail }) {
  const t = useText();
  const changed = useSchedulesChanged();
  const { schedule, today } = detail;
  const [day, setDay] = useState("");
  const [what, setWhat] = useState<"closed" | "capacity">("closed");
  const [capacity, setCapacity] = useState("");
  const [reason, setReason] = useState("");
  const save = useWrite(
    ({ on, body }: { on: string; body: ExceptionBody }, key) =>
      api.put(`/api/schedules/${schedule.id}/exceptions/${on}`, body, key),
    {
      onDone: async () => {
        await changed();
        setDay("");
        setReason("");
        setCapacity("");
      },
    },
  );
  const remove = useWrite(
    (on: string, key) => api.delete(`/api/schedules/${schedule.id}/exceptions/${on}`, key),
    { onDone: () => changed() },
  );
  return (
    <Card title={t("schedules.exception.title")}>
      <p className="muted">{t("schedules.exception.how")}</p>
      {detail.exceptions.length > 0 ? (
        <ul className="schedules-exceptions">
          {detail.exceptions.map((one) => (
            <li key={one.day} className="row">
              <span className="strong figure">
                {one.day} {weekdayWord(weekdayOf(one.day), t)}
              </span>
              <Status tone={one.closed ? "warn" : "info"}>
                {one.closed
                  ? t("schedules.exception.closed")
                  : t("schedules.exception.seats", { capacity: one.capacity })}
              </Status>
              <span className="grow">{one.reason}</span>
              <Button
                look="quiet"
                icon={undo}
                aria-label={t("schedules.exception.removeDay", { day: one.day })}
                onClick={() => remove.mutate(one.day)}
              >
                {t("schedules.exception.remove")}
              </Button>
              {one.open > 0 ? (
                <p className="warn-text small schedules-full">
                  {t("schedules.exception.open", { open: one.open })}
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      ) : (
        <p>{t("schedules.exception.none")}</p>
      )}
      <ProblemNotice error={remove.error} />
      <form
        className="stack schedules-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (save.isPending) return;
          save.mutate({
            on: day,
            body: {
              closed: what === "closed",
              capacity: what === "closed" ? null : Number(capacity),
              reason,
            },
          });
        }}
      >
        <div className="field-row">
          <TextField
            label={t("schedules.exception.day")}
            type="date"
            required
            min={today}
            value={day}
            onChange={(event) => setDay(event.target.value)}
          />
          <Segmented
            label={t("schedules.exception.what")}
            value={what}
            options={[
              { value: "closed", label: t("schedules.exception.closed") },
              { value: "capacity", label: t("schedules.exception.capacity") },
            ]}
            onChange={setWhat}
          />
          {what === "capacity" ? (
            <TextField
              label={t("schedules.week.capacity")}
              type="number"
              inputMode="numeric"
              min={1}
              max={500}
              required
              value={capacity}
              onChange={(event) => setCapacity(event.target.value)}
            />
          ) : null}
          <TextField
            label={t("schedules.exception.reason")}
            required
            maxLength={100}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
        <ProblemNotice error={save.error} />
        <Button type="submit" className="align-start" busy={save.isPending}>
          {t("schedules.exception.save")}
        </Button>
      </form>
    </Card>
  );
}
