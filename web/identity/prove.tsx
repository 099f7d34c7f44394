import { useState } from "react";
import { api } from "../api/client.ts";
import { useSession } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { DemoPassword } from "../design/demo-password.tsx";
import { key as keyIcon } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { proveByPasskey } from "./passkey.ts";

type Given = { by: "passkey" } | { by: "password"; password: string; totp?: string };

/**
 * Asks who is at the keyboard, by what this account proves itself with: its passkey, or the password
 * with the code where an authenticator app is set up. A password alone only where nothing else is.
 */
export function Prove({
  button,
  onProven,
}: {
  /** What happens next, as the button says it. */
  button: string;
  onProven: () => unknown;
}) {
  const t = useText();
  const session = useSession();
  const proofs = session.data?.kind === "staff" ? session.data.proofs : [];
  const passkey = proofs.includes("passkey");
  const code = proofs.includes("password-and-code");
  const [typing, setTyping] = useState(false);
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const prove = useWrite(async (given: Given) => {
    if (given.by === "passkey") await proveByPasskey();
    else {
      const { by: _, ...body } = given;
      await api.post("/api/session/reauthenticate", body);
    }
    return onProven();
  });
  if (passkey && !typing) {
    return (
      <div className="stack">
        <ProblemNotice error={prove.error} />
        <Button
          look="primary"
          wide
          icon={keyIcon}
          busy={prove.isPending}
          onClick={() => prove.mutate({ by: "passkey" })}
        >
          {t("consult.proof.passkey")}
        </Button>
        {code ? (
          <Button look="quiet" onClick={() => setTyping(true)}>
            {t("consult.proof.password")}
          </Button>
        ) : null}
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        prove.mutate({ by: "password", password, ...(code ? { totp } : {}) });
      }}
    >
      <TextField
        label={t("consult.key.password")}
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <DemoPassword />
      {code ? (
        <TextField
          label={t("consult.proof.code")}
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="\d{6}"
          maxLength={6}
          required
          value={totp}
          onChange={(event) => setTotp(event.target.value.replace(/\D/g, ""))}
        />
      ) : null}
      <ProblemNotice error={prove.error} />
      <Button look="primary" type="submit" icon={keyIcon} busy={prove.isPending} wide>
        {button}
      </Button>
      {passkey ? (
        <Button look="quiet" icon={keyIcon} onClick={() => setTyping(false)}>
          {t("consult.proof.passkey")}
        </Button>
      ) : null}
    </form>
  );
}
