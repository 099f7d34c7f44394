import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import type { StaffView } from "../api/session.ts";
import { inWords } from "../clinic/words.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { person } from "../design/icons.ts";
import { addWords, useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { isTyping } from "../workbench/queue.tsx";
import { Board } from "./board.tsx";
import { type DeskView, useAdmit, useDesk, type VisitLine } from "./queries.ts";
import { Rooms } from "./rooms.tsx";
import { Rules } from "./rules.tsx";
import { Visit } from "./visit.tsx";
import { WalkIn } from "./walk-in.tsx";
import { dueOf, isHere, visitTone } from "./words.ts";
import "./fever.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/fever/zh-CN"),
  bo: () => import("virtual:messages/fever/bo"),
  en: () => import("virtual:messages/fever/en"),
});

/** Left who comes and who is here, ordered by clock; in the middle the rooms, or one visit. */
export function FeverPage({ id, session }: { id?: string | undefined; session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const [, go] = useLocation();
  const desk = useDesk();
  const visits = desk.data?.visits ?? [];
  const here = visits.filter(isHere).toSorted((left, right) => dueOf(left) - dueOf(right));
  const gone = visits.filter((one) => !isHere(one)).toReversed();
  const order = here.map((one) => one.id).join();
  useEffect(() => {
    const ids = order ? order.split(",") : [];
    const press = (event: KeyboardEvent) => {
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (isTyping(event) || !step || ids.length === 0) return;
      const at = id ? ids.indexOf(id) : -1;
      go(`/fever/${ids[Math.min(ids.length - 1, Math.max(0, at + step))]}`);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [order, id, go]);
  const mayTriage = session.permissions.includes("fever.triage");
  const heading = desk.data
    ? `${inWords(desk.data.site.name, language)} · ${t(desk.data.site.kind === "sentinel" ? "fever.sentinel" : "fever.title")}`
    : t("fever.title");
  const list = (
    <nav className="queue" aria-label={t("fever.title")}>
      <header className="queue-head fever-tabs">
        <Link
          href="/fever"
          className={buttonClass(id ? "quiet" : "soft")}
          aria-current={id ? undefined : "page"}
        >
          {t("fever.board")}
        </Link>
        {session.permissions.includes("fever.rules") ? (
          <>
            <Link
              href="/fever/rooms"
              className={buttonClass(id === "rooms" ? "soft" : "quiet")}
              aria-current={id === "rooms" ? "page" : undefined}
            >
              {t("fever.keep")}
            </Link>
            <Link
              href="/fever/rules"
              className={buttonClass(id === "rules" ? "soft" : "quiet")}
              aria-current={id === "rules" ? "page" : undefined}
            >
              {t("fever.rules")}
            </Link>
          </>
        ) : null}
      </header>
      {desk.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={desk.error} retry={() => void desk.refetch()} />
      {mayTriage && desk.data ? <WalkIn onDone={(visit) => go(`/fever/${visit.id}`)} /> : null}
      {desk.data && visits.length + desk.data.arrivals.length + desk.data.announced.length === 0 ? (
        <Empty icon={person} title={t("fever.none")}>
          {t("fever.noneHow")}
        </Empty>
      ) : null}
      {desk.data && desk.data.announced.length > 0 ? (
        <Announced desk={desk.data} mayTriage={mayTriage} />
      ) : null}
      {desk.data && desk.data.arrivals.length > 0 ? (
        <Arrivals desk={desk.data} mayTriage={mayTriage} />
      ) : null}
      {here.length > 0 ? (
        <section>
          <h3 className="fever-part">{t("fever.visits", { count: here.length })}</h3>
          <ul>
            {here.map((visit) => (
              <li key={visit.id}>
                <VisitItem visit={visit} current={visit.id === id} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {gone.length > 0 ? (
        <section>
          <h3 className="fever-part">{t("fever.over", { count: gone.length })}</h3>
          <ul>
            {gone.map((visit) => (
              <li key={visit.id}>
                <VisitItem visit={visit} current={visit.id === id} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </nav>
  );
  if (id && id !== "rules" && id !== "rooms" && desk.data)
    return (
      <div className="bench" data-open="">
        <aside className="bench-queue" aria-label={t("fever.visits", { count: here.length })}>
          {list}
        </aside>
        <Visit key={id} id={id} desk={desk.data} onMoved={(next) => go(`/fever/${next}`)} />
      </div>
    );
  return (
    <div className={`bench fever-bench${id ? " fever-open" : ""}`} data-open="">
      <aside className="bench-queue" aria-label={t("fever.visits", { count: here.length })}>
        {list}
      </aside>
      <main id="main" className="bench-main">
        <h1 className="clinic-title">{heading}</h1>
        {id === "rules" ? (
          <Rules />
        ) : id === "rooms" ? (
          <Rooms />
        ) : desk.data ? (
          <Board desk={desk.data} />
        ) : (
          <Skeleton lines={6} />
        )}
      </main>
    </div>
  );
}

/** Led here from a testing site: expected, with whom to ask when nobody comes. */
function Announced({ desk, mayTriage }: { desk: DeskView; mayTriage: boolean }) {
  const t = useText();
  const language = useLanguage();
  const [, go] = useLocation();
  const admit = useAdmit((visit) => go(`/fever/${visit.id}`));
  return (
    <section>
      <h3 className="fever-part">{t("fever.announced", { count: desk.announced.length })}</h3>
      <ProblemNotice error={admit.error} />
      <ul>
        {desk.announced.map((one) => (
          <li key={one.id} className="fever-arrival">
            <span>
              <strong>{nameOf(one.patient, t)}</strong>{" "}
              <span className="muted small">{sexAndAge(one.patient, t)}</span>
              <br />
              <span className="muted small">
                {t("fever.announcedFrom", {
                  place: inWords(one.from, language),
                  time: clockTime(one.at),
                  name: one.by,
                })}
              </span>
            </span>
            {mayTriage ? (
              <Button
                look="soft"
                busy={admit.isPending}
                onClick={() => admit.mutate({ patientId: one.patient.id })}
              >
                {t("fever.arrived")}
                <span className="visually-hidden"> {nameOf(one.patient, t)}</span>
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Arrivals({ desk, mayTriage }: { desk: DeskView; mayTriage: boolean }) {
  const t = useText();
  const [, go] = useLocation();
  const admit = useAdmit((visit) => go(`/fever/${visit.id}`));
  return (
    <section>
      <h3 className="fever-part">{t("fever.arrivals", { count: desk.arrivals.length })}</h3>
      <ProblemNotice error={admit.error} />
      <ul>
        {desk.arrivals.map((one) => (
          <li key={one.appointmentId} className="fever-arrival">
            <span>
              <strong>{nameOf(one.patient, t)}</strong>{" "}
              <span className="muted small">{sexAndAge(one.patient, t)}</span>
              <br />
              <span className="muted small">
                <span className="figure">
                  {clockTime(one.startsAt)} {one.ticket}
                </span>{" "}
                · {t(one.screened ? "fever.answered" : "fever.notAnswered")}
                {one.route ? ` · ${t(`fever.route.${one.route}`)}` : ""}
              </span>
            </span>
            {mayTriage ? (
              <Button
                look="soft"
                busy={admit.isPending}
                onClick={() => admit.mutate({ appointmentId: one.appointmentId })}
              >
                {t("fever.arrived")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function VisitItem({ visit, current }: { visit: VisitLine; current: boolean }) {
  const t = useText();
  return (
    <Link
      href={`/fever/${visit.id}`}
      className="queue-item"
      aria-current={current ? "true" : undefined}
    >
      <span className="queue-top">
        <Status tone={visit.alarm ? "bad" : visitTone[visit.state]}>
          {t(`fever.state.${visit.state}`)}
        </Status>
        {visit.reportDueAt ? (
          <Countdown dueAt={visit.reportDueAt} lead={t("fever.report")} />
        ) : visit.repeatFrom ? (
          <Countdown dueAt={visit.repeatFrom} lead={t("fever.measuredAgain")} tone="warn" />
        ) : visit.resultDueAt ? (
          <Countdown dueAt={visit.resultDueAt} lead={t("fever.resultLead")} />
        ) : visit.hasResult ? (
          <Status tone="info">{t("fever.resultThere")}</Status>
        ) : null}
      </span>
      <span className="strong">
        {nameOf(visit.patient, t)}{" "}
        <span className="muted small">{sexAndAge(visit.patient, t)}</span>
      </span>
      <span className="muted small">
        {[
          visit.room?.name,
          visit.temperature ? `${visit.temperature.toFixed(1)}℃` : null,
          visit.route ? t(`fever.route.${visit.route}`) : null,
          t("fever.at", { time: clockTime(visit.arrivedAt) }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </Link>
  );
}
