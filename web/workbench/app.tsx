import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { setSignedOutHandler } from "../api/client.ts";
import { startLive } from "../api/live.ts";
import { useReturn } from "../api/return-to.ts";
import { type StaffView, sessionKey, useSession } from "../api/session.ts";
import { untilItWorks } from "../api/until-it-works.ts";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { ConsultPage } from "./consult-page.tsx";
import { LockScreen, useLock } from "./lock-screen.tsx";
import {
  issuesPaperCodes,
  leadsSampling,
  mayConsult,
  mayFollowUp,
  mayHelp,
  mayHotline,
  mayManageSchedules,
  mayRefer,
  mayReport,
  readsRecords,
  runsClinic,
  seesCapacity,
  seesCardPolicies,
  seesFever,
  seesPrescriptions,
  seesSurges,
  seesTeaching,
  seesTriage,
  worksInLab,
  worksInSampling,
} from "./rights.ts";
import { Shell } from "./shell.tsx";
import { SignIn } from "./sign-in.tsx";

const NewConsult = lazy(() =>
  import("./new-consult.tsx").then((page) => ({ default: page.NewConsult })),
);
const ReportingPage = lazy(() =>
  import("../reporting/reporting-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ReportingPage };
  }),
);
const ReferralPage = lazy(() =>
  import("../referral/referral-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ReferralPage };
  }),
);
const TransferPage = lazy(() =>
  import("../transfer/transfer-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.TransferPage };
  }),
);
const FollowUpsPage = lazy(() =>
  import("../referral/referral-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.FollowUpsPage };
  }),
);
const ClinicPage = lazy(() =>
  import("../clinic/clinic-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ClinicPage };
  }),
);
const HotlinePage = lazy(() =>
  import("../hotline/hotline-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.HotlinePage };
  }),
);
const NamesPage = lazy(() =>
  import("../names/names-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.NamesPage };
  }),
);
const HelpingPage = lazy(() =>
  import("../hotline/helping-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.HelpingPage };
  }),
);
const FeverPage = lazy(() =>
  import("../fever/fever-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.FeverPage };
  }),
);
const SchedulesPage = lazy(() =>
  import("./schedules/schedules-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.SchedulesPage };
  }),
);
const PaperDeskPage = lazy(() =>
  import("../cards/paper-desk.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.PaperDeskPage };
  }),
);
const CardPolicyPage = lazy(() =>
  import("../cards/policy-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.CardPolicyPage };
  }),
);
const ConnectionsPage = lazy(() =>
  import("../connections/connections-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ConnectionsPage };
  }),
);
const JoinsPage = lazy(() =>
  import("../joins/joins-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.JoinsPage };
  }),
);
const SitesPage = lazy(() =>
  import("../sites/sites-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.SitesPage };
  }),
);
const VisitsPage = lazy(() =>
  import("../visit/visits-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.VisitsPage };
  }),
);
const PrescriptionPage = lazy(() =>
  import("../prescription/prescription-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.PrescriptionPage };
  }),
);
const BillingPage = lazy(() =>
  import("../billing/billing-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.BillingPage };
  }),
);
const LabPage = lazy(() =>
  import("../lab/lab-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.LabPage };
  }),
);
const RecallsPage = lazy(() =>
  import("../lab/recalls-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.RecallsPage };
  }),
);
const TriagePage = lazy(() =>
  import("../triage/triage-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.TriagePage };
  }),
);
const TeachingPage = lazy(() =>
  import("../teaching/plan/teaching-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.TeachingPage };
  }),
);
const SurgePage = lazy(() =>
  import("../surge/surge-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.SurgePage };
  }),
);
const RecordPage = lazy(() =>
  import("../record/record-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.RecordPage };
  }),
);
const BedsPage = lazy(() =>
  import("../capacity/beds-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.BedsPage };
  }),
);
const AlliancePage = lazy(() =>
  import("../capacity/alliance-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.AlliancePage };
  }),
);
const LoopsPage = lazy(() =>
  import("../referral-board/loops-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.LoopsPage };
  }),
);
const LoopListPage = lazy(() =>
  Promise.all([
    import("../referral-board/behind-page.tsx"),
    import("../referral-board/loops-page.tsx"),
  ]).then(async ([page, board]) => {
    await board.wordsReady;
    return { default: page.BehindPage };
  }),
);
const ReferralClocksPage = lazy(() =>
  import("../referral-board/clocks-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ClocksPage };
  }),
);
const MediaBoardPage = lazy(() =>
  import("../media-board/media-board-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.MediaBoardPage };
  }),
);
const TeachingStatisticsPage = lazy(() =>
  import("../teaching/statistics/statistics-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.StatisticsPage };
  }),
);
const NoticesPage = lazy(() =>
  import("../notices/notices-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.NoticesPage };
  }),
);
const PathwaysPage = lazy(() =>
  import("../pathways/pathways-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.PathwaysPage };
  }),
);
const ReadyListPage = lazy(() =>
  Promise.all([
    import("../transfer/ready-list-page.tsx"),
    import("../transfer/transfer-page.tsx").then((page) => page.wordsReady),
  ]).then(([page]) => ({ default: page.ReadyListPage })),
);
const Account = lazy(() => import("./account.tsx").then((page) => ({ default: page.Account })));

