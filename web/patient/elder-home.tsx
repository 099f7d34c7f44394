import { lazy, Suspense } from "react";
import { Link } from "wouter";
import type { PatientView } from "../api/session.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import {
  calendar,
  camera,
  compass,
  file,
  person,
  phone,
  speaker,
  testTube,
  thermometer,
  warning,
} from "../design/icons.ts";
import { qr } from "../design/icons-work.ts";
import { changePreferences } from "../design/preferences.ts";
import { useSpeech } from "../design/speech.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { TriageNews } from "../triage/news.tsx";
import { ElderVisit, useVisitWords } from "./booking/home-booking.tsx";
import { useHelp } from "./help.ts";
import { greetingOf } from "./home.tsx";
import { nextAppointment, useMyAppointments } from "./my-appointments.ts";
import { nextConsult, useMyConsults, withOpinion } from "./my-consults.ts";
import { inOrder, isOpen, useMyRoad } from "./my-road.ts";
import { nextWords } from "./next-words.ts";
import { withRoadWords } from "./road-words.ts";

const ElderRoad = lazy(async () => ({
  default: (await withRoadWords(import("./road/home-road.tsx"))).ElderRoad,
}));

/** 长辈版: one screen, six large tiles (and the consult that runs), reading aloud, and a call. */
export function ElderHome({ session }: { session: PatientView | null }) {
  const t = useText();
  const help = useHelp(session);
  const speech = useSpeech(useLanguage());
  const mine = useMyConsults();
  const consults = mine.data?.consults ?? [];
  const next = nextConsult(consults);
  const words = next ? nextWords(next, t) : null;
  const booked = useMyAppointments();
  const visit = nextAppointment(booked.data?.appointments ?? []);
  const offered = booked.data?.waitlist.some(({ state }) => state === "offered");
  const visitWords = useVisitWords();
  const road = inOrder(useMyRoad().data?.episodes ?? []).find(isOpen);
  const newest = withOpinion(consults)[0];
  const title = greetingOf(session, t);
  const aloud = [
    title,
    visit ? visitWords(visit) : "",
    words
      ? [words.title, words.day, words.time, words.where, words.say].filter(Boolean).join(" ")
      : visit
        ? ""
        : t("patient.home.nothing"),
    newest ? newest.opinion.plainWords : "",
  ].join(". ");
  return (
    <main id="main" className="phone-page">
      <header className="phone-head">
        <h1>{title}</h1>
        <button
          type="button"
          className="pill"
          onClick={() => void changePreferences({ elder: false })}
        >
          {t("common.elder.off")}
        </button>
      </header>
      {mine.isPending ? <Skeleton lines={2} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {visit ? <ElderVisit appointment={visit} /> : null}
      {offered ? (
        <Link href="/appointments" className="elder-next">
          <h2>{t("patient.booking.offerTitle")}</h2>
        </Link>
      ) : null}
      {road ? (
        <Suspense fallback={<Skeleton lines={2} />}>
          <ElderRoad episode={road} />
        </Suspense>
      ) : null}
      {mine.data && (words || !(visit || road)) ? (
        <section className="elder-next" aria-label={t("patient.home.next")}>
          {words ? (
            <>
              <h2>{words.title}</h2>
              {words.time ? (
                <strong>
                  {words.day} {words.time}
                </strong>
              ) : null}
              <p>{words.where}</p>
              <p>{words.say}</p>
            </>
          ) : newest ? (
            <>
              <h2>{t("patient.home.opinionReady")}</h2>
              <p>{newest.opinion.plainWords}</p>
            </>
          ) : (
            <>
              <h2>{t("patient.home.nothing")}</h2>
              <p>{t("patient.home.nothingHow")}</p>
            </>
          )}
        </section>
      ) : null}
      <TriageNews />
      <Link className="elder-tile elder-ask" href="/triage">
        <Icon path={compass} size="large" />
        {t("patient.home.triage")}
      </Link>
      <div className="elder-tiles">
        {next?.mayEnterRoom ? (
          <a className="elder-tile" href={`/room/${next.id}`}>
            <Icon path={camera} size="tile" />
            {t("patient.elder.enter")}
          </a>
        ) : null}
        <Link className="elder-tile" href="/book">
          <Icon path={calendar} size="tile" />
          {t("patient.elder.book")}
        </Link>
        <Link className="elder-tile" href="/visit">
          <Icon path={camera} size="tile" />
          {t("patient.elder.visit")}
        </Link>
        <Link className="elder-tile" href="/fever">
          <Icon path={thermometer} size="tile" />
          {t("patient.elder.fever")}
        </Link>
        <Link className="elder-tile" href="/test">
          <Icon path={testTube} size="tile" />
          {t("patient.elder.test")}
        </Link>
        <Link className="elder-tile" href={visit ? `/appointments/${visit.id}` : "/appointments"}>
          <Icon path={qr} size="tile" />
          {t("patient.elder.pass")}
        </Link>
        <Link className="elder-tile" href="/records">
          <Icon path={file} size="tile" />
          {t("patient.elder.papers")}
        </Link>
        <Link className="elder-tile" href="/me">
          <Icon path={person} size="tile" />
          {t("patient.elder.me")}
        </Link>
      </div>
      <div className="elder-foot">
        {speech.available ? (
          <Button
            look="soft"
            icon={speaker}
            onClick={() => (speech.speaking ? speech.stop() : speech.speak(aloud))}
          >
            {speech.speaking ? t("common.stopReading") : t("patient.readToMe")}
          </Button>
        ) : null}
        {help ? (
          <a className={buttonClass("primary")} href={`tel:${help.phone}`}>
            <Icon path={phone} />
            <span>
              {t("patient.elder.help")}
              <span className="visually-hidden">{` ${help.name}`}</span>
            </span>
          </a>
        ) : null}
        <a className={buttonClass("danger")} href="tel:120">
          <Icon path={warning} />
          <span>{t("patient.elder.call")}</span>
        </a>
      </div>
    </main>
  );
}
