import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PaperHolder } from "../../server/cards/contract.ts";
import type { PreferenceView } from "../../server/notices/contract.ts";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { FeverBlock } from "../hotline/fever-block.tsx";
import { Preference } from "../hotline/preference.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime, isoDate } from "../i18n/time.ts";
import { isPaperCode } from "../sampling/engine.ts";
import { type Schedule, type Stopped, useDelay, useStop, useWalkIn } from "./queries.ts";

/** What changes a clinic's day: somebody without an appointment, a late doctor, a stop. */
export function ClinicChanges({ schedule, day }: { schedule: Schedule; day: string }) {
  const t = useText();
  return (
    <>
      <Card title={t("clinic.place.title")}>
        <p className="clinic-code figure">{schedule.placeCode}</p>
        <p className="muted small">{t("clinic.place.how")}</p>
        <a
          className="link"
          href={`/screen/${schedule.id}${day === isoDate(Date.now()) ? "" : `?day=${day}`}`}
          target="_blank"
          rel="noreferrer"
        >
          {t("clinic.screen")}
        </a>
      </Card>
      {schedule.stopped ? null : (
        <>
          <WalkIn schedule={schedule} day={day} />
          <Delay schedule={schedule} day={day} />
        </>
      )}
      {/* Stays when the clinic is stopped: it holds the list of whom to call. */}
      <Stop schedule={schedule} day={day} />
    </>
  );
}

function WalkIn({ schedule, day }: { schedule: Schedule; day: string }) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [telling, setTelling] = useState<string | null>(null);
  const asked = typed.trim();
  const found = useQuery({
    queryKey: ["patient", "search", asked],
    queryFn: ({ signal }) =>
      api.get<{ patients: PatientView[] }>(`/api/patients?q=${encodeURIComponent(asked)}`, signal),
    enabled: asked.length > 1 && !isPaperCode(asked),
  });
  const add = useWalkIn(day, () => setTyped(""));
  return (
    <Card title={t("clinic.walkIn.title")}>
      <TextField
        label={t("clinic.walkIn.who")}
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.data?.patients.length === 0 ? (
        <p className="muted small">{t("clinic.walkIn.nobody")}</p>
      ) : null}
      {isPaperCode(asked) ? (
        <PaperWalkIn
          key={asked}
          code={asked}
          busy={add.isPending}
          onPatient={(patientId) => add.mutate({ scheduleId: schedule.id, patientId })}
        />
      ) : null}
      <ul className="found">
        {(asked.length > 1 ? (found.data?.patients ?? []) : []).slice(0, 5).map((patient) => (
          <li key={patient.id} className="stack stack-2">
            <div className="row spread">
              <span>
                <strong>{nameOf(patient, t)}</strong>{" "}
                <span className="muted">{sexAndAge(patient, t)}</span>
              </span>
              <Button
                look="soft"
                busy={add.isPending}
                onClick={() => add.mutate({ scheduleId: schedule.id, patientId: patient.id })}
              >
                {t("clinic.walkIn.add")}
              </Button>
            </div>
            <FeverBlock patientId={patient.id} />
            <Button
              look="quiet"
              className="align-start"
              aria-expanded={telling === patient.id}
              onClick={() => setTelling(telling === patient.id ? null : patient.id)}
            >
              {t("hotline.preference.title")}
            </Button>
            {telling === patient.id ? <Telling patientId={patient.id} /> : null}
          </li>
        ))}
      </ul>
      <ProblemNotice error={found.error ?? add.error} />
    </Card>
  );
}

