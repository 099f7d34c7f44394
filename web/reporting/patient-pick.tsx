import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { arrow } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";

export type Subject = Pick<
  PatientView,
  "id" | "fullName" | "fullNameBo" | "sex" | "ageYears" | "address"
>;

/** Whom it is about, when no consult is at hand: found by name, ID or phone. */
export function PatientPick({ onPick }: { onPick: (patient: Subject) => void }) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["patient", "search", asked],
    queryFn: ({ signal }) =>
      api.get<{ patients: PatientView[] }>(`/api/patients?q=${encodeURIComponent(asked)}`, signal),
    enabled: asked !== "",
  });
  return (
    <Card>
      <TextField
        label={t("workbench.new.search")}
        hint={t("reporting.patientHint")}
        type="search"
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.isFetching && !found.data ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data?.patients.length === 0 ? (
        <p className="muted">{t("workbench.new.nobody")}</p>
      ) : null}
      <ul className="found">
        {found.data?.patients.map((patient) => (
          <li key={patient.id} className="row spread">
            <span>
              <strong>{nameOf(patient, t)}</strong>{" "}
              <span className="muted">
                {sexAndAge(patient, t)} {patient.residentIdMasked}
              </span>
            </span>
            <Button look="soft" icon={arrow} onClick={() => onPick(patient)}>
              {t("reporting.pick")}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
