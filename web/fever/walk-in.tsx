import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { useAdmit, type VisitView } from "./queries.ts";

const codePattern = /^[2-9BCDFGHJKLMNPQRSTVWXYZ]{6}$/;

/** Somebody stands there: by the letters on the phone, by name, as somebody new, or not known at all. */
export function WalkIn({ onDone }: { onDone: (visit: VisitView) => unknown }) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [fresh, setFresh] = useState(false);
  const [age, setAge] = useState("");
  const [sex, setSex] = useState("unknown");
  const asked = typed.trim();
  const code = asked.replaceAll(/\s/g, "").toUpperCase();
  const isCode = codePattern.test(code);
  const found = useQuery({
    queryKey: ["patient", "search", asked],
    queryFn: ({ signal }) =>
      api.get<{ patients: PatientView[] }>(`/api/patients?q=${encodeURIComponent(asked)}`, signal),
    enabled: asked.length > 1 && !isCode,
  });
  const admit = useAdmit((visit) => {
    setTyped("");
    setFresh(false);
    return onDone(visit);
  });
  const create = useWrite(
    (body: object, key) => api.post<{ patient: PatientView }>("/api/patients", body, key),
    { onDone: ({ patient }) => admit.mutateAsync({ patientId: patient.id }).catch(() => {}) },
  );
  const person = (more: object) => ({
    fullName: null,
    sex,
    ageYears: age ? Number(age) : null,
    language: "zh-CN",
    contacts: [],
    ...more,
  });
  return (
    <section className="fever-walk-in">
      <TextField
        label={t("fever.walkIn")}
        hint={t("fever.walkInWho")}
        type="search"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {isCode ? (
        <Button look="primary" wide busy={admit.isPending} onClick={() => admit.mutate({ code })}>
          {t("fever.byCode", { code })}
        </Button>
      ) : null}
      {asked.length > 1 && !isCode ? (
        <ul className="found">
          {(found.data?.patients ?? []).slice(0, 4).map((patient) => (
            <li key={patient.id} className="row spread">
              <span>
                <strong>{nameOf(patient, t)}</strong>{" "}
                <span className="muted small">{sexAndAge(patient, t)}</span>
              </span>
              <Button
                look="soft"
                busy={admit.isPending}
                onClick={() => admit.mutate({ patientId: patient.id })}
              >
                {t("fever.register")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {fresh && asked ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate(person({ fullName: asked, unknownPerson: false }));
          }}
        >
          <SelectField
            label={t("fever.sex")}
            value={sex}
            onChange={(event) => setSex(event.target.value)}
          >
            {(["female", "male", "unknown"] as const).map((one) => (
              <option key={one} value={one}>
                {t(`common.sex.${one}`)}
              </option>
            ))}
          </SelectField>
          <TextField
            label={t("fever.age")}
            type="number"
            min={0}
            max={120}
            value={age}
            onChange={(event) => setAge(event.target.value)}
          />
          <Button look="primary" type="submit" busy={create.isPending || admit.isPending}>
            {t("fever.register")}
          </Button>
        </form>
      ) : (
        <div className="row">
          {asked && !isCode ? (
            <Button look="soft" onClick={() => setFresh(true)}>
              {t("fever.newPerson")}
            </Button>
          ) : null}
          <Button
            look="quiet"
            busy={create.isPending}
            onClick={() =>
              create.mutate(person({ unknownPerson: true, unknownNote: t("fever.unknownNote") }))
            }
          >
            {t("fever.unknownPerson")}
          </Button>
        </div>
      )}
      <ProblemNotice error={admit.error ?? create.error ?? found.error} />
    </section>
  );
}
