import { useState } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { remaining, useNow } from "../design/components/countdown.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useReceivers } from "../reporting/queries.ts";
import { useAlarm, useMeasure, type VisitView } from "./queries.ts";

type Reading = VisitView["readings"][number];
const oxygenTone: Record<NonNullable<Reading["judgement"]>, Tone> = {
  usual: "good",
  low: "warn",
  alarm: "bad",
  unjudged: "quiet",
};

/** Temperatures with the clock of the second one, saturations by the place where they were measured. */
export function Measurements({ visit, mayWrite }: { visit: VisitView; mayWrite: boolean }) {
  const t = useText();
  const now = useNow();
  const measure = useMeasure(visit.id);
  const [degrees, setDegrees] = useState("");
  const [percent, setPercent] = useState("");
  const [altitude, setAltitude] = useState("");
  const alarm = visit.readings.find(
    (one) => one.judgement === "alarm" && one.criticalValueId === null,
  );
  const wait = visit.repeatFrom ? Date.parse(visit.repeatFrom) - now : 0;
  return (
    <Card
      title={t("fever.temperature")}
      aside={
        visit.judgement === "repeat" ? (
          <Status tone="warn">
            {wait > 0 ? t("fever.repeatIn", { time: remaining(wait) }) : t("fever.repeatNow")}
          </Status>
        ) : (
          <Status
            tone={
              visit.judgement === "fever" ? "bad" : visit.judgement === "usual" ? "good" : "quiet"
            }
          >
            {t(`fever.judge.${visit.judgement}`)}
          </Status>
        )
      }
    >
      {alarm ? <Alarm visit={visit} reading={alarm} /> : null}
      <ul className="fever-readings">
        {visit.readings.map((one) => (
          <li key={one.id}>
            <span className="muted small figure">{clockTime(one.at)}</span>
            <strong className="figure fever-figure">
              {one.kind === "temperature" ? `${one.value.toFixed(1)}℃` : `${one.value}%`}
            </strong>
            <span className="muted small">
              {t(one.kind === "temperature" ? "fever.temperature" : "fever.spo2")} · {one.by}
            </span>
            {one.judgement ? (
              <Status tone={oxygenTone[one.judgement]}>
                {t(`fever.oxygen.${one.judgement}`, {
                  low: one.usual?.low ?? 0,
                  high: one.usual?.high ?? 0,
                })}
              </Status>
            ) : null}
            {one.criticalValueId ? (
              <Link
                href={`/reporting/value/${one.criticalValueId}`}
                className={buttonClass("quiet")}
              >
                {t("fever.alarm.sent")}
              </Link>
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <div className="fever-measure">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              measure.mutate(
                { kind: "temperature", value: Number(degrees) },
                { onSuccess: () => setDegrees("") },
              );
            }}
          >
            <TextField
              label={t("fever.degrees")}
              type="number"
              inputMode="decimal"
              step="0.1"
              min={33}
              max={43.5}
              required
              value={degrees}
              onChange={(event) => setDegrees(event.target.value)}
            />
            <Button type="submit" look="primary" busy={measure.isPending}>
              {visit.judgement === "repeat" ? t("fever.measuredAgain") : t("fever.measure")}
            </Button>
          </form>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              measure.mutate(
                {
                  kind: "spo2",
                  value: Number(percent),
                  altitudeMetres: altitude ? Number(altitude) : null,
                },
                {
                  onSuccess: () => {
                    setPercent("");
                    setAltitude("");
                  },
                },
              );
            }}
          >
            <TextField
              label={t("fever.percent")}
              type="number"
              inputMode="numeric"
              min={30}
              max={100}
              required
              value={percent}
              onChange={(event) => setPercent(event.target.value)}
            />
            <TextField
              label={t("fever.altitude")}
              type="number"
              inputMode="numeric"
              min={-500}
              max={9000}
              value={altitude}
              onChange={(event) => setAltitude(event.target.value)}
            />
            <Button type="submit" busy={measure.isPending}>
              {t("fever.measure")}
              <span className="visually-hidden"> {t("fever.spo2")}</span>
            </Button>
          </form>
        </div>
      ) : null}
      <ProblemNotice error={measure.error} />
    </Card>
  );
}

/** A critical value with a named receiver; nothing of it is typed again. */
function Alarm({ visit, reading }: { visit: VisitView; reading: Reading }) {
  const t = useText();
  const receivers = useReceivers(null);
  const raise = useAlarm(visit.id);
  const [to, setTo] = useState("");
  return (
    <Notice tone="bad" live={false} title={t("fever.alarm.title", { value: reading.value })}>
      <form
        className="row fever-alarm-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (to) raise.mutate({ measurementId: reading.id, receiverId: to });
        }}
      >
        <SelectField
          label={t("fever.alarm.to")}
          required
          value={to}
          onChange={(event) => setTo(event.target.value)}
        >
          <option value="">{t("fever.alarm.choose")}</option>
          {(receivers.data?.receivers ?? []).map((one) => (
            <option key={one.personId} value={one.personId}>
              {one.name} {one.title ?? ""}
            </option>
          ))}
        </SelectField>
        <Button look="danger" type="submit" busy={raise.isPending}>
          {t("fever.alarm.send")}
        </Button>
      </form>
      <ProblemNotice error={raise.error ?? receivers.error} />
    </Notice>
  );
}
