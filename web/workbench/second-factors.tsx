import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { secondFactors } from "../../server/identity/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { type StaffView, sessionKey } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Status } from "../design/components/status.tsx";
import { clock } from "../design/icons.ts";
import { key as keyIcon, shield } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { passkeysWork, registerPasskey } from "../identity/passkey.ts";
import { Prove } from "../identity/prove.tsx";

type Change = { what: "totp" } | { what: "passkey" } | { what: "remove"; id: string };
type Setup = { secret: string; uri: string };

/** Passkeys and the authenticator app: what is set up, and adding or taking away. */
export function SecondFactors({ session }: { session: StaffView }) {
  const t = useText();
  const client = useQueryClient();
  const [setup, setSetup] = useState<Setup | null>(null);
  const factors = useQuery({
    queryKey: ["account", "factors"],
    queryFn: ({ signal }) => api.get<z.infer<typeof secondFactors>>("/api/account/factors", signal),
    staleTime: 0,
  });
  const changed = async () => {
    setSetup(null);
    await Promise.all([factors.refetch(), client.invalidateQueries({ queryKey: sessionKey })]);
  };
  const change = useWrite(async (asked: Change, key) => {
    if (asked.what === "totp") setSetup(await api.post<Setup>("/api/account/totp", {}, key));
    else if (asked.what === "passkey") await registerPasskey();
    else await api.delete(`/api/account/passkeys/${asked.id}`, key);
    if (asked.what !== "totp") await changed();
  });
  // Changing what guards the account asks for a proof of the last minutes; after it the step goes on.
  const stale =
    change.error instanceof ApiError && change.error.code === "auth.stale"
      ? change.error.message
      : null;
  const busy = (what: Change["what"]) => change.isPending && change.variables.what === what;
  const { passkeys = [], totpSince = null } = factors.data ?? {};
  return (
    <Card
      title={t("workbench.account.factors")}
      aside={
        session.mustEnrol ? null : (
          <Status tone={passkeys.length > 0 || totpSince ? "good" : "quiet"} icon={shield}>
            {t(
              passkeys.length > 0 || totpSince
                ? "workbench.account.factorsOn"
                : "workbench.account.factorsOff",
            )}
          </Status>
        )
      }
    >
      <p className="muted">{t("workbench.account.factorsWhy")}</p>
      <ul className="found">
        {passkeys.map((one) => (
          <li key={one.id} className="row spread">
            <span className="row">
              <Status tone="info" icon={keyIcon}>
                {t("workbench.account.passkey")}
              </Status>
              <span className="muted small">
                {t("workbench.account.since", { date: isoDate(one.addedAt) })}
              </span>
            </span>
            <Button
              size="small"
              look="quiet"
              busy={busy("remove")}
              onClick={() => change.mutate({ what: "remove", id: one.id })}
            >
              {t("common.remove")}
            </Button>
          </li>
        ))}
        {totpSince ? (
          <li className="row">
            <Status tone="info" icon={clock}>
              {t("workbench.account.totp")}
            </Status>
            <span className="muted small">
              {t("workbench.account.since", { date: isoDate(totpSince) })}
            </span>
          </li>
        ) : null}
      </ul>
      {stale ? (
        <div className="stack key-form">
          <Notice tone="info" icon={keyIcon} title={stale} />
          <Prove
            button={t("workbench.account.goOn")}
            onProven={() => change.variables && change.mutateAsync(change.variables)}
          />
        </div>
      ) : setup ? (
        <TotpForm setup={setup} onDone={changed} onCancel={() => setSetup(null)} />
      ) : (
        <div className="row">
          {passkeysWork() ? (
            <Button
              look={session.mustEnrol ? "primary" : "plain"}
              icon={keyIcon}
              busy={busy("passkey")}
              onClick={() => change.mutate({ what: "passkey" })}
            >
              {t("workbench.account.passkeyAdd")}
            </Button>
          ) : null}
          <Button busy={busy("totp")} onClick={() => change.mutate({ what: "totp" })}>
            {t(totpSince ? "workbench.account.totpReplace" : "workbench.account.totpBegin")}
          </Button>
        </div>
      )}
      {stale ? null : <ProblemNotice error={change.error} />}
      <ProblemNotice error={factors.error} retry={() => void factors.refetch()} />
    </Card>
  );
}

/** The new app shows its first code before it counts; the present one stays good until then. */
function TotpForm({
  setup,
  onDone,
  onCancel,
}: {
  setup: Setup;
  onDone: () => unknown;
  onCancel: () => void;
}) {
  const t = useText();
  const [code, setCode] = useState("");
  const confirm = useWrite(
    (given: string, key) => api.post("/api/account/totp/confirm", { code: given }, key),
    { onDone },
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(code);
      }}
    >
      <Qr value={setup.uri} label={t("workbench.account.totpQr")} />
      <p>
        {t("workbench.account.totpSecret")} <code className="totp-secret">{setup.secret}</code>
      </p>
      <TextField
        label={t("workbench.signIn.totp")}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="\d{6}"
        maxLength={6}
        required
        value={code}
        onChange={(event) => setCode(event.target.value.replace(/\D/g, ""))}
      />
      <ProblemNotice error={confirm.error} />
      <div className="row">
        <Button look="primary" type="submit" busy={confirm.isPending}>
          {t("workbench.account.totpConfirm")}
        </Button>
        <Button onClick={onCancel}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
