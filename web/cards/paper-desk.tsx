import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PaperCodeView, PaperDesk } from "../../server/cards/contract.ts";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { usePatientSearch } from "../consult/use-patient-search.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { print } from "../design/icons.ts";
import { arrow } from "../design/icons-work.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { PaperCard } from "./paper-card.tsx";
import { PrintResult } from "./print-result.tsx";
import "./paper-desk.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/paperDesk/zh-CN"),
  bo: () => import("virtual:messages/paperDesk/bo"),
  en: () => import("virtual:messages/paperDesk/en"),
});

/** Window, helper, community: find a person, see what he has, make a paper code and print it. */
export function PaperDeskPage() {
  const t = useText();
  const [patient, setPatient] = useState<PatientView | null>(null);
  return (
    <main id="main" className="paper-desk">
      <header className="no-print">
        <h1>{t("paperDesk.title")}</h1>
        <p className="muted">{t("paperDesk.intro")}</p>
        <p>
          <a href="/verify">{t("paperDesk.verify")}</a>
        </p>
      </header>
      {patient ? (
        <Desk key={patient.id} patient={patient} onOther={() => setPatient(null)} />
      ) : (
        <Find onPick={setPatient} />
      )}
    </main>
  );
}

function Find({ onPick }: { onPick: (patient: PatientView) => void }) {
  const t = useText();
  const { typed, setTyped, found } = usePatientSearch();
  return (
    <Card>
      <TextField
        label={t("paperDesk.search")}
        type="search"
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.isFetching && !found.data ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data?.patients.length === 0 ? <p className="muted">{t("paperDesk.nobody")}</p> : null}
      <ul className="paper-found">
        {found.data?.patients.map((patient) => (
          <li key={patient.id} className="row spread">
            <span>
              <strong>{nameOf(patient, t)}</strong>{" "}
              <span className="muted">
                {sexAndAge(patient, t)} {patient.residentIdMasked}
              </span>
            </span>
            <Button look="soft" icon={arrow} onClick={() => onPick(patient)}>
              {t("paperDesk.pick")}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Desk({ patient, onOther }: { patient: PatientView; onOther: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const key = ["paper-code", patient.id];
  const desk = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<PaperDesk>(`/api/patients/${patient.id}/paper-code`, signal),
  });
  const [disabled, setDisabled] = useState(false);
  const [reason, setReason] = useState("");
  const [made, setMade] = useState<PaperCodeView | null>(null);
  const [ended, setEnded] = useState(false);
  const again = () => client.invalidateQueries({ queryKey: key });
  const issue = useWrite(
    (body: { patientId: string; disabled: boolean; overrideReason: string | null }, once) =>
      api.post<PaperCodeView>("/api/paper-codes", body, once),
    {
      onDone: (code) => {
        setMade(code);
        setEnded(false);
        return again();
      },
    },
  );
  const end = useWrite(
    (id: string, once) => api.post(`/api/paper-codes/${id}/revoke`, { reason: "lost" }, once),
    {
      onDone: () => {
        setMade(null);
        setEnded(true);
        return again();
      },
    },
  );
  const current = desk.data?.current ?? null;
  const byAge = desk.data?.reason ?? null;
  const entitled = byAge !== null || disabled || reason.trim() !== "";
  return (
    <>
      <section className="card no-print">
        <div className="row spread">
          <p>
            <strong className="paper-who">{nameOf(patient, t)}</strong>{" "}
            <span className="muted">
              {sexAndAge(patient, t)} {patient.residentIdMasked}
            </span>
          </p>
          <Button look="quiet" onClick={onOther}>
            {t("paperDesk.other")}
          </Button>
        </div>
        {desk.isPending ? <Skeleton lines={3} /> : null}
        <ProblemNotice error={desk.error} retry={() => void desk.refetch()} />
        {desk.data ? (
          <>
            <p>
              <Status tone={byAge ? "good" : "warn"}>
                {t(
                  `paperDesk.byAge.${byAge === "under-18" || byAge === "60-and-over" ? byAge : "none"}`,
                )}
              </Status>
            </p>
            <p className={current ? undefined : "muted"}>
              {!current
                ? t("paperDesk.none")
                : current.state === "valid"
                  ? t("paperDesk.current", {
                      time: isoDate(current.issuedAt),
                      until: isoDate(current.expiresAt),
                    })
                  : t("paperDesk.currentOver", { until: isoDate(current.expiresAt) })}
            </p>
            {byAge ? null : (
              <>
                <CheckField
                  label={t("paperDesk.disabled")}
                  checked={disabled}
                  onChange={(event) => setDisabled(event.target.checked)}
                />
                <TextField
                  label={t("paperDesk.reason")}
                  hint={t("paperDesk.reasonHint")}
                  maxLength={300}
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                />
              </>
            )}
            <ProblemNotice error={issue.error ?? end.error} />
            <div className="row">
              <Button
                look={made ? "plain" : "primary"}
                disabled={!entitled}
                busy={issue.isPending}
                onClick={() =>
                  issue.mutate({
                    patientId: patient.id,
                    disabled,
                    overrideReason: reason.trim() || null,
                  })
                }
              >
                {t(current ? "paperDesk.reissue" : "paperDesk.issue")}
              </Button>
              {current ? (
                <Button
                  look="quiet"
                  className="bad-text"
                  busy={end.isPending}
                  onClick={() => end.mutate(current.id)}
                >
                  {t("paperDesk.lost")}
                </Button>
              ) : null}
            </div>
            {ended ? <Notice tone="good">{t("paperDesk.lostDone")}</Notice> : null}
          </>
        ) : null}
      </section>
      {made ? (
        <>
          <div className="no-print">
            <Notice
              tone="good"
              action={
                <Button look="primary" icon={print} onClick={() => globalThis.print()}>
                  {t("paperDesk.print")}
                </Button>
              }
            >
              {t("paperDesk.done")}
            </Notice>
          </div>
          <PaperCard code={made} />
        </>
      ) : (
        <PrintResult patientId={patient.id} />
      )}
    </>
  );
}
