import { useState } from "react";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { DemoAccounts } from "../design/demo-accounts.tsx";
import { DemoPassword } from "../design/demo-password.tsx";
import { left, person as personIcon } from "../design/icons.ts";
import { lock as lockIcon } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { PasswordForm, SecondFactor, useEnter } from "./sign-in.tsx";
import "./sign-in.css";
import "./lock-screen.css";

/**
 * Whether this session is locked. The server keeps it, so a reload or a new tab is locked too; this
 * page is dark at once, also while the line is down.
 */
export function useLock(session: StaffView) {
  const [here, setHere] = useState(false);
  return {
    locked: here || session.locked,
    lock: () => {
      setHere(true);
      void api.post("/api/session/lock").catch(() => {});
    },
    unlock: () => setHere(false),
  };
}

/**
 * Another person takes over: nothing of the last one is on the screen, drafts stay with whoever wrote
 * them, and the next one signs in over it without anything being signed out first.
 */
export function LockScreen({
  session,
  lock,
}: {
  session: StaffView & { demo: boolean };
  lock: ReturnType<typeof useLock>;
}) {
  const t = useText();
  const enter = useEnter();
  const [other, setOther] = useState(false);
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState("");
  const [challenge, setChallenge] = useState<
    Parameters<typeof SecondFactor>[0]["challenge"] | null
  >(null);
  const resume = useWrite(
    (body: { password: string; totp?: string }, key) =>
      api.post("/api/session/reauthenticate", body, key),
    { onDone: () => entered() },
  );
  const entered = async () => {
    await enter();
    lock.unlock();
  };
  return (
    <main className="door lock">
      <header className="door-head">
        <p className="brand">{t("common.brand")}</p>
      </header>
      <div className={session.demo ? "door-columns" : "door-one"}>
        <section className="door-form">
          <h1 className="row">
            <Icon path={lockIcon} /> {t("workbench.lock.title")}
          </h1>
          <p className="muted">{t("workbench.lock.kept", { name: session.person.name })}</p>
          {challenge ? (
            <SecondFactor
              challenge={challenge}
              onBack={() => setChallenge(null)}
              onAnswer={(answer) => (answer.next === "done" ? entered() : setChallenge(answer))}
            />
          ) : other ? (
            <>
              <PasswordForm
                onAnswer={(answer) => (answer.next === "done" ? entered() : setChallenge(answer))}
              />
              <Button look="quiet" icon={left} onClick={() => setOther(false)}>
                {session.person.name}
              </Button>
            </>
          ) : (
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                resume.mutate({ password, ...(totp ? { totp } : {}) });
              }}
            >
              <p className="lock-person">
                <Icon path={personIcon} /> {session.person.name}
              </p>
              <label className="field-label" htmlFor="unlock">
                {t("workbench.signIn.password")}
              </label>
              <input
                id="unlock"
                className="field-input"
                type="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
              <DemoPassword />
              {session.demo ? null : (
                <TextField
                  label={t("consult.key.totp")}
                  optional={t("common.optional")}
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  pattern="\d{6}"
                  value={totp}
                  onChange={(event) => setTotp(event.target.value)}
                />
              )}
              <ProblemNotice error={resume.error} />
              <Button look="primary" type="submit" wide busy={resume.isPending}>
                {t("workbench.lock.resume")}
              </Button>
              <Button wide onClick={() => setOther(true)}>
                {t("workbench.lock.other")}
              </Button>
            </form>
          )}
        </section>
        {session.demo ? <DemoAccounts kind="staff" onEntered={entered} /> : null}
      </div>
    </main>
  );
}
