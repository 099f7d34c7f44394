import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import type { z } from "zod";
import type { authorizationView, goTo } from "../../server/smart/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { sessionKey, useSession } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { check } from "../design/icons.ts";
import { changePreferences, usePreferences } from "../design/preferences.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dateTime } from "../i18n/time.ts";
import { Choices, FindPatient } from "./choose-patient.tsx";
import { groupWords } from "./group-words.ts";
import { SignInFirst } from "./sign-in.tsx";
import "./apps.css";

type View = z.infer<typeof authorizationView>;
type Answer = z.infer<typeof goTo>;

const query = new URLSearchParams(location.search);
/** What the app asked for, as it stands in the address: the server judges it anew at each step. */
const request = Object.fromEntries(query);

/** An app asks to see records: who it is, what it would see, for whom, how long; yes or no. */
export function AuthorizePage() {
  const t = useText();
  const session = useSession();
  const { elder } = usePreferences();
  useEffect(() => {
    document.title = t("apps.pageTitle");
  });
  const who = session.data?.kind;
  const isPerson = who === "patient" || who === "staff";
  const problem = query.get("problem") !== null;
  return (
    <main className="apps" id="main">
      <header className="row spread">
        <p className="apps-brand">{t("common.brand")}</p>
        <div className="row">
          <LanguageSwitch />
          {who === "staff" ? null : (
            <Button
              size="small"
              aria-pressed={elder}
              onClick={() => void changePreferences({ elder: !elder })}
            >
              {elder ? t("common.elder.off") : t("common.elder.on")}
            </Button>
          )}
        </div>
      </header>
      {problem ? <Unknown /> : null}
      {!problem && session.isPending ? <Skeleton lines={8} /> : null}
      {!problem && session.isError ? (
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      ) : null}
      {!problem && session.data && !isPerson ? <SignInFirst demo={session.data.demo} /> : null}
      {!problem && isPerson ? <Consent /> : null}
    </main>
  );
}

function Unknown() {
  const t = useText();
  return (
    <>
      <h1>{t("apps.unknown")}</h1>
      <Notice tone="warn" live={false}>
        {t("apps.unknownHow")}
      </Notice>
      <a href="/" className={buttonClass("plain", { size: "large" })}>
        {t("apps.home")}
      </a>
    </>
  );
}

function Consent() {
  const t = useText();
  const client = useQueryClient();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const view = useQuery({
    queryKey: ["apps", "authorization"],
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: ({ signal }) => api.get<View>(`/api/smart/authorization?${query}`, signal),
  });
  const goOn = ({ redirectTo }: Answer) => {
    setSentTo(redirectTo);
    location.assign(redirectTo);
  };
  const decline = useWrite(
    (_: null, key) => api.post<Answer>("/api/smart/authorization/decline", { request }, key),
    { onDone: goOn },
  );
  const allow = useWrite(
    (patient: string | null, key) =>
      api.post<Answer>("/api/smart/authorization/allow", { request, patient }, key),
    { onDone: goOn },
  );
  const another = useWrite((_: null, key) => api.delete("/api/session", key), {
    onDone: () => {
      client.removeQueries({ queryKey: ["apps"] });
      return client.invalidateQueries({ queryKey: sessionKey });
    },
  });
  const change = (
    <Button look="quiet" busy={another.isPending} onClick={() => another.mutate(null)}>
      {t("apps.another")}
    </Button>
  );
  if (sentTo !== null)
    return (
      <Notice tone="good" title={t("apps.done")}>
        <a href={sentTo}>{t("apps.goBack")}</a>
      </Notice>
    );
  if (view.isPending) return <Skeleton lines={10} />;
  if (view.isError) {
    const { code } = asApiError(view.error);
    return (
      <>
        <h1>{t("apps.unknown")}</h1>
        <ProblemNotice error={view.error} />
        <div className="row">
          {code === "smart.client" || code === "smart.request" ? null : (
            <Button busy={decline.isPending} onClick={() => decline.mutate(null)}>
              {t("apps.backWithout")}
            </Button>
          )}
          {change}
        </div>
        <ProblemNotice error={decline.error} />
      </>
    );
  }
  return (
    <Question
      view={view.data}
      change={change}
      problem={<ProblemNotice error={allow.error ?? decline.error ?? another.error} />}
      busy={{ allow: allow.isPending, decline: decline.isPending }}
      onAllow={(patient) => allow.mutate(patient)}
      onDecline={() => decline.mutate(null)}
    />
  );
}

