import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { houseList } from "../../server/referral-outside/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";

type Houses = (typeof houseList)["_output"];

/** Whose server a connection is: referrals to that house go there, and its own system answers here. */
export function OutsideHouse({ connectionId, name }: { connectionId: string; name: string }) {
  const t = useText();
  const named = useNameOf();
  const [open, setOpen] = useState(false);
  const houses = useQuery({
    queryKey: ["connections", "houses"],
    queryFn: ({ signal }) => api.get<Houses>("/api/connections/houses", signal),
  });
  const own = houses.data?.houses.find((one) => one.connectionId === connectionId);
  const save = useHouseWrite((institutionId: string | null, key) =>
    api.put<Houses>(`/api/connections/${connectionId}/house`, { institutionId }, key),
  );
  if (!houses.data) return null;
  const house =
    own?.institutionId && own.name
      ? { id: own.institutionId, name: own.name, nameEn: own.nameEn, nameBo: own.nameBo }
      : null;
  const choices = [
    ...(house && !houses.data.candidates.some((one) => one.id === house.id) ? [house] : []),
    ...houses.data.candidates,
  ];
  if (!house && choices.length === 0) return null;
  return (
    <div className="connections-house">
      <div className="row">
        {house ? (
          <Status tone="info">{t("connections.house.is", { house: named(house) })}</Status>
        ) : null}
        {own?.system ? (
          <Status tone="good">{t("connections.house.answers", { system: own.system.name })}</Status>
        ) : null}
        {own && own.waiting > 0 ? (
          <Status tone="warn">{t("connections.house.waiting", { count: own.waiting })}</Status>
        ) : null}
        <Button
          look="quiet"
          aria-expanded={open}
          aria-label={t("connections.house.editOf", { name })}
          onClick={() => setOpen(!open)}
        >
          {t("connections.house.edit")}
        </Button>
      </div>
      {open ? (
        <div className="connections-form">
          <SelectField
            label={t("connections.house.whose")}
            hint={t("connections.house.how")}
            value={house?.id ?? ""}
            disabled={save.isPending}
            onChange={(event) => save.mutate(event.target.value || null)}
          >
            <option value="">{t("connections.house.none")}</option>
            {choices.map((one) => (
              <option key={one.id} value={one.id}>
                {named(one)}
              </option>
            ))}
          </SelectField>
          <ProblemNotice error={save.error} />
          {house && !own?.system ? <SystemForm connectionId={connectionId} /> : null}
        </div>
      ) : null}
    </div>
  );
}

/** Its own system, by the public half of its key. */
function SystemForm({ connectionId }: { connectionId: string }) {
  const t = useText();
  const [name, setName] = useState("");
  const [keys, setKeys] = useState("");
  const [isWrong, setWrong] = useState(false);
  const save = useHouseWrite((body: { name: string; jwks: unknown }, key) =>
    api.post<Houses>(`/api/connections/${connectionId}/system`, body, key),
  );
  const send = () => {
    try {
      const jwks = JSON.parse(keys) as { keys?: unknown };
      setWrong(!Array.isArray(jwks.keys));
      if (Array.isArray(jwks.keys)) save.mutate({ name, jwks: { keys: jwks.keys } });
    } catch {
      setWrong(true);
    }
  };
  return (
    <>
      <TextField
        label={t("connections.house.systemName")}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.target.value)}
      />
      <TextArea
        label={t("connections.house.systemKeys")}
        hint={t("connections.house.systemHow")}
        error={isWrong ? t("connections.house.systemWrong") : undefined}
        value={keys}
        rows={4}
        onChange={(event) => setKeys(event.target.value)}
      />
      <ProblemNotice error={save.error} />
      <Button
        look="primary"
        className="align-start"
        busy={save.isPending}
        disabled={name.trim().length < 2 || keys.trim() === ""}
        onClick={send}
      >
        {t("connections.house.systemSave")}
      </Button>
    </>
  );
}

function useHouseWrite<Body>(write: (body: Body, key: string) => Promise<Houses>) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (answer) => client.setQueryData(["connections", "houses"], answer),
  });
}
