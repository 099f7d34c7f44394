import { useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { api } from "../api/client.ts";
import { type PatientView, sessionKey } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { exit, eye, right } from "../design/icons.ts";
import { changePreferences, usePreferences } from "../design/preferences.ts";
import { useText } from "../i18n/i18n.ts";
import { Apps } from "../identity/apps.tsx";
import { Devices } from "../identity/devices.tsx";
import { forgetKept } from "./my-consults.ts";
import { MyHelpers } from "./my-helpers.tsx";
import { MyTeaching } from "./my-teaching.tsx";
import { TellMe } from "./tell-me.tsx";

/** Me: whose pages this phone opens, how they look, and the way out. */
export function Me({ session }: { session: PatientView | null }) {
  const t = useText();
  const client = useQueryClient();
  const { language, elder, textStep, highContrast } = usePreferences();
  const signOut = useWrite((_: null, key) => api.delete("/api/session", key), {
    onDone: async () => {
      await forgetKept();
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      await client.invalidateQueries({ queryKey: sessionKey });
    },
  });
  return (
    <main id="main" className="phone-page">
      <header>
        <h1>{t("patient.tab.me")}</h1>
      </header>
      {session && session.patients.length > 0 ? (
        <Card title={t("patient.me.people")}>
          <ul>
            {session.patients.map((patient) => (
              <li key={patient.id}>
                <span className="strong">{patient.name}</span>{" "}
                {patient.nameBo ? (
                  <span lang="bo" className="muted">
                    {patient.nameBo}
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      {session && session.patients.length > 0 ? (
        <>
          <TellMe session={session} />
          <MyHelpers />
          <MyTeaching />
        </>
      ) : null}
      <Card title={t("patient.me.look")}>
        <Segmented
          label={t("common.language")}
          value={language}
          onChange={(next) => void changePreferences({ language: next })}
          options={[
            { value: "zh-CN", label: "中文", lang: "zh-CN" },
            { value: "bo", label: "བོད་སྐད།", lang: "bo" },
            { value: "en", label: "English", lang: "en" },
          ]}
        />
        <CheckField
          label={t("common.elder.label")}
          hint={t("common.elder.hint")}
          checked={elder}
          onChange={(event) => void changePreferences({ elder: event.target.checked })}
        />
        {elder ? (
          <Segmented
            label={t("patient.me.textSize")}
            value={String(textStep) as "1" | "2" | "3"}
            onChange={(step) => void changePreferences({ textStep: Number(step) as 1 | 2 | 3 })}
            options={(["1", "2", "3"] as const).map((value) => ({
              value,
              label: t(`patient.me.text.${value}`),
            }))}
          />
        ) : null}
        <CheckField
          label={t("common.highContrast")}
          checked={highContrast}
          onChange={(event) => void changePreferences({ highContrast: event.target.checked })}
        />
      </Card>
      <ul className="list">
        <li>
          <Link href="/access" className="list-row">
            <Icon path={eye} />
            <span className="grow strong">{t("patient.home.access")}</span>
            <Icon path={right} />
          </Link>
        </li>
      </ul>
      {session ? <Devices /> : null}
      {session ? <Apps /> : null}
      <ProblemNotice error={signOut.error} />
      <Button icon={exit} busy={signOut.isPending} onClick={() => signOut.mutate(null)}>
        {t("common.signOut")}
      </Button>
    </main>
  );
}
