import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { KeyForm, useOwnKey } from "../consult/sign-panel.tsx";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Status } from "../design/components/status.tsx";
import { exit } from "../design/icons.ts";
import { key as keyIcon } from "../design/icons-work.ts";
import { changePreferences, usePreferences } from "../design/preferences.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { forgetKey } from "../signing/key-store.ts";
import type { RegisteredKey } from "../signing/sign-opinion.ts";
import { registerPasskey } from "./passkey.ts";
import { ReasonForm } from "./reason-form.tsx";
import { useEnter } from "./sign-in.tsx";

/** My account: second factors, the signing key, how the page looks, and the way out. */
export function Account({ session }: { session: StaffView }) {
  const t = useText();
  const enter = useEnter();
  const { highContrast } = usePreferences();
  const signOut = useWrite((_: null, key) => api.delete("/api/session", key), { onDone: enter });
  return (
    <main id="main" className="page-narrow">
      <header>
        <h1>{session.person.name}</h1>
        <p className="muted">
          {[session.person.title, session.institution.name].filter(Boolean).join(" · ")}
        </p>
      </header>
      {session.permissions.includes("consult.opinion") ? <SigningKeys session={session} /> : null}
      <SecondFactors />
      <Card title={t("workbench.account.look")}>
        <CheckField
          label={t("common.highContrast")}
          checked={highContrast}
          onChange={(event) => void changePreferences({ highContrast: event.target.checked })}
        />
      </Card>
      <ProblemNotice error={signOut.error} />
      <Button
        icon={exit}
        className="align-start"
        busy={signOut.isPending}
        onClick={() => signOut.mutate(null)}
      >
        {t("common.signOut")}
      </Button>
    </main>
  );
}

function SigningKeys({ session }: { session: StaffView }) {
  const t = useText();
  const own = useOwnKey(session.person.id);
  const [revoking, setRevoking] = useState<string | null>(null);
  const [replacing, setReplacing] = useState(false);
  const keys = useQuery({
    queryKey: ["signing-key", "all"],
    queryFn: ({ signal }) => api.get<{ keys: RegisteredKey[] }>("/api/signing-keys", signal),
  });
  const revoke = useWrite(
    ({ kid, reason }: { kid: string; reason: string }, key) =>
      api.post(`/api/signing-keys/${kid}/revoke`, { reason }, key),
    {
      onDone: async (_, { kid }) => {
        if (own.data?.own?.kid === kid) await forgetKey(session.person.id);
        setRevoking(null);
        await Promise.all([keys.refetch(), own.refetch()]);
      },
    },
  );
  return (
    <Card
      title={t("consult.key.title")}
      aside={own.data?.own ? <Status tone="good">{t("workbench.account.keyHere")}</Status> : null}
    >
      <p className="muted">{t("consult.key.why")}</p>
      <ul className="found">
        {(keys.data?.keys ?? []).map((entry) => (
          <li key={entry.kid} className="row spread">
            <span>
              <strong>{entry.label}</strong>{" "}
              <span className="muted small">{isoDate(entry.registeredAt)}</span>{" "}
              {entry.revokedAt ? (
                <Status tone="bad">{t("workbench.account.revoked")}</Status>
              ) : entry.replacedBy ? (
                <Status tone="quiet">{t("workbench.account.replaced")}</Status>
              ) : (
                <Status tone="good">{t("workbench.account.valid")}</Status>
              )}
            </span>
            {entry.revokedAt ? null : (
              <Button size="small" look="quiet" onClick={() => setRevoking(entry.kid)}>
                {t("workbench.account.revoke")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {revoking ? (
        <ReasonForm
          title={t("workbench.account.revokeTitle")}
          hint={t("workbench.account.revokeHint")}
          submit={t("workbench.account.revoke")}
          busy={revoke.isPending}
          onCancel={() => setRevoking(null)}
          onSubmit={(reason) => revoke.mutate({ kid: revoking, reason })}
        />
      ) : null}
      <ProblemNotice error={revoke.error ?? keys.error} />
      {replacing || (own.data && !own.data.own) ? (
        <KeyForm
          personId={session.person.id}
          replaces={
            own.data?.own
              ? (keys.data?.keys.find((entry) => entry.kid === own.data.own?.kid) ?? null)
              : (own.data?.other ?? null)
          }
        />
      ) : own.data?.own ? (
        <Button icon={keyIcon} className="align-start" onClick={() => setReplacing(true)}>
          {t("workbench.account.replace")}
        </Button>
      ) : null}
    </Card>
  );
}

function SecondFactors() {
  const t = useText();
  const [code, setCode] = useState("");
  const begin = useWrite((_: null, key) =>
    api.post<{ secret: string; uri: string }>("/api/account/totp", {}, key),
  );
  const confirm = useWrite((given: string, key) =>
    api.post("/api/account/totp/confirm", { code: given }, key),
  );
  const passkey = useWrite(() => registerPasskey());
  return (
    <Card title={t("workbench.account.factors")}>
      <p className="muted">{t("workbench.account.factorsWhy")}</p>
      {confirm.isSuccess ? <Status tone="good">{t("workbench.account.totpDone")}</Status> : null}
      {passkey.isSuccess ? <Status tone="good">{t("workbench.account.passkeyDone")}</Status> : null}
      {begin.data && !confirm.isSuccess ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate(code);
          }}
        >
          <Qr value={begin.data.uri} label={t("workbench.account.totpQr")} />
          <p>
            {t("workbench.account.totpSecret")} <code>{begin.data.secret}</code>
          </p>
          <TextField
            label={t("workbench.signIn.totp")}
            inputMode="numeric"
            pattern="\d{6}"
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
          <Button look="primary" type="submit" busy={confirm.isPending} className="align-start">
            {t("workbench.account.totpConfirm")}
          </Button>
        </form>
      ) : (
        <div className="row">
          <Button busy={begin.isPending} onClick={() => begin.mutate(null)}>
            {t("workbench.account.totpBegin")}
          </Button>
          <Button icon={keyIcon} busy={passkey.isPending} onClick={() => passkey.mutate(null)}>
            {t("workbench.account.passkeyAdd")}
          </Button>
        </div>
      )}
      <ProblemNotice error={begin.error ?? confirm.error ?? passkey.error} />
    </Card>
  );
}
