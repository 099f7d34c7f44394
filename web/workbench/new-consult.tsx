import { useState } from "react";
import { useLocation } from "wouter";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { useConsultAnswer } from "../consult/queries.ts";
import { usePatientSearch } from "../consult/use-patient-search.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { arrow, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { PatientForm } from "./patient-form.tsx";

/** First the person: found by name, ID or phone, else registered; then the request begins. */
export function NewConsult({ session }: { session: StaffView }) {
  const t = useText();
  const [, go] = useLocation();
  const { typed, setTyped, found } = usePatientSearch();
  const [registering, setRegistering] = useState(false);
  const answer = useConsultAnswer();
  const begin = useWrite(
    (patientId: string, key) =>
      api.post<ConsultDetail>("/api/consults", { patientId, content: {} }, key),
    {
      onDone: (detail) => {
        answer(detail);
        go(`/mine/${detail.id}`);
      },
    },
  );
  return (
    <main id="main" className="page-narrow">
      <header>
        <h1>{t("workbench.new.title")}</h1>
        <p className="muted">{t("workbench.new.how", { institution: session.institution.name })}</p>
      </header>
      <TextField
        label={t("workbench.new.search")}
        hint={t("workbench.new.searchHint")}
        type="search"
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.isFetching && !found.data ? <Skeleton lines={3} /> : null}
      <ProblemNotice
        error={found.error ?? begin.error}
        retry={found.error ? () => void found.refetch() : undefined}
      />
      {found.data ? (
        <Card title={t("workbench.new.found", { count: found.data.patients.length })}>
          {found.data.patients.length === 0 ? (
            <p className="muted">{t("workbench.new.nobody")}</p>
          ) : null}
          <ul className="found">
            {found.data.patients.map((patient) => (
              <li key={patient.id} className="row spread">
                <span>
                  <strong>{nameOf(patient, t)}</strong>{" "}
                  {patient.fullName && patient.fullNameBo ? (
                    <span lang="bo" className="muted">
                      {patient.fullNameBo}
                    </span>
                  ) : null}{" "}
                  <span className="muted">
                    {sexAndAge(patient, t)} {patient.residentIdMasked}{" "}
                    {patient.contacts[0]?.phoneMasked}
                  </span>
                </span>
                <Button
                  look="soft"
                  icon={arrow}
                  busy={begin.isPending}
                  onClick={() => begin.mutate(patient.id)}
                >
                  {t("workbench.new.begin")}
                </Button>
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      {registering ? (
        <PatientForm
          session={session}
          onRegistered={(patient) => begin.mutate(patient.id)}
          onCancel={() => setRegistering(false)}
          initialName={typed}
        />
      ) : (
        <Button icon={plus} className="align-start" onClick={() => setRegistering(true)}>
          {t("workbench.new.register")}
        </Button>
      )}
    </main>
  );
}
