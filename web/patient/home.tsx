import { lazy, Suspense } from "react";
import { Link } from "wouter";
import type { PatientView } from "../api/session.ts";
import { Icon } from "../design/components/icon.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import {
  calendar,
  camera,
  check,
  compass,
  eye,
  file,
  right,
  testTube,
  thermometer,
} from "../design/icons.ts";
import { changePreferences } from "../design/preferences.ts";
import { type Translate, useText } from "../i18n/i18n.ts";
import { clockTime, dayTime } from "../i18n/time.ts";
import { withTriageWords } from "../triage/phone-words.ts";
import { withBookingWords } from "./booking-words.ts";
import { firstSentence } from "./first-sentence.ts";
import { nextAppointment, useMyAppointments } from "./my-appointments.ts";
import { nextConsult, useMyConsults, withOpinion } from "./my-consults.ts";
import { endedLately, inOrder, isOpen, needsAnswer, useMyRoad } from "./my-road.ts";
import { withRoadWords } from "./road-words.ts";

const NextCard = lazy(async () => ({ default: (await import("./next-consult.tsx")).NextCard }));
const visits = () => withBookingWords(import("./booking/home-booking.tsx"));
const NextVisit = lazy(async () => ({ default: (await visits()).NextVisit }));
const TriageNews = lazy(async () => ({
  default: (await withTriageWords(import("../triage/news.tsx"))).TriageNews,
}));
const OfferRows = lazy(async () => ({ default: (await visits()).OfferRows }));
const roads = () => withRoadWords(import("./road/home-road.tsx"));
const NextRoad = lazy(async () => ({ default: (await roads()).NextRoad }));
const RoadNews = lazy(async () => ({ default: (await roads()).RoadNews }));

/** By the sun in Beijing time. */
function greetingPart(now = Date.now()): "morning" | "afternoon" | "evening" {
  const hour = Number(clockTime(now).slice(0, 2));
  return hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
}

/** Whoever reads: the patient by name, a relative as the patient's family. */
export function greetingOf(session: PatientView | null, t: Translate): string {
  const greeting = t(`patient.greeting.${greetingPart()}`);
  const [only, another] = session?.patients ?? [];
  if (!only || another) return greeting;
  return only.relation === "self"
    ? t("patient.greeting.name", { name: only.name, greeting })
    : t("patient.greeting.family", { name: only.name, greeting });
}

