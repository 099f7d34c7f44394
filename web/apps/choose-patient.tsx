import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { search } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";

type FoundPatient = {
  id: string;
  birthDate?: string;
  name?: { text?: string; family?: string; given?: string[] }[];
};
type Found = { entry?: { resource: FoundPatient & { resourceType: string } }[] };

const nameOf = ({ name: [first] = [] }: FoundPatient): string =>
  first?.text ?? [first?.family, ...(first?.given ?? [])].filter(Boolean).join(" ");

/** Staff find the patient whom the app is for: among those whom they see themselves. */
export function FindPatient({
  at,
  chosen,
  onChoose,
}: {
  at: string;
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [name, setName] = useState("");
  const found = useQuery({
    queryKey: ["apps", "patients", at, name],
    enabled: name !== "",
    queryFn: ({ signal }) =>
      api.get<Found>(`${at}/Patient?name=${encodeURIComponent(name)}&_count=10`, signal),
  });
  const patients = (found.data?.entry ?? [])
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => resourceType === "Patient");
  return (
    <div className="stack">
      <form
        className="apps-search"
        onSubmit={(event) => {
          event.preventDefault();
          setName(typed.trim());
        }}
      >
        <TextField
          label={t("apps.patientName")}
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" icon={search} busy={found.isFetching}>
          {t("apps.find")}
        </Button>
      </form>
      {found.isFetching ? <Skeleton lines={2} /> : null}
      <ProblemNotice error={found.error} />
      <p role="status" className="muted">
        {found.data && patients.length === 0 ? t("apps.foundNobody") : null}
      </p>
      {patients.length > 0 ? (
        <Choices
          legend={t("apps.forWhom")}
          options={patients.map((one) => ({
            id: one.id,
            words: [nameOf(one), one.birthDate].filter(Boolean).join(" · "),
          }))}
          chosen={chosen}
          onChoose={onChoose}
        />
      ) : null}
    </div>
  );
}

type Option = { id: string; words: string; note?: string; disabled?: boolean };

/** One of a few people: native radio buttons. */
export function Choices({
  legend,
  options,
  chosen,
  onChoose,
}: {
  legend: string;
  options: readonly Option[];
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  return (
    <fieldset className="apps-people">
      <legend className="visually-hidden">{legend}</legend>
      {options.map((one) => (
        <label key={one.id} className="apps-person">
          <input
            type="radio"
            name="patient"
            value={one.id}
            checked={one.id === chosen}
            disabled={one.disabled}
            onChange={() => onChoose(one.id)}
          />
          <span>
            <strong>{one.words}</strong>
            {one.note ? <span className="muted"> {one.note}</span> : null}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
