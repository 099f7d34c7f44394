import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import type { SessionView } from "../../server/teaching/contract.ts";
import { api } from "../api/client.ts";
import { startLive } from "../api/live.ts";
import { signInAddress } from "../api/return-to.ts";
import { type StaffView, sessionKey, useSession } from "../api/session.ts";
import { untilItWorks } from "../api/until-it-works.ts";
import { buttonClass } from "../design/components/button.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { ClinicDoor } from "./clinic/door.tsx";
import type { Place } from "./device.ts";
import { Out } from "./out.tsx";
import "./lecture.css";

// Media code is fetched while one reads the door.
const loadBroadcast = () => import("./broadcast.tsx");
const Broadcast = lazy(() => loadBroadcast().then((page) => ({ default: page.Broadcast })));
const Presenter = lazy(() =>
  import("./live/presenter.tsx").then((page) => ({ default: page.Presenter })),
);
const Clinic = lazy(() => import("./clinic/clinic.tsx").then((page) => ({ default: page.Clinic })));
const ReplayPage = lazy(() =>
  import("./replay/replay-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ReplayPage };
  }),
);

/** A broadcast from in front, from a clinic's screen or a phone, and afterwards. */
export function TeachingApp() {
  const t = useText();
  useEffect(() => {
    document.title = t("lecture.pageTitle");
  });
  return (
    <Router base="/teaching">
      <Suspense fallback={<Waiting />}>
        <Switch>
          <Route path="/:id/replay">{({ id }) => <ReplayPage sessionId={id} />}</Route>
          <Route path="/:id/live">
            {({ id }) => <SignedIn>{(me) => <Room key={id} id={id} me={me} asSpeaker />}</SignedIn>}
          </Route>
          <Route path="/:id">
            {({ id }) => (
              <SignedIn>{(me) => <Room key={id} id={id} me={me} asSpeaker={false} />}</SignedIn>
            )}
          </Route>
        </Switch>
      </Suspense>
    </Router>
  );
}

function SignedIn({ children }: { children: (me: StaffView) => ReactNode }) {
  const t = useText();
  const session = useSession();
  if (session.isPending) return <Waiting />;
  if (session.isError)
    return (
      <Door title={t("lecture.pageTitle")}>
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      </Door>
    );
  if (session.data.kind !== "staff")
    return (
      <Door title={t("lecture.signIn")}>
        <a className={buttonClass("primary", { size: "large" })} href={signInAddress("staff")}>
          {t("lecture.signInStaff")}
        </a>
      </Door>
    );
  return children(session.data);
}

function Room({ id, me, asSpeaker }: { id: string; me: StaffView; asSpeaker: boolean }) {
  const t = useText();
  const cache = useQueryClient();
  const [place, setPlace] = useState<Place | null>(null);
  const [out, setOut] = useState<string | null>(null);
  const found = useQuery({
    queryKey: ["teaching", id],
    refetchInterval: place ? false : 30_000,
    queryFn: ({ signal }) => api.get<SessionView>(`/api/teaching/sessions/${id}`, signal),
  });
  useEffect(() => void loadBroadcast(), []);
  useEffect(() => {
    const ended = () => void cache.invalidateQueries({ queryKey: sessionKey });
    return untilItWorks((late) => startLive(cache, ended, late));
  }, [cache]);
  const leave = useCallback(() => setOut("left"), []);
  if (found.isPending) return <Waiting />;
  if (found.isError)
    return (
      <Door title={t("lecture.cannotEnter")}>
        <ProblemNotice error={found.error} retry={() => void found.refetch()} />
        <Back />
      </Door>
    );
  const session = found.data;
  // Whoever speaks has a page of its own, and nobody else.
  if (!asSpeaker && session.speaks && session.state !== "published")
    return <Redirect to={`/${id}/live`} replace />;
  if (asSpeaker && !session.speaks) return <Redirect to={`/${id}`} replace />;
  const isOver = !["draft", "planned", "live"].includes(session.state);
  if (out || isOver)
    return (
      <Door title={t(out === "left" && !isOver ? "lecture.left.left" : "lecture.left.ended")}>
        <Out
          reason={isOver || out === "over" ? "ended" : (out ?? "left")}
          session={session}
          onAgain={() => {
            setOut(null);
            setPlace(null);
          }}
        />
        <Back />
      </Door>
    );
  if (session.speaks)
    return (
      <Broadcast
        session={session}
        me={me}
        place="person"
        // In a rehearsal, and for who leads, all is on; who joins a running broadcast is heard when he wants to.
        devices={{
          microphone:
            session.speaks === "presenter" ||
            session.state === "planned" ||
            session.speaks === "interpreter",
          camera: session.speaks !== "interpreter",
        }}
        onOut={setOut}
      >
        <Presenter onLeave={leave} />
      </Broadcast>
    );
  if (!place)
    return (
      <Door title={null}>
        <ClinicDoor session={session} onEnter={setPlace} />
        <Back />
      </Door>
    );
  return (
    <Broadcast
      session={session}
      me={me}
      place={place}
      devices={{ microphone: false, camera: false }}
      onOut={setOut}
    >
      <Clinic onLeave={leave} />
    </Broadcast>
  );
}

function Back() {
  const t = useText();
  return (
    <p>
      <a href="/workbench/teaching">{t("lecture.left.back")}</a>
    </p>
  );
}

function Door({ title, children }: { title: string | null; children: ReactNode }) {
  return (
    <>
      <header className="door-corner">
        <LanguageSwitch />
      </header>
      <main className="lecture-door" id="main">
        {title ? <h1>{title}</h1> : null}
        {children}
      </main>
    </>
  );
}

function Waiting() {
  return (
    <main className="lecture-door">
      <Skeleton lines={4} />
    </main>
  );
}
