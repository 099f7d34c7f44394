import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { phoneCodeAnswer } from "../../server/identity/contract.ts";
import { api } from "../api/client.ts";
import { readSession, sessionKey, signedInPhoneKey } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { DemoAccounts } from "../design/demo-accounts.tsx";
import { left } from "../design/icons.ts";
import { changePreferences, usePreferences } from "../design/preferences.ts";
import { useText } from "../i18n/i18n.ts";

type Sent = z.infer<typeof phoneCodeAnswer>;

/** A phone number, a code by SMS, nothing else; no puzzle. */
export function SignIn({ demo }: { demo: boolean }) {
  const t = useText();
  const client = useQueryClient();
  const { elder } = usePreferences();
  const [phone, setPhone] = useState("");
  const [code, setCode] = useState("");
  const [sent, setSent] = useState<Sent | null>(null);
  const [wrong, setWrong] = useState(false);
  const enter = async () => {
    client.setQueryData(sessionKey, await readSession());
  };
  const digits = phone.replace(/[\s-]/g, "");
  const ask = useWrite(
    (number: string, key) => api.post<Sent>("/api/session/phone-code", { phone: number }, key),
    {
      onDone: setSent,
    },
  );
  const signIn = useWrite(
    (body: { phone: string; code: string }, key) => api.post("/api/session/phone", body, key),
    {
      onDone: async () => {
        // Nobody may be known under this number yet: adding oneself needs it, and nothing is typed twice.
        client.setQueryData(signedInPhoneKey, digits);
        await enter();
      },
    },
  );
  return (
    <main className="phone phone-page" id="main">
      <header className="phone-head">
        <p className="strong">{t("common.brand")}</p>
        <div className="phone-choices">
          <LanguageSwitch />
          <button
            type="button"
            className="pill"
            aria-pressed={elder}
            onClick={() => void changePreferences({ elder: !elder })}
          >
            {elder ? t("common.elder.off") : t("common.elder.on")}
          </button>
        </div>
      </header>
      <h1>{t("patient.signIn.title")}</h1>
      {sent ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate({ phone: digits, code });
          }}
        >
          <p>{t("patient.signIn.sent", { phone: sent.sentTo })}</p>
          {sent.demoCode ? (
            <Notice
              tone="info"
              live={false}
              title={t("patient.signIn.demoCode", { code: sent.demoCode })}
            >
              {t("patient.signIn.demoCodeWhy")}
            </Notice>
          ) : null}
          <TextField
            label={t("patient.signIn.code")}
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\d{6}"
            maxLength={6}
            required
            autoFocus
            value={code}
            onChange={(event) => setCode(event.target.value.replace(/\D/g, ""))}
          />
          <ProblemNotice error={signIn.error} />
          <Button look="primary" size="large" wide type="submit" busy={signIn.isPending}>
            {t("patient.signIn.enter")}
          </Button>
          <Button look="quiet" icon={left} onClick={() => setSent(null)}>
            {t("patient.signIn.otherPhone")}
          </Button>
        </form>
      ) : (
        <form
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const isPhone = /^(1[3-9]\d{9}|0\d{9,11})$/.test(digits);
            setWrong(!isPhone);
            if (isPhone) ask.mutate(digits);
          }}
        >
          <TextField
            label={t("patient.signIn.phone")}
            hint={t("patient.signIn.phoneHint")}
            type="tel"
            autoComplete="tel"
            value={phone}
            error={wrong ? t("patient.signIn.phoneWrong") : undefined}
            onChange={(event) => setPhone(event.target.value)}
          />
          <ProblemNotice error={ask.error} />
          <Button look="primary" size="large" wide type="submit" busy={ask.isPending}>
            {t("patient.signIn.send")}
          </Button>
        </form>
      )}
      {demo ? <DemoAccounts kind="patient" onEntered={enter} /> : null}
      <p className="muted small">
        {t("patient.signIn.staff")} <a href="/workbench/sign-in">{t("patient.signIn.staffLink")}</a>
        {demo ? (
          <>
            {" · "}
            <a href="/story">{t("common.story")}</a>
          </>
        ) : null}
      </p>
    </main>
  );
}
