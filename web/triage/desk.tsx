import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearch } from "wouter";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { PatientSearch } from "../workbench/patient-search.tsx";
import { DeskForm } from "./desk-form.tsx";
import { type AssessmentView, useAsked, usePast } from "./desk-queries.ts";
import { DeskResult } from "./desk-result.tsx";

/** A patient at hand: danger signs, what was measured, and where to go. */
export function Desk({ session }: { session: StaffView }) {
  const t = useText();
  const wanted = new URLSearchParams(useSearch()).get("patient");
  const [id, setId] = useState<string | null>(wanted);
  return id ? (
    <AtHand key={id} id={id} session={session} onOther={() => setId(null)} />
  ) : (
    <PatientSearch action={t("triage.pick")} onPick={(patient) => setId(patient.id)} />
  );
}

function AtHand({ id, session, onOther }: { id: string; session: StaffView; onOther: () => void }) {
  const t = useText();
  const asked = useAsked(id);
  const past = usePast(id);
  const patient = useQuery({
    queryKey: ["patient", id],
    queryFn: ({ signal }) => api.get<PatientView>(`/api/patients/${id}`, signal),
  });
  const [result, setResult] = useState<AssessmentView | null>(null);
  const side = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow window the answer is below the form.
    if (result && innerWidth <= 900) side.current?.scrollIntoView();
  }, [result]);
  return (
    <>
      <section className="card row spread">
        <p className="triage-who">
          {patient.data ? (
            <>
              <strong>{nameOf(patient.data, t)}</strong>{" "}
              <span className="muted">{sexAndAge(patient.data, t)}</span>
            </>
          ) : null}
        </p>
        <Button look="quiet" onClick={onOther}>
          {t("triage.other")}
        </Button>
      </section>
      <ProblemNotice error={asked.error ?? patient.error} retry={() => void asked.refetch()} />
      {asked.isPending ? <Skeleton lines={8} /> : null}
      {asked.data ? (
        <div className="triage-two">
          <DeskForm
            asked={asked.data}
            patientId={id}
            onEdit={() => setResult(null)}
            onDone={setResult}
          />
          <aside ref={side} className="triage-side" aria-live="polite">
            {result ? (
              <DeskResult view={result} session={session} onChange={setResult} />
            ) : (
              <Card title={t("triage.result")}>
                <p className="muted">{t("triage.resultHow")}</p>
              </Card>
            )}
            {(past.data?.assessments.length ?? 0) > 0 && !result ? (
              <DeskResult
                view={past.data!.assessments[0]!}
                session={session}
                onChange={setResult}
                past
              />
            ) : null}
          </aside>
        </div>
      ) : null}
    </>
  );
}
