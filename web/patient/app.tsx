import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch } from "wouter";
import { asApiError, setSignedOutHandler } from "../api/client.ts";
import { useReturn } from "../api/return-to.ts";
import { sessionKey, useSession } from "../api/session.ts";
import { untilItWorks } from "../api/until-it-works.ts";
import { withResultWords } from "../cards/result-words.ts";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { usePreferences } from "../design/preferences.ts";
import { addWords, useText } from "../i18n/i18n.ts";
import { withTriageWords } from "../triage/phone-words.ts";
import { withBookingWords } from "./booking-words.ts";
import { withFeverWords } from "./fever-words.ts";
import { Frame } from "./frame.tsx";
import { Home } from "./home.tsx";
import { withRecordWords } from "./record-words.ts";
import { withRoadWords } from "./road-words.ts";
import { withTestWords } from "./test-words.ts";
import "./patient.css";

const ElderHome = lazy(async () => ({
  default: (await withTriageWords(import("./elder-home.tsx"))).ElderHome,
}));
const words = {
  "zh-CN": () => import("virtual:messages/patientPages/zh-CN"),
  bo: () => import("virtual:messages/patientPages/bo"),
  en: () => import("virtual:messages/patientPages/en"),
};
/** A page behind home: its code and its words come together, after home can be used. */
async function withWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
const SignIn = lazy(async () => ({ default: (await withWords(import("./sign-in.tsx"))).SignIn }));
const Pages = lazy(async () => ({ default: (await withWords(import("./pages.tsx"))).Pages }));
const BookingPages = lazy(async () => ({
  default: (await withBookingWords(import("./booking/pages.tsx"))).BookingPages,
}));
const ResultsPages = lazy(async () => ({
  default: (await withResultWords(import("../cards/results-pages.tsx"))).ResultsPages,
}));
const FeverPages = lazy(async () => ({
  default: (await withFeverWords(import("./fever/pages.tsx"))).FeverPages,
}));
const TriagePages = lazy(async () => ({
  default: (await withTriageWords(import("../triage/phone-pages.tsx"))).TriagePages,
}));
const TestPages = lazy(async () => ({
  default: (await withTestWords(import("./test/pages.tsx"))).TestPages,
}));
const RecordPages = lazy(async () => ({
  default: (await withRecordWords(import("./record/pages.tsx"))).RecordPages,
}));
const RoadPages = lazy(async () => ({
  default: (await withRoadWords(import("./road/pages.tsx"))).RoadPages,
}));

/** The patient's phone. Without a line the opinions read before can still be opened. */
export function App() {
  const t = useText();
  const client = useQueryClient();
  const session = useSession();
  const { elder } = usePreferences();
  const patient = session.data?.kind === "patient" ? session.data : null;
  const withoutLine = session.isError && asApiError(session.error).isLine;
  useEffect(() => {
    document.title = t("patient.pageTitle");
  });
  useEffect(() => {
    setSignedOutHandler(() => void client.invalidateQueries({ queryKey: sessionKey }));
  }, [client]);
  useEffect(() => {
    if (!patient) return;
    let stop = () => {};
    const ended = () => void client.invalidateQueries({ queryKey: sessionKey });
    // The socket comes after the page can be used.
    const timer = setTimeout(() => {
      stop = untilItWorks(async (late) =>
        (await import("../api/live.ts")).startLive(client, ended, late),
      );
    }, 1500);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [patient, client]);

  const returns = useReturn(Boolean(patient));
  const waiting = (
    <main className="phone-page">
      <Skeleton lines={4} />
    </main>
  );
  if (session.isPending || returns) return waiting;
  if (session.isError && !withoutLine) {
    return (
      <main className="phone-page">
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  if (!patient && !withoutLine) {
    return (
      <Suspense fallback={waiting}>
        <SignIn demo={session.data?.demo ?? false} />
      </Suspense>
    );
  }
  return (
    <Frame>
      <Suspense fallback={waiting}>
        <Switch>
          <Route path="/">
            {elder ? <ElderHome session={patient} /> : <Home session={patient} />}
          </Route>
          <Route path={/^\/(records|access|me|visit|bills)(\/|$)/}>
            <Pages session={patient} />
          </Route>
          <Route path={/^\/record(\/|$)/}>
            <RecordPages />
          </Route>
          <Route path="/road">
            <RoadPages session={patient} />
          </Route>
          <Route path={/^\/results(\/|$)/}>
            <ResultsPages />
          </Route>
          <Route path={/^\/test(\/|$)/}>
            <TestPages session={patient} />
          </Route>
          <Route path={/^\/(book|appointments)(\/|$)/}>
            <BookingPages session={patient} />
          </Route>
          <Route path={/^\/triage(\/|$)/}>
            <TriagePages session={patient} />
          </Route>
          <Route path={/^\/fever(\/|$)/}>
            <FeverPages session={patient} />
          </Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}
