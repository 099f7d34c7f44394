import type { ReactNode } from "react";
import type { PatientView } from "../../server/patients/contract.ts";
import { usePatientSearch } from "../consult/use-patient-search.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { arrow } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import "./queue.css";

/** What a page needs of whom it is about. */
export type Subject = Pick<
  PatientView,
  "id" | "fullName" | "fullNameBo" | "sex" | "ageYears" | "address"
>;

/** Whom it is about: found by name, ID or phone, in both scripts. */
export function PatientSearch({
  action,
  hint,
  nobody,
  onPick,
}: {
  /** What picking begins. */
  action: string;
  hint?: string;
  /** Beside "nobody found": what can be done then. */
  nobody?: ReactNode;
  onPick: (patient: PatientView) => void;
}) {
  const t = useText();
  const { typed, setTyped, found } = usePatientSearch();
  return (
    <Card>
      <TextField
        label={t("workbench.new.search")}
        hint={hint ?? t("workbench.new.searchHint")}
        type="search"
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.isFetching && !found.data ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data?.patients.length === 0 ? (
        <p className="row">
          <span className="muted">{t("workbench.new.nobody")}</span>
          {nobody}
        </p>
      ) : null}
      <ul className="found">
        {found.data?.patients.map((patient) => (
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
            <Button look="soft" icon={arrow} onClick={() => onPick(patient)}>
              {action}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
