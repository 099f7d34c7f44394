import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { PersonLine } from "../consult/person-line.tsx";
import { Button, buttonClass } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { PatientSearch } from "../workbench/patient-search.tsx";
import { OpenAlready } from "./open-already.tsx";
import { type Known, useCreateReferral, useKnown } from "./queries.ts";

/**
 * Whom it is about, then the form begins with everything that is known. What is open already is shown
 * first, so that nobody is referred twice.
 */
export function NewReferral({ back }: { back: ReactNode }) {
  const t = useText();
  const [, go] = useLocation();
  const given = new URLSearchParams(useSearch());
  const patientId = given.get("patient");
  const choose = (id: string) => go(`/referrals/new?patient=${id}`, { replace: true });
  return (
    <main id="main" className="bench-main bench-wide">
      {back}
      <header>
        <h1>{t("referral.new.title")}</h1>
        <p className="muted">{t("referral.new.how")}</p>
      </header>
      {patientId ? (
        <Begin key={patientId} patientId={patientId} triageId={given.get("triage")} />
      ) : (
        <PatientSearch
          action={t("referral.new.begin")}
          nobody={
            <Link href="/new" className={buttonClass("quiet", { size: "small" })}>
              {t("referral.new.register")}
            </Link>
          }
          onPick={({ id }) => choose(id)}
        />
      )}
    </main>
  );
}

function Begin({ patientId, triageId }: { patientId: string; triageId: string | null }) {
  const t = useText();
  const [, go] = useLocation();
  const patient = useQuery({
    queryKey: ["patient", patientId],
    queryFn: ({ signal }) => api.get<PatientView>(`/api/patients/${patientId}`, signal),
  });
  const known = useKnown(patientId, "up");
  const create = useCreateReferral((detail) => go(`/referrals/${detail.id}`, { replace: true }));
  const begin = (content: Known["content"]) =>
    create.mutate({
      patientId,
      direction: "up",
      content: {
        urgency: "routine",
        ...content,
        // What was asked before goes along.
        ...(triageId ? { triageAssessmentId: triageId } : {}),
      },
    });
  // Nothing stands in the way: the form begins without another press, once.
  const begun = useRef(false);
  const clear = known.data && !known.isFetching && known.data.open.length === 0;
  useEffect(() => {
    if (!clear || begun.current || !known.data) return;
    begun.current = true;
    begin(known.data.content);
  });
  return (
    <>
      {patient.data ? <PersonLine person={patient.data} level={2} /> : null}
      <ProblemNotice
        error={patient.error ?? known.error ?? create.error}
        retry={known.error ? () => void known.refetch() : undefined}
      />
      {known.isPending || (clear && !create.error) ? <Skeleton lines={6} /> : null}
      {known.data && !clear ? (
        <>
          <OpenAlready known={known.data} />
          <Button
            look="primary"
            icon={plus}
            className="align-start"
            busy={create.isPending}
            onClick={() => begin(known.data.content)}
          >
            {t("referral.new.another")}
          </Button>
        </>
      ) : null}
      {clear && create.error ? (
        <Button className="align-start" onClick={() => begin(known.data.content)}>
          {t("common.retry")}
        </Button>
      ) : null}
    </>
  );
}
