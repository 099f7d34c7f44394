import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { signInAnswer } from "../../server/identity/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { readSession, sessionKey } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { DemoAccounts } from "../design/demo-accounts.tsx";
import { left } from "../design/icons.ts";
import { key } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { answerPasskey, passkeysWork, signInByPasskey } from "../identity/passkey.ts";
import { lockMark } from "./lock-mark.ts";
import "./sign-in.css";

type Answer = z.infer<typeof signInAnswer>;
type Challenge = Extract<Answer, { next: "second-factor" }>;

/** After signing in everything is read as the new person. */
export function useEnter() {
  const client = useQueryClient();
  return async () => {
    lockMark.clear();
    const session = await readSession();
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    client.setQueryData(sessionKey, session);
  };
}

/**
 * The staff's door: a passkey alone, or name and password and then a second factor.
 * @param left this page was somebody's until now: it ended here or on another device
 */
export function SignIn({ demo, left: hasLeft }: { demo: boolean; left: boolean }) {
  const t = useText();
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  const enter = useEnter();
  const onAnswer = (answer: Answer) => (answer.next === "done" ? enter() : setChallenge(answer));
  return (
    <main className="door">
      <header className="door-head">
        <p className="brand">{t("common.brand")}</p>
        <LanguageSwitch />
      </header>
      <div className={demo ? "door-columns" : "door-one"}>
        <section className="door-form">
          <h1>{t("workbench.signIn.title")}</h1>
          {hasLeft && !challenge ? (
            <Notice tone="info" title={t("workbench.signIn.left")}>
              {t("workbench.signIn.leftKept")}
            </Notice>
          ) : null}
          {challenge ? (
            <SecondFactor
              challenge={challenge}
              onAnswer={onAnswer}
              onBack={() => setChallenge(null)}
            />
          ) : (
            <PasswordForm onAnswer={onAnswer} />
          )}
          <p className="muted small">
            {t("workbench.signIn.patient")} <a href="/">{t("workbench.signIn.patientLink")}</a>
          </p>
        </section>
        {demo ? <DemoAccounts kind="staff" onEntered={enter} /> : null}
      </div>
    </main>
  );
}

export function PasswordForm({
  onAnswer,
  loginName = "",
}: {
  onAnswer: (answer: Answer) => unknown;
  loginName?: string;
}) {
  const t = useText();
  const [name, setName] = useState(loginName);
  const [password, setPassword] = useState("");
  const signIn = useWrite(
    (body: { loginName: string; password: string }, key) =>
      api.post<Answer>("/api/session/staff", body, key),
    { onDone: onAnswer },
  );
  const passkey = useWrite(() => signInByPasskey(), { onDone: onAnswer });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        passkey.reset();
        signIn.mutate({ loginName: name.trim(), password });
      }}
    >
      <TextField
        label={t("workbench.signIn.name")}
        autoComplete="username"
        autoCapitalize="none"
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t("workbench.signIn.password")}
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <ProblemNotice error={passkey.error ?? signIn.error} />
      <Button look="primary" size="large" type="submit" busy={signIn.isPending} wide>
        {t("workbench.signIn.submit")}
      </Button>
      {passkeysWork() ? (
        <Button
          size="large"
          wide
          icon={key}
          busy={passkey.isPending}
          onClick={() => passkey.mutate(null)}
        >
          {t("workbench.signIn.passkey")}
        </Button>
      ) : null}
    </form>
  );
}

export function SecondFactor({
  challenge,
  onAnswer,
  onBack,
}: {
  challenge: Challenge;
  onAnswer: (answer: Answer) => unknown;
  onBack: () => void;
}) {
  const t = useText();
  const [code, setCode] = useState("");
  const totp = useWrite(
    (body: { challengeId: string; code: string }, key) =>
      api.post<Answer>("/api/session/staff/totp", body, key),
    { onDone: onAnswer },
  );
  const passkey = useWrite((id: string) => answerPasskey(id), { onDone: onAnswer });
  const error = totp.error ?? passkey.error;
  const over = error instanceof ApiError && error.code === "auth.attempt-over";
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        totp.mutate({ challengeId: challenge.challengeId, code });
      }}
    >
      {challenge.methods.includes("passkey") ? (
        <Button
          look="primary"
          size="large"
          wide
          icon={key}
          busy={passkey.isPending}
          onClick={() => passkey.mutate(challenge.challengeId)}
        >
          {t("workbench.signIn.passkey")}
        </Button>
      ) : null}
      {challenge.methods.includes("totp") ? (
        <>
          <TextField
            label={t("workbench.signIn.totp")}
            hint={t("workbench.signIn.totpHint")}
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\d{6}"
            maxLength={6}
            required
            value={code}
            onChange={(event) => setCode(event.target.value.replace(/\D/g, ""))}
          />
          <Button
            look={challenge.methods.includes("passkey") ? "plain" : "primary"}
            size="large"
            wide
            type="submit"
            busy={totp.isPending}
          >
            {t("workbench.signIn.submit")}
          </Button>
        </>
      ) : null}
      <ProblemNotice error={error} />
      <Button look="quiet" icon={left} onClick={onBack}>
        {t(over ? "workbench.signIn.again" : "workbench.signIn.other")}
      </Button>
    </form>
  );
}
