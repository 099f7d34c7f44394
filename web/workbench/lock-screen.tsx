import { useCallback, useEffect, useState } from "react";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { untilItWorks } from "../api/until-it-works.ts";
import { Button } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { DemoAccounts } from "../design/demo-accounts.tsx";
import { left, person as personIcon } from "../design/icons.ts";
import { lock as lockIcon } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { Prove } from "../identity/prove.tsx";
import { lockMark } from "./lock-mark.ts";
import { PasswordForm, SecondFactor, useEnter } from "./sign-in.tsx";
import "./sign-in.css";
import "./lock-screen.css";

/**
 * Whether this session is locked. The server keeps it, so a reload or a new tab is locked too; this
 * page is dark at once, also while the line is down, and tells the server as soon as it can.
 */
export function useLock(session: StaffView) {
  const personId = session.person.id;
  const [here, setHere] = useState(() => lockMark.isOf(personId));
  useEffect(() => {
    if (!here) return;
    return untilItWorks(async () => {
      await api.post("/api/session/lock");
      return () => {};
    });
  }, [here]);
  return {
    locked: here || session.locked,
    lock: useCallback(() => {
      lockMark.set(personId);
      setHere(true);
    }, [personId]),
    unlock: useCallback(() => setHere(false), []),
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
  const [challenge, setChallenge] = useState<
    Parameters<typeof SecondFactor>[0]["challenge"] | null
  >(null);
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
            <>
              <p className="lock-person">
                <Icon path={personIcon} /> {session.person.name}
              </p>
              <Prove button={t("workbench.lock.resume")} onProven={entered} />
              <Button wide onClick={() => setOther(true)}>
                {t("workbench.lock.other")}
              </Button>
            </>
          )}
        </section>
        {session.demo ? <DemoAccounts kind="staff" onEntered={entered} /> : null}
      </div>
    </main>
  );
}
