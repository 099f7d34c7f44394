import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { KeyForm, useOwnKey } from "../consult/sign-panel.tsx";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { exit } from "../design/icons.ts";
import { key as keyIcon, shield } from "../design/icons-work.ts";
import { changePreferences, usePreferences } from "../design/preferences.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { Apps } from "../identity/apps.tsx";
import { Devices } from "../identity/devices.tsx";
import { forgetKey } from "../signing/key-store.ts";
import type { RegisteredKey } from "../signing/sign-opinion.ts";
import { ReasonForm } from "./reason-form.tsx";
import { SecondFactors } from "./second-factors.tsx";
import { useEnter } from "./sign-in.tsx";

/** My account: second factors, the signing key, where I am signed in, how the page looks, and the way out. */
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
      {session.mustEnrol ? (
        <Notice tone="warn" icon={shield} live={false} title={t("workbench.account.enrolTitle")}>
          {t("workbench.account.enrol")}
        </Notice>
      ) : null}
      {session.permissions.includes("consult.opinion") ? <SigningKeys session={session} /> : null}
      <SecondFactors session={session} />
      <Devices />
      <Apps />
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