/** The workbench: whoever is not signed in gets the door, everyone else the desk. */
export function App() {
  const t = useText();
  const session = useSession();
  const client = useQueryClient();
  useEffect(() => {
    setSignedOutHandler(() => void client.invalidateQueries({ queryKey: sessionKey }));
  }, [client]);
  const wasHere = useRef(false);
  if (session.data?.kind === "staff") wasHere.current = true;
  useEffect(() => {
    document.title = t("workbench.pageTitle");
  });
  const returns = useReturn(session.data?.kind === "staff");
  if (session.isPending || returns) {
    return (
      <main className="door">
        <Skeleton />
      </main>
    );
  }
  if (session.isError) {
    return (
      <main className="door">
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  if (session.data.kind !== "staff")
    return <SignIn demo={session.data.demo} left={wasHere.current} />;
  return (
    <SignedIn key={session.data.person.id + session.data.institution.id} session={session.data} />
  );
}

function SignedIn({ session }: { session: StaffView & { demo: boolean } }) {
  const client = useQueryClient();
  const lock = useLock(session);
  useEffect(() => {
    const ended = () => void client.invalidateQueries({ queryKey: sessionKey });
    return untilItWorks((late) => startLive(client, ended, late));
  }, [client]);

  const may = (permission: string) => session.permissions.includes(permission);
  const first = may("consult.desk")
    ? "/desk"
    : mayConsult(session)
      ? "/mine"
      : may("referral.desk") || may("referral.ward")
        ? "/referrals"
        : mayManageSchedules(session)
          ? "/schedules"
          : seesFever(session)
            ? "/fever"
            : runsClinic(session)
              ? "/clinic"
              : mayHotline(session)
                ? "/hotline"
                : mayHelp(session)
                  ? "/helping"
                  : worksInLab(session)
                    ? "/lab"
                    : may("prescription.review")
                      ? "/prescriptions"
                      : may("billing.cashier")
                        ? "/billing"
                        : leadsSampling(session)
                          ? "/sites"
                          : may("capacity.manage")
                            ? "/beds"
                            : mayReport(session)
                              ? "/reporting"
                              : may("record.manage")
                                ? "/connections"
                                : may("pathway.manage")
                                  ? "/pathways"
                                  : "/mine";
  // Nothing but swabs or boxes to see to: that is done on the phone's page.
  const onPhoneOnly =
    first === "/mine" && worksInSampling(session) && !mayConsult(session) && !session.mustEnrol;
  useEffect(() => {
    if (onPhoneOnly) location.replace("/sampling");
  }, [onPhoneOnly]);
  if (lock.locked) return <LockScreen session={session} lock={lock} />;
  return (
    <Router base="/workbench">
      <Shell session={session} onLock={lock.lock}>
        <Suspense fallback={<Skeleton lines={6} />}>
          <Switch>
            <Route path="/account">{() => <Account session={session} />}</Route>
            {/* Without a second factor nothing may be done but setting one up. */}
            {session.mustEnrol ? (
              <Route>
                <Redirect to="/account" replace />
              </Route>
            ) : null}
            <Route path="/new">{() => <NewConsult session={session} />}</Route>
            {mayManageSchedules(session) ? (
              <Route path="/schedules/:id?">
                {({ id }) => <SchedulesPage opened={id ?? null} />}
              </Route>
            ) : null}
            {may("record.manage") ? (
              <Route path="/connections">
                <ConnectionsPage />
              </Route>
            ) : null}
            {may("patient.join") ? (
              <Route path="/duplicates">
                <JoinsPage />
              </Route>
            ) : null}
            {leadsSampling(session) ? (
              <Route path="/sites">
                <SitesPage />
              </Route>
            ) : null}
            {leadsSampling(session) ? (
              <Route path="/recalls">
                <RecallsPage />
              </Route>
            ) : null}
            {worksInLab(session) ? (
              <Route path="/lab/:what?/:id?">
                {({ what, id }) => <LabPage what={what} id={id} />}
              </Route>
            ) : null}
            {may("visit.conduct") ? (
              <Route path="/visits/:id?">
                {({ id }) => <VisitsPage session={session} id={id ?? null} />}
              </Route>
            ) : null}
            {may("billing.cashier") || may("billing.prices") ? (
              <Route path="/billing">
                <BillingPage session={session} />
              </Route>
            ) : null}
            {seesPrescriptions(session) ? (
              <Route path="/prescriptions/:id?">
                {({ id }) => <PrescriptionPage session={session} id={id ?? null} />}
              </Route>
            ) : null}
            {may("referral.board") ? (
              <Route path="/loops">
                <LoopsPage session={session} />
              </Route>
            ) : null}
            {may("referral.board") ? (
              <Route path="/loops/:what">
                {({ what }) => <LoopListPage what={what} session={session} />}
              </Route>
            ) : null}
            {may("media.manage") ? (
              <Route path="/media">
                <MediaBoardPage />
              </Route>
            ) : null}
            {may("teaching.manage") ? (
              <Route path="/teaching/statistics">
                <TeachingStatisticsPage />
              </Route>
            ) : null}
            {seesTeaching(session) ? (
              <Route path="/teaching/:what?/:which?">
                {({ what, which }) => (
                  <TeachingPage session={session} what={what ?? null} which={which ?? null} />
                )}
              </Route>
            ) : null}
            <Route path="/notices">
              <NoticesPage />
            </Route>
            {may("directory.manage") ? (
              <Route path="/referral-clocks">
                <ReferralClocksPage />
              </Route>
            ) : null}
            {may("pathway.manage") ? (
              <Route path="/pathways">
                <PathwaysPage />
              </Route>
            ) : null}
            {may("transfer.ready-list") ? (
              <Route path="/ready-list">
                <ReadyListPage />
              </Route>
            ) : null}
            {seesCardPolicies(session) ? (
              <Route path="/card-policy">
                <CardPolicyPage />
              </Route>
            ) : null}
            {seesSurges(session) ? (
              <Route path="/surge/:id?">{({ id }) => <SurgePage opened={id ?? null} />}</Route>
            ) : null}
            {mayRefer(session) || mayFollowUp(session) ? (
              <Route path="/referrals/:id?">
                {({ id }) => <ReferralPage id={id ?? null} session={session} />}
              </Route>
            ) : null}
            {may("referral.request") || may("referral.desk") ? (
              <Route path="/transfers/:id?">{({ id }) => <TransferPage id={id ?? null} />}</Route>
            ) : null}
            {mayFollowUp(session) ? (
              <Route path="/follow-ups/:id?">{({ id }) => <FollowUpsPage id={id ?? null} />}</Route>
            ) : null}
            {mayReport(session) ? (
              <Route path="/reporting/:what?/:id?">
                {({ what, id }) => (
                  <ReportingPage
                    key={id ?? what}
                    session={session}
                    opened={
                      what === "new-value" || what === "new-case"
                        ? { kind: what }
                        : id && (what === "value" || what === "case")
                          ? { kind: what, id }
                          : { kind: "none" }
                    }
                  />
                )}
              </Route>
            ) : null}
            {session.permissions.includes("directory.manage") ? (
              <Route path="/names">
                <NamesPage />
              </Route>
            ) : null}
            {issuesPaperCodes(session) ? (
              <Route path="/paper">
                <PaperDeskPage />
              </Route>
            ) : null}
            {seesTriage(session) ? (
              <Route path="/triage/:what?">
                {({ what }) => <TriagePage session={session} what={what ?? null} />}
              </Route>
            ) : null}
            {seesFever(session) ? (
              <Route path="/fever/:id?">
                {({ id }) => <FeverPage id={id} session={session} />}
              </Route>
            ) : null}
            {runsClinic(session) ? (
              <Route path="/clinic/:day?/:id?">
                {({ day, id }) => <ClinicPage day={day} id={id} />}
              </Route>
            ) : null}
            {mayHotline(session) ? (
              <Route path="/hotline/:what?/:id?">
                {({ what, id }) => (
                  <HotlinePage session={session} what={what ?? null} id={id ?? null} />
                )}
              </Route>
            ) : null}
            {seesCapacity(session) ? (
              <Route path="/beds/:what?">
                {({ what }) => <BedsPage session={session} what={what ?? null} />}
              </Route>
            ) : null}
            {seesCapacity(session) ? (
              <Route path="/capacity">
                <AlliancePage session={session} />
              </Route>
            ) : null}
            {readsRecords(session) ? (
              <Route path="/record/:id">
                {({ id }) => (
                  <RecordPage key={id} patientId={id} mayRefer={may("referral.request")} />
                )}
              </Route>
            ) : null}
            {mayHelp(session) ? (
              <Route path="/helping">{() => <HelpingPage session={session} />}</Route>
            ) : null}
            <Route path="/:scope/:id">
              {({ id }) => <ConsultPage key={id} id={id} session={session} />}
            </Route>
            <Route path="/:scope">
              {({ scope }) =>
                /^(desk|mine|archive)$/.test(scope) ? (
                  <ConsultPage id={null} session={session} />
                ) : (
                  // The door's own address, for instance: whoever comes in goes to the own queue.
                  <Redirect to={first} replace />
                )
              }
            </Route>
            <Route>
              <Redirect to={first} replace />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </Router>
  );
}
