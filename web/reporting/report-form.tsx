import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { PersonLine } from "../consult/person-line.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { PatientSearch } from "../workbench/patient-search.tsx";
import { useCreateReport } from "./queries.ts";
import { ReportFields } from "./report-fields.tsx";
import { useSubject } from "./subject.ts";

/** Report a case to the own public-health department. */
export function ReportForm({ back }: { back: ReactNode }) {
  const t = useText();
  const [, go] = useLocation();
  const { consultId, consult, subject, pick } = useSubject();
  const create = useCreateReport((report) => go(`/reporting/case/${report.id}`));
  return (
    <main id="main" className="bench-main bench-wide">
      {back}
      <header>
        <h1>{t("reporting.case.title")}</h1>
        <p className="muted">{t("reporting.case.how")}</p>
      </header>
      <ProblemNotice error={consult.error} retry={() => void consult.refetch()} />
      {consultId && consult.isPending ? <Skeleton lines={4} /> : null}
      {!consultId && !subject ? (
        <PatientSearch
          action={t("reporting.pick")}
          hint={t("reporting.patientHint")}
          onPick={pick}
        />
      ) : null}
      {subject ? (
        <>
          <PersonLine person={subject} level={2} />
          <ReportFields
            key={subject.id}
            initial={{ currentAddress: subject.address }}
            submit={t("reporting.case.send")}
            busy={create.isPending}
            error={create.error}
            onSend={(content) => create.mutate({ patientId: subject.id, consultId, ...content })}
          />
        </>
      ) : null}
    </main>
  );
}
