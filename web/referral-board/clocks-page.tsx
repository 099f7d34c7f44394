import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { ClockBody, ClockList } from "../../server/referral/board-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { addWords, useText } from "../i18n/i18n.ts";
import "./board.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/referralClocks/zh-CN"),
  bo: () => import("virtual:messages/referralClocks/bo"),
  en: () => import("virtual:messages/referralClocks/en"),
});

const queryKey = ["referral-clocks"];
/** What may be entered at most; the server and the table have the same limits. */
const limits = {
  emergencyMinutes: 120,
  urgentMinutes: 1440,
  routineMinutes: 4800,
  headMinutes: 1440,
  administratorMinutes: 2880,
  holdHours: 96,
} as const;
type Field = keyof typeof limits;
const fields = Object.keys(limits) as Field[];
type Row = ClockList["rows"][number];

/** How soon the own house answers referrals, and who is told when it does not: dated rows that stand. */
export function ClocksPage() {
  const t = useText();
  const found = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.get<ClockList>("/api/referral-policy", signal),
  });
  return (
    <main id="main" className="referral-clocks">
      <header>
        <h1>{t("referralClocks.title")}</h1>
        <p className="muted">{t("referralClocks.how")}</p>
      </header>
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data ? (
        <>
          <Card title={t("referralClocks.rows")}>
            {found.data.rows.length === 0 ? <p>{t("referralClocks.none")}</p> : null}
            <ul>
              {found.data.rows.map((one) => (
                <ClockRow key={one.validFrom} row={one} defaults={found.data.defaults} />
              ))}
            </ul>
          </Card>
          <NewClocks list={found.data} />
        </>
      ) : null}
    </main>
  );
}

function ClockRow({ row, defaults }: { row: Row; defaults: ClockList["defaults"] }) {
  const t = useText();
  const value = (field: Field) => row[field] ?? defaults[field];
  return (
    <li>
      <strong className="figure">{t("referralClocks.from", { day: row.validFrom })}</strong>
      <Status tone={row.when === "current" ? "good" : row.when === "coming" ? "info" : "quiet"}>
        {t(`referralClocks.when.${row.when}`)}
      </Status>
      <span className="grow">
        {t("referralClocks.summary", {
          emergency: value("emergencyMinutes"),
          urgent: value("urgentMinutes"),
          routine: value("routineMinutes"),
          head: value("headMinutes"),
          administrator: value("administratorMinutes"),
          hold: value("holdHours"),
        })}
        <br />
        <span className="muted small">
          {row.dutyPhone ? `${row.dutyPhone} · ` : ""}
          <span lang="zh-CN">{row.source}</span>
        </span>
      </span>
    </li>
  );
}

function NewClocks({ list }: { list: ClockList }) {
  const t = useText();
  const client = useQueryClient();
  const start = list.rows[0];
  const [validFrom, setValidFrom] = useState("");
  const [numbers, setNumbers] = useState<Record<Field, string>>(
    () =>
      Object.fromEntries(
        fields.map((field) => [field, start?.[field] ? String(start[field]) : ""]),
      ) as Record<Field, string>,
  );
  const [dutyPhone, setDutyPhone] = useState(start?.dutyPhone ?? "");
  const [source, setSource] = useState("");
  const enter = useWrite(
    (body: ClockBody, key) => api.post<ClockList>("/api/referral-policy", body, key),
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
    const read = (field: Field) => (numbers[field] === "" ? null : Number(numbers[field]));
    enter.mutate({
      validFrom,
      emergencyMinutes: read("emergencyMinutes"),
      urgentMinutes: read("urgentMinutes"),
      routineMinutes: read("routineMinutes"),
      headMinutes: read("headMinutes"),
      administratorMinutes: read("administratorMinutes"),
      holdHours: read("holdHours"),
      dutyPhone: dutyPhone.trim() || null,
      source: source.trim(),
    });
  };
  return (
    <Card title={t("referralClocks.new")}>
      <form className="stack" onSubmit={submit}>
        <p className="muted">{t("referralClocks.newHow")}</p>
        <div className="referral-clock-fields">
          <TextField
            label={t("referralClocks.validFrom")}
            type="date"
            min={list.today}
            required
            value={validFrom}
            onChange={(event) => setValidFrom(event.target.value)}
          />
          {fields.map((field) => (
            <TextField
              key={field}
              label={t(`referralClocks.${field}`)}
              type="number"
              min={1}
              max={limits[field]}
              placeholder={String(list.defaults[field])}
              value={numbers[field]}
              onChange={(event) => setNumbers({ ...numbers, [field]: event.target.value })}
            />
          ))}
          <TextField
            label={t("referralClocks.dutyPhone")}
            hint={t("referralClocks.dutyPhoneHow")}
            type="tel"
            maxLength={20}
            value={dutyPhone}
            onChange={(event) => setDutyPhone(event.target.value)}
          />
        </div>
        <TextField
          label={t("referralClocks.source")}
          hint={t("referralClocks.sourceHow")}
          required
          maxLength={200}
          value={source}
          onChange={(event) => setSource(event.target.value)}
        />
        <ProblemNotice error={enter.error} />
        {enter.isSuccess ? (
          <Notice
            tone="good"
            title={t("referralClocks.saved", { day: enter.variables.validFrom })}
          />
        ) : null}
        <div className="row">
          <Button type="submit" look="primary" busy={enter.isPending}>
            {t("referralClocks.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
