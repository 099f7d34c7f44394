import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, Redirect, Route, Router, Switch } from "wouter";
import { asApiError, setSignedOutHandler } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";
import { type StaffView, sessionKey, useSession } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { person } from "../design/icons.ts";
import { screen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import "./sampling.css";

const SamplerPage = lazy(async () => ({
  default: (await import("./sampler-page.tsx")).SamplerPage,
}));
const CourierPage = lazy(async () => ({
  default: (await import("./courier-page.tsx")).CourierPage,
}));

/** Who worked on this device last: without a line the session cannot be asked, and the work must go on. */
export type Worker = {
  personId: string;
  institutionId: string;
  name: string;
  institution: string;
  permissions: readonly string[];
};
const lastWorker = "sampling:worker";

function workerOf(session: StaffView): Worker {
  return {
    personId: session.person.id,
    institutionId: session.institution.id,
    name: session.person.name,
    institution: session.institution.name,
    permissions: session.permissions.filter((one) => one.startsWith("sampling.")),
  };
}

/** Sampling and carrying tubes, on a phone. It opens again without a line, with everything that was not sent. */
export function App() {
  const t = useText();
  const session = useSession();
  const client = useQueryClient();
  const [kept, setKept] = useState<Worker | null | undefined>(undefined);
  const staff = session.data?.kind === "staff" ? session.data : null;
  useEffect(() => {
    document.title = t("sampling.pageTitle");
  });
  useEffect(() => {
    setSignedOutHandler(() => void client.invalidateQueries({ queryKey: sessionKey }));
    void localStore.read<Worker>(lastWorker).then((found) => setKept(found ?? null));
  }, [client]);
  useEffect(() => {
    if (staff) void localStore.write(lastWorker, workerOf(staff));
  }, [staff]);
  useEffect(() => {
    if (staff) void keepPage();
  }, [staff]);
  const withoutLine = session.isError && asApiError(session.error).isLine;
  const worker = staff ? workerOf(staff) : withoutLine ? kept : null;

  if (session.isPending || (withoutLine && kept === undefined))
    return (
      <main className="sampling">
        <Skeleton lines={5} />
      </main>
    );
  if (session.isError && !withoutLine)
    return (
      <main className="sampling">
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  if (!worker || worker.permissions.length === 0)
    return (
      <main id="main" className="sampling">
        <Empty
          icon={person}
          title={t(worker ? "sampling.notYours" : "sampling.signIn")}
          action={
            <a className={buttonClass("primary", { size: "large" })} href="/workbench">
              {t("sampling.toWorkbench")}
            </a>
          }
        >
          {t(worker ? "sampling.notYoursHow" : "sampling.signInHow")}
        </Empty>
      </main>
    );
  const collects = worker.permissions.includes("sampling.collect");
  const carries = worker.permissions.includes("sampling.courier");
  return (
    <Router base="/sampling">
      <a className="skip-link" href="#main">
        {t("common.skip")}
      </a>
      <header className="sampling-bar">
        <a href="/workbench" className={buttonClass("quiet")}>
          <Icon path={screen} />
          <span className="visually-hidden">{t("sampling.toWorkbench")}</span>
        </a>
        <span className="grow">
          <span className="strong">{worker.name}</span>{" "}
          <span className="muted small">{worker.institution}</span>
        </span>
        {collects && carries ? (
          <nav aria-label={t("sampling.pages")} className="row">
            <Link href="/" className={buttonClass("quiet")}>
              {t("sampling.collect")}
            </Link>
            <Link href="/courier" className={buttonClass("quiet")}>
              {t("sampling.courier")}
            </Link>
          </nav>
        ) : null}
        <LanguageSwitch />
      </header>
      <Suspense
        fallback={
          <main className="sampling">
            <Skeleton lines={5} />
          </main>
        }
      >
        <Switch>
          {collects ? (
            <Route path="/">
              <SamplerPage key={worker.personId + worker.institutionId} worker={worker} />
            </Route>
          ) : null}
          {carries ? (
            <Route path="/courier">
              <CourierPage />
            </Route>
          ) : null}
          <Route>
            <Redirect to={collects ? "/" : "/courier"} replace />
          </Route>
        </Switch>
      </Suspense>
    </Router>
  );
}

/** What this page is made of, fetched before the service worker watched, is kept too. */
async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const { active } = await navigator.serviceWorker.ready;
  const keep = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map(({ pathname }) => pathname);
  active?.postMessage({ keep: [...new Set(keep)], page: "/sampling" });
}
