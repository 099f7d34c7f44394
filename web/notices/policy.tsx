import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { NoticePolicyList } from "../../server/notices/centre-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { minuteOf, wallTime } from "./minutes.ts";

const queryKey = ["notice", "policy"];
const numbers = {
  keptDays: [30, 3650],
  worseMinutes: [5, 240],
  silentHours: [1, 48],
  silentMinutes: [15, 1440],
} as const;
type NumberField = keyof typeof numbers;
const fields = Object.keys(numbers) as NumberField[];
type Numbers = NoticePolicyList["defaults"];

/** How the own house is told of what can wait: dated rows that stand, for whoever directs the house. */
export function Policy() {
  const t = useText();
  const found = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.get<NoticePolicyList>("/api/policies/notices", signal),
  });
  const words = (one: Numbers) =>
    t("notices.policy.summary", {
      times: one.digestMinutes.map(wallTime).join(t("common.listSeparator")),
      from: wallTime(one.quietFromMinute),
      to: wallTime(one.quietToMinute),
      days: one.keptDays,
      worse: one.worseMinutes,
      hours: one.silentHours,
      minutes: one.silentMinutes,
    });
  return (
    <Card title={t("notices.policy.title")}>
      <p className="muted">{t("notices.policy.how")}</p>
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data ? (
        <>
          <ul className="notices-list">
            {found.data.rows.map((one) => (
              <li key={one.id} className="notice-line">
                <span>
                  <span className="strong figure">
                    {t("notices.policy.from", { day: one.validFrom })}
                  </span>
                  <br />
                  <span className="small">{words(one)}</span>
                </span>
              </li>
            ))}
            <li className="notice-line">
              <span>
                <span className="strong">{t("notices.policy.defaults")}</span>
                <br />
                <span className="small">{words(found.data.defaults)}</span>
              </span>
            </li>
          </ul>
          <NewPolicy list={found.data} />
        </>
      ) : null}
    </Card>
  );
}

function NewPolicy({ list }: { list: NoticePolicyList }) {
  const t = useText();
  const client = useQueryClient();
  const start = list.rows[0] ?? list.defaults;
  const [validFrom, setValidFrom] = useState("");
  const [times, setTimes] = useState(start.digestMinutes.map(wallTime).join(" "));
  const [from, setFrom] = useState(wallTime(start.quietFromMinute));
  const [to, setTo] = useState(wallTime(start.quietToMinute));
  const [values, setValues] = useState<Record<NumberField, string>>(
    () =>
      Object.fromEntries(fields.map((field) => [field, String(start[field])])) as Record<
        NumberField,
        string
      >,
  );
  const [source, setSource] = useState("");
  const enter = useWrite(
    (body: object, key) => api.post<NoticePolicyList>("/api/policies/notices", body, key),
    {
      onDone: (answer) => {
        client.setQueryData(queryKey, answer);
        setValidFrom("");
        setSource("");
      },
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate({
      validFrom,
      digestMinutes: times
        .split(/[\s,，、]+/)
        .filter(Boolean)
        .map(minuteOf),
      quietFromMinute: minuteOf(from),
      quietToMinute: minuteOf(to),
      ...(Object.fromEntries(fields.map((field) => [field, Number(values[field])])) as Record<
        NumberField,
        number
      >),
      source: source.trim(),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h3>{t("notices.policy.new")}</h3>
      <TextField
        label={t("notices.policy.validFrom")}
        type="date"
        min={list.today}
        required
        value={validFrom}
        onChange={(event) => setValidFrom(event.target.value)}
      />
      <TextField
        label={t("notices.policy.times")}
        hint={t("notices.policy.timesHow")}
        required
        maxLength={60}
        pattern="\s*([01]?\d|2[0-3]):[0-5]\d([\s,，、]+([01]?\d|2[0-3]):[0-5]\d){0,7}\s*"
        value={times}
        onChange={(event) => setTimes(event.target.value)}
      />
      <div className="notices-times">
        <TextField
          label={t("notices.policy.quietFrom")}
          type="time"
          required
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label={t("notices.policy.quietTo")}
          type="time"
          required
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      {fields.map((field) => (
        <TextField
          key={field}
          label={t(`notices.policy.${field}`)}
          type="number"
          min={numbers[field][0]}
          max={numbers[field][1]}
          required
          value={values[field]}
          onChange={(event) => setValues({ ...values, [field]: event.target.value })}
        />
      ))}
      <TextField
        label={t("notices.policy.source")}
        required
        maxLength={200}
        value={source}
        onChange={(event) => setSource(event.target.value)}
      />
      <ProblemNotice error={enter.error} />
      {enter.isSuccess ? <Notice tone="good" title={t("notices.policy.saved")} /> : null}
      <div className="row">
        <Button type="submit" look="soft" busy={enter.isPending}>
          {t("notices.policy.save")}
        </Button>
      </div>
    </form>
  );
}