function Question({
  view,
  change,
  problem,
  busy,
  onAllow,
  onDecline,
}: {
  view: View;
  change: ReactNode;
  problem: ReactNode;
  busy: { allow: boolean; decline: boolean };
  onAllow: (patient: string | null) => void;
  onDecline: () => void;
}) {
  const t = useText();
  const nameOf = useNameOf();
  const language = useLanguage();
  const kept = view.people.filter((one) => one.isKept);
  const [patient, setPatient] = useState<string | null>(
    kept.length === 1 ? (kept[0]?.id ?? null) : null,
  );
  const [missing, setMissing] = useState(false);
  const app = view.app.name;
  const contexts = (["patient", "user"] as const).filter((context) =>
    view.groups.some((one) => one.context === context),
  );
  return (
    <>
      <section className="apps-who">
        <h1>{t("apps.title", { app })}</h1>
        <p>{t("apps.from", { institution: nameOf(view.app.institution) })}</p>
        <p className="muted">{t("apps.answersTo", { host: view.app.answersTo })}</p>
      </section>
      {view.needsPatient ? (
        <section className="apps-card stack">
          <h2>{t("apps.forWhom")}</h2>
          {view.searchAt ? (
            <FindPatient at={view.searchAt} chosen={patient} onChoose={setPatient} />
          ) : null}
          {view.who === "patient" && kept.length === 0 ? (
            <Notice tone="warn" live={false}>
              {t("apps.nobodyKept")}
            </Notice>
          ) : null}
          {view.people.length > 0 ? (
            <Choices
              legend={t("apps.forWhom")}
              chosen={patient}
              onChoose={setPatient}
              options={view.people.map((one) => ({
                id: one.id,
                words: (language === "bo" ? one.nameBo : null) ?? one.name,
                disabled: !one.isKept,
                ...(one.isKept ? {} : { note: t("apps.notKept") }),
              }))}
            />
          ) : null}
        </section>
      ) : null}
      <section className="apps-card stack">
        <h2>{t("apps.sees")}</h2>
        {view.records ? <p>{t("apps.recordsOf", { name: nameOf(view.records) })}</p> : null}
        {contexts.map((context) => (
          <div key={context} className="stack stack-2">
            <p className="strong">
              {t(
                context === "patient"
                  ? "apps.context.patient"
                  : view.who === "staff"
                    ? "apps.context.staff"
                    : "apps.context.family",
              )}
            </p>
            <ul className="apps-groups">
              {view.groups
                .filter((one) => one.context === context)
                .map((one) => (
                  <li key={one.group}>
                    <Icon path={check} />
                    <span>{groupWords(one, t)}</span>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </section>
      <section className="apps-card stack stack-2">
        <h2>{t("apps.howLong")}</h2>
        <p>{t(view.offline ? "apps.offline" : "apps.online", { time: dateTime(view.until) })}</p>
        <p className="muted">{t("apps.endAnyTime")}</p>
      </section>
      {missing && patient === null ? <Notice tone="warn" title={t("apps.chooseFirst")} /> : null}
      {problem}
      <div className="apps-answer">
        <Button
          look="primary"
          size="large"
          wide
          busy={busy.allow}
          onClick={() => {
            if (view.needsPatient && patient === null) setMissing(true);
            else onAllow(patient);
          }}
        >
          {t("apps.allow")}
        </Button>
        <Button size="large" wide busy={busy.decline} onClick={onDecline}>
          {t("apps.decline")}
        </Button>
      </div>
      <footer className="row spread">
        <p className="muted small">
          {view.name === null ? t("apps.asPhone") : t("apps.signedInAs", { name: view.name })}
        </p>
        {change}
      </footer>
    </>
  );
}
