import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { arrow } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";

/** Found by name, ID or phone; who is not registered yet is registered where a consult begins. */
export function PatientSearch({ onPick }: { onPick: (id: string) => void }) {
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
        hint={t("workbench.new.searchHint")}
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
          <Link href="/new" className={buttonClass("quiet", { size: "small" })}>
            {t("referral.new.register")}
          </Link>
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
            <Button look="soft" icon={arrow} onClick={() => onPick(patient.id)}>
              {t("referral.new.begin")}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
