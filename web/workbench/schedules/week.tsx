import { useState } from "react";
import type { ScheduleDetail, WeekBody } from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { SelectField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { close, pen, plus } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { useSchedulesChanged } from "./queries.ts";
import { minuteTime, plusDays, timeMinute, weekdays, weekdayWord } from "./words.ts";

type Rule = WeekBody["rules"][number];

/** The week that counts, those to come, and a new one from a day on. */
export function WeekCard({ detail }: { detail: ScheduleDetail }) {
  const t = useText();
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={t("schedules.week.title")}
      aside={
        <Button icon={pen} aria-expanded={editing} onClick={() => setEditing(!editing)}>
          {t("schedules.week.change")}
        </Button>
      }
    >
      {detail.weeks.map((week) => (
        <div key={week.validFrom} className="stack stack-2">
          <h3 className="small muted">
            {t(week.coming ? "schedules.week.coming" : "schedules.week.since", {
              day: week.validFrom,
            })}
          </h3>
          {week.rules.length === 0 ? <p>{t("schedules.week.empty")}</p> : null}
          <ul className="schedules-week">
            {weekdays.map((weekday) => {
              const rules = week.rules.filter((one) => one.weekday === weekday);
              return (
                <li key={weekday} data-off={rules.length === 0 ? "" : undefined}>
                  <span className="strong">{weekdayWord(weekday, t)}</span>
                  {rules.length === 0 ? <span>–</span> : null}
                  {rules.map((rule) => (
                    <span key={rule.startMinute} className="figure small">
                      {minuteTime(rule.startMinute)}–{minuteTime(rule.endMinute)}
                      {rule.endMinute > 1440 ? ` ${t("schedules.week.nextDay")}` : ""}
                      <br />
                      <span className="muted">
                        {t("schedules.week.each", { capacity: rule.capacity })}
                      </span>
                    </span>
                  ))}
                </li>
              );
            })}
          </ul>
        </div>
      ))}
      {editing ? <WeekForm detail={detail} onDone={() => setEditing(false)} /> : null}
    </Card>
  );
}

type Line = { key: number; weekday: number; start: string; end: string; capacity: string };

function WeekForm({ detail, onDone }: { detail: ScheduleDetail; onDone: () => void }) {
  const t = useText();
  const changed = useSchedulesChanged();
  const { schedule, today } = detail;
  const [validFrom, setValidFrom] = useState(
    schedule.openUntil ? plusDays(schedule.openUntil, 1) : today,
  );
  const [lines, setLines] = useState<Line[]>(() =>
    (detail.weeks.at(-1)?.rules ?? []).map((rule, key) => ({
      key,
      weekday: rule.weekday,
      start: minuteTime(rule.startMinute),
      end: minuteTime(rule.endMinute),
      capacity: String(rule.capacity),
    })),
  );
  const save = useWrite(
    (body: WeekBody, key) => api.put(`/api/schedules/${schedule.id}/week`, body, key),
    {
      onDone: async () => {
        await changed();
        onDone();
      },
    },
  );
  const set = (key: number, change: Partial<Line>) =>
    setLines(lines.map((line) => (line.key === key ? { ...line, ...change } : line)));
  const add = () => {
    const last = lines.at(-1);
    const key = Math.max(0, ...lines.map((line) => line.key)) + 1;
    const weekday = last ? (last.weekday % 7) + 1 : 1;
    setLines([
      ...lines,
      last
        ? { ...last, key, weekday }
        : { key, weekday, start: "08:00", end: "11:30", capacity: "4" },
    ]);
  };
  const rules = lines.map(ruleOf).filter((rule) => rule !== null);
  const seats = rules.reduce(
    (sum, rule) =>
      sum +
      Math.floor((rule.endMinute - rule.startMinute) / schedule.segmentMinutes) * rule.capacity,
    0,
  );
  return (
    <form
      className="stack schedules-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (rules.length === lines.length && !save.isPending) save.mutate({ validFrom, rules });
      }}
    >
      <TextField
        label={t("schedules.week.validFrom")}
        hint={
          schedule.openUntil
            ? t("schedules.week.openHint", { day: schedule.openUntil })
            : t("schedules.week.validFromHint")
        }
        type="date"
        required
        min={today}
        value={validFrom}
        onChange={(event) => setValidFrom(event.target.value)}
      />
      <ul className="stack stack-2">
        {lines.map((line, index) => (
          <li key={line.key} className="schedules-line">
            <SelectField
              label={t("schedules.week.weekday")}
              value={line.weekday}
              onChange={(event) => set(line.key, { weekday: Number(event.target.value) })}
            >
              {weekdays.map((weekday) => (
                <option key={weekday} value={weekday}>
                  {weekdayWord(weekday, t)}
                </option>
              ))}
            </SelectField>
            <TextField
              label={t("schedules.week.start")}
              type="time"
              required
              value={line.start}
              onChange={(event) => set(line.key, { start: event.target.value })}
            />
            <TextField
              label={crosses(line) ? t("schedules.week.endNextDay") : t("schedules.week.end")}
              type="time"
              required
              value={line.end}
              onChange={(event) => set(line.key, { end: event.target.value })}
            />
            <TextField
              label={t("schedules.week.capacity")}
              type="number"
              inputMode="numeric"
              min={1}
              max={500}
              required
              value={line.capacity}
              onChange={(event) => set(line.key, { capacity: event.target.value })}
            />
            <Button
              look="quiet"
              icon={close}
              aria-label={t("schedules.week.removeLine", { line: index + 1 })}
              onClick={() => setLines(lines.filter((one) => one.key !== line.key))}
            >
              {t("schedules.week.remove")}
            </Button>
          </li>
        ))}
      </ul>
      <div className="row spread">
        <Button icon={plus} onClick={add}>
          {t("schedules.week.add")}
        </Button>
        <p className="muted figure" role="status">
          {t("schedules.week.sum", { seats })}
        </p>
      </div>
      <ProblemNotice error={save.error} />
      <Button type="submit" look="primary" className="align-start" busy={save.isPending}>
        {t("schedules.week.save", { day: validFrom })}
      </Button>
    </form>
  );
}

function crosses(line: Line): boolean {
  const [start, end] = [timeMinute(line.start), timeMinute(line.end)];
  return start !== null && end !== null && end <= start;
}

/** An end that is not after its start lies on the next day. */
function ruleOf(line: Line): Rule | null {
  const [start, end] = [timeMinute(line.start), timeMinute(line.end)];
  const capacity = Number(line.capacity);
  if (start === null || end === null || !Number.isInteger(capacity) || capacity < 1) return null;
  return {
    weekday: line.weekday,
    startMinute: start,
    endMinute: end <= start ? end + 1440 : end,
    capacity,
  };
}
