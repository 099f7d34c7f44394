import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { z } from "zod";
import type { patientView } from "../../server/patients/contract.ts";
import type { possibleDuplicates } from "../../server/patients/join-contract.ts";
import { api } from "../api/client.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { buttonClass } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
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
      {person.data && person.data.id !== patientId ? (
        <Notice
          live={false}
          title={t("record.joined", { name: person.data.fullName ?? person.data.fullNameBo ?? "" })}
        />
      ) : null}
      <Alike patientId={patientId} />
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

/** Registrations that may be the same person: said where the record is read, joined by nobody here. */
function Alike({ patientId }: { patientId: string }) {
  const t = useText();
  const found = useQuery({
    queryKey: ["patient", patientId, "alike"],
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof possibleDuplicates>>(`/api/patients/${patientId}/duplicates`, signal),
    staleTime: 5 * 60_000,
  });
  if (!found.data || found.data.possible.length === 0) return null;
  return (
    <Notice live={false} tone="warn" title={t("record.alike")}>
      {found.data.possible.map((one) => (
        <p key={one.id}>
          {t("record.alikeWho", {
            name: one.fullName ?? one.fullNameBo ?? "",
            house: one.house.name,
            time: dateTime(one.registeredAt),
          })}
        </p>
      ))}
      <p>{t("record.alikeHow")}</p>
    </Notice>
  );
}