/** Three answers at once: what is next for me, what can I do, what is new. */
export function Home({ session }: { session: PatientView | null }) {
  const t = useText();
  const mine = useMyConsults();
  const consults = mine.data?.consults ?? [];
  const next = nextConsult(consults);
  const opinions = withOpinion(consults);
  const names = session?.patients ?? [];
  const booked = useMyAppointments();
  const visit = nextAppointment(booked.data?.appointments ?? []);
  const road = useMyRoad();
  const episodes = inOrder(road.data?.episodes ?? []);
  const open = episodes.filter(isOpen);
  const ended = episodes.filter((one) => endedLately(one));
  const offers = (booked.data?.waitlist ?? []).filter(({ state }) => state === "offered");
  // Whatever comes sooner stands first; a consult without a time waits behind a visit.
  const consultFirst =
    next?.state === "in-session" ||
    (next?.scheduledStart && visit && next.scheduledStart < visit.startsAt);
  const consultCard = next ? (
    <Suspense fallback={<Skeleton lines={4} />}>
      <NextCard consult={next} several={names.length > 1} />
    </Suspense>
  ) : null;
  // What waits for this person's yes or no stands before everything that only has to be awaited.
  const decide = open.some(needsAnswer);
  const roadCards =
    open.length > 0 ? (
      <Suspense fallback={<Skeleton lines={4} />}>
        {open.map((episode) => (
          <NextRoad key={episode.id} episode={episode} several={names.length > 1} />
        ))}
      </Suspense>
    ) : null;
  const error = mine.error ?? booked.error;
  return (
    <main id="main" className="phone-page">
      <header className="phone-head">
        <h1>{greetingOf(session, t)}</h1>
        <div className="phone-choices">
          <LanguageSwitch />
          <button
            type="button"
            className="pill"
            onClick={() => void changePreferences({ elder: true })}
          >
            {t("common.elder.on")}
          </button>
        </div>
      </header>
      {/* All at once: what comes later would push the tiles away under a finger. */}
      {mine.isPending || booked.isPending || road.isPending ? <Skeleton lines={4} /> : null}
      {error ? (
        <ProblemNotice
          error={error}
          retry={() => {
            void mine.refetch();
            void booked.refetch();
          }}
        />
      ) : null}
      {mine.data && !booked.isPending && !road.isPending ? (
        <section aria-label={t("patient.home.next")} className="stack">
          {decide ? roadCards : null}
          {consultFirst ? consultCard : null}
          {visit ? (
            <Suspense fallback={<Skeleton lines={4} />}>
              <NextVisit appointment={visit} several={names.length > 1} />
            </Suspense>
          ) : null}
          {consultFirst ? null : consultCard}
          {decide ? null : roadCards}
          {next || visit || open.length > 0 ? null : (
            <div className="next-card">
              <div className="next-body">
                <h2>{t("patient.home.nothing")}</h2>
                <p className="muted">{t("patient.home.nothingHow")}</p>
              </div>
            </div>
          )}
        </section>
      ) : null}
      <Suspense>
        <TriageNews />
      </Suspense>
      <section>
        <h2 className="section-title">{t("patient.home.want")}</h2>
        <Link href="/triage" className="tile tile-wide">
          <Icon path={compass} size="large" />
          <span>
            <span className="strong">{t("patient.home.triage")}</span>
            <br />
            <span className="muted small">{t("patient.home.triageWhat")}</span>
          </span>
        </Link>
        <div className="tiles">
          <Tile
            href="/book"
            icon={calendar}
            title={t("patient.home.book")}
            what={t("patient.home.bookWhat")}
          />
          <Tile
            href="/visit"
            icon={camera}
            title={t("patient.home.visit")}
            what={t("patient.home.visitWhat")}
          />
          <Tile
            href="/fever"
            icon={thermometer}
            title={t("patient.home.fever")}
            what={t("patient.home.feverWhat")}
          />
          <Tile
            href="/test"
            icon={testTube}
            title={t("patient.home.test")}
            what={t("patient.home.testWhat")}
          />
          <Tile
            href="/records"
            icon={file}
            title={t("patient.home.opinions")}
            what={t("patient.home.opinionsCount", { count: opinions.length })}
          />
          <Tile
            href="/results"
            icon={check}
            title={t("patient.home.results")}
            what={t("patient.home.resultsWhat")}
          />
          <Tile
            href="/access"
            icon={eye}
            title={t("patient.home.access")}
            what={t("patient.home.accessWhat")}
          />
        </div>
      </section>
      {opinions.length + offers.length + ended.length > 0 ? (
        <section>
          <h2 className="section-title">{t("patient.home.news")}</h2>
          <ul className="list">
            {offers.length > 0 ? (
              <Suspense>
                <OfferRows offers={offers} />
              </Suspense>
            ) : null}
            {ended.length > 0 ? (
              <Suspense>
                <RoadNews episodes={ended} />
              </Suspense>
            ) : null}
            {opinions.slice(0, 3).map((consult) => (
              <li key={consult.id}>
                <Link href={`/records/${consult.id}`} className="list-row">
                  <Icon path={file} />
                  <span className="grow">
                    <span className="strong">{t("patient.home.opinionReady")}</span>
                    <br />
                    <span className="muted small">
                      {names.length > 1 ? `${consult.patientName} · ` : ""}
                      {firstSentence(consult.opinion.plainWords)}
                    </span>
                  </span>
                  <Icon path={right} />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {mine.data?.keptAt ? (
        <p className="muted small">
          {t("patient.offline.keptAt", { time: dayTime(mine.data.keptAt) })}
        </p>
      ) : null}
    </main>
  );
}

function Tile(one: { href: string; icon: string; title: string; what: string }) {
  return (
    <Link href={one.href} className="tile">
      <Icon path={one.icon} size="large" />
      <span>
        <span className="strong">{one.title}</span>
        <br />
        <span className="muted small">{one.what}</span>
      </span>
    </Link>
  );
}