/** Somebody with a paper code: whose it is, to be compared with the identity card; then he is taken in. */
function PaperWalkIn({
  code,
  busy,
  onPatient,
}: {
  code: string;
  busy: boolean;
  onPatient: (patientId: string) => void;
}) {
  const t = useText();
  const holder = useQuery({
    queryKey: ["paper-code", "check", code],
    retry: 0,
    queryFn: () => api.post<PaperHolder>("/api/paper-codes/check", { code }),
  });
  const admit = useWrite(
    (body: { code: string }, key) =>
      api.post<{ patientId: string }>("/api/paper-codes/admit", body, key),
    { onDone: ({ patientId }) => onPatient(patientId) },
  );
  return (
    <>
      <ProblemNotice error={holder.error ?? admit.error} />
      {holder.data ? (
        <div className="stack stack-2">
          <p>
            <strong>{holder.data.nameMasked}</strong>{" "}
            <span className="figure">{holder.data.idLastFour ?? ""}</span>
          </p>
          <p className="muted small">{t("clinic.walkIn.compare")}</p>
          <Button busy={busy || admit.isPending} onClick={() => admit.mutate({ code })}>
            {t("clinic.walkIn.add")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** How this person is told of changes, in the form that the hotline has too. */
function Telling({ patientId }: { patientId: string }) {
  const preference = useQuery({
    queryKey: ["notice-preference", patientId],
    queryFn: ({ signal }) =>
      api.get<PreferenceView>(`/api/patients/${patientId}/notice-preference`, signal),
  });
  if (preference.error)
    return <ProblemNotice error={preference.error} retry={() => void preference.refetch()} />;
  return preference.data ? <Preference patientId={patientId} preference={preference.data} /> : null;
}

function Delay({ schedule, day }: { schedule: Schedule; day: string }) {
  const t = useText();
  const [minutes, setMinutes] = useState(String(schedule.delayMinutes || 30));
  const delay = useDelay(day, () => {});
  const send = (value: number) => delay.mutate({ scheduleId: schedule.id, minutes: value });
  return (
    <Card title={t("clinic.delay.title")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          send(Number(minutes));
        }}
      >
        <TextField
          label={t("clinic.delay.minutes")}
          hint={t("clinic.delay.how")}
          type="number"
          min={0}
          max={480}
          required
          value={minutes}
          onChange={(event) => setMinutes(event.target.value)}
        />
        <div className="row">
          <Button type="submit" busy={delay.isPending}>
            {t("clinic.delay.send")}
          </Button>
          {schedule.delayMinutes > 0 ? (
            <Button look="quiet" onClick={() => send(0)}>
              {t("clinic.delay.over")}
            </Button>
          ) : null}
        </div>
      </form>
      {delay.data ? (
        <p role="status" className="muted small">
          {t("clinic.told", { count: delay.data.told })}
        </p>
      ) : null}
      <ProblemNotice error={delay.error} />
    </Card>
  );
}

function Stop({ schedule, day }: { schedule: Schedule; day: string }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const [result, setResult] = useState<Stopped | null>(null);
  const stop = useStop(day, setResult);
  if (schedule.stopped && !result) return null;
  return (
    <Card title={t("clinic.stop.title")}>
      {schedule.stopped ? null : asking ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            stop.mutate({ scheduleId: schedule.id, reason });
          }}
        >
          <TextArea
            label={t("clinic.stop.reason")}
            hint={t("clinic.stop.how")}
            rows={2}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <div className="row">
            <Button look="danger" type="submit" busy={stop.isPending}>
              {t("clinic.stop.send")}
            </Button>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t("common.cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <Button onClick={() => setAsking(true)}>{t("clinic.stop.open")}</Button>
      )}
      {result ? (
        <Notice tone="warn" title={t("clinic.told", { count: result.told })}>
          {result.byTelephone.length > 0 ? (
            <>
              {t("clinic.stop.call")}
              <ul>
                {result.byTelephone.map((one) => (
                  <li key={one.appointmentId}>
                    {one.name} {clockTime(one.startsAt)} {one.phone}
                  </li>
                ))}
              </ul>
            </>
          ) : null}
        </Notice>
      ) : null}
      <ProblemNotice error={stop.error} />
    </Card>
  );
}
