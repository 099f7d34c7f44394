import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { z } from "zod";
import type { patientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { buttonClass } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { FederatedRecord } from "./federated-record.tsx";

export { wordsReady } from "./federated-record.tsx";

/** A patient's record on a page of its own. */
export function RecordPage({
  patientId,
  mayRefer = false,
}: {
  patientId: string;
  /** Whether the reader refers patients: a link begins one. */
  mayRefer?: boolean;
}) {
  const t = useText();
  const person = useQuery({
    queryKey: ["patient", patientId],
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof patientView>>(`/api/patients/${patientId}`, signal),
  });
  return (
    <main id="main" className="record-page stack">
      {person.data ? (
        <div className="row spread">
          <PersonLine person={person.data} />
          {mayRefer ? (
            <Link href={`/referrals/new?patient=${patientId}`} className={buttonClass("plain")}>
              {t("workbench.refer")}
            </Link>
          ) : null}
        </div>
      ) : null}
      {person.isPending ? <Skeleton lines={2} /> : null}
      {person.isError ? (
        <ProblemNotice error={person.error} retry={() => void person.refetch()} />
      ) : (
        <>
          <h2 className="record-page-title">{t("record.title")}</h2>
          <FederatedRecord key={patientId} patientId={patientId} />
        </>
      )}
    </main>
  );
}
