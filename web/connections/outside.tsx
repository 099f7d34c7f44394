import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { connectionResult } from "../../server/records/connection-contract.ts";
import { api } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

type Result = (typeof connectionResult)["_output"];

/** Tries an outside FHIR server and says in a sentence what is wrong with it. */
export function Outside() {
  const t = useText();
  const [signsIn, setSignsIn] = useState(false);
  const test = useMutation({
    mutationFn: (body: unknown) => api.post<Result>("/api/connections/test", body),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    test.mutate({
      base: text("base"),
      privateNetwork: form.get("private") === "on",
      signIn: signsIn
        ? {
            tokenUrl: text("tokenUrl"),
            clientId: text("clientId"),
            clientSecret: text("clientSecret"),
            scope: text("scope"),
          }
        : null,
    });
  };
  return (
    <section className="connections-card" aria-labelledby="connections-outside">
      <h2 id="connections-outside">{t("connections.outside.title")}</h2>
      <p className="muted">{t("connections.outside.how")}</p>
      <form className="connections-form" onSubmit={submit}>
        <TextField
          name="base"
          type="url"
          label={t("connections.test.base")}
          placeholder="https://"
          maxLength={500}
          required
        />
        <CheckField name="private" label={t("connections.test.private")} />
        <SelectField
          label={t("connections.test.signIn")}
          value={signsIn ? "credentials" : "none"}
          onChange={(event) => setSignsIn(event.target.value === "credentials")}
        >
          <option value="none">{t("connections.test.none")}</option>
          <option value="credentials">{t("connections.test.credentials")}</option>
        </SelectField>
        {signsIn ? (
          <>
            <TextField name="tokenUrl" type="url" label={t("connections.test.tokenUrl")} required />
            <TextField name="clientId" label={t("connections.test.clientId")} required />
            <TextField
              name="clientSecret"
              type="password"
              autoComplete="off"
              label={t("connections.test.clientSecret")}
              required
            />
            <TextField name="scope" label={t("connections.test.scope")} />
          </>
        ) : null}
        <Button type="submit" look="primary" busy={test.isPending}>
          {t("connections.test.now")}
        </Button>
      </form>
      <ProblemNotice error={test.error} />
      {test.data ? <Answer result={test.data} /> : null}
    </section>
  );
}

function Answer({ result }: { result: Result }) {
  const t = useText();
  if (result.fault)
    return (
      <Notice
        tone="warn"
        title={t(`connections.test.fault.${result.fault}`, { status: result.status ?? "—" })}
      />
    );
  return (
    <Notice
      tone="good"
      title={t("connections.test.good", {
        software: result.software ?? "FHIR",
        version: result.version ?? "",
        count: result.types ?? 0,
        ms: result.tookMs,
      })}
    />
  );
}
