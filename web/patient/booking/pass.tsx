import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, useSearch } from "wouter";
import { keepPage } from "../../api/keep-page.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { useNow } from "../../design/components/countdown.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Qr } from "../../design/components/qr.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { withFeverWords } from "../fever-words.ts";
import { type AppointmentView, isComing, useMyAppointments } from "../my-appointments.ts";
import { useOnline } from "../online.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { CheckIn } from "./check-in.tsx";
import { PassActions } from "./pass-actions.tsx";
import { PassAfter } from "./pass-after.tsx";
import { PassFacts } from "./pass-facts.tsx";
import { QueueFigure } from "./queue-figure.tsx";
import { StateBadge } from "./state.tsx";
import { StepHead } from "./step-head.tsx";
import { Name, nameIn, personName, timeRange, useDayWords } from "./words.tsx";

/** Which door, what to wear: fetched with the pass of a fever clinic only. */
const FeverEntry = lazy(async () => ({
  default: (await withFeverWords(import("../fever/entry.tsx"))).FeverEntry,
}));

/** One appointment as a pass: the code, where to go, when, how many are ahead, what if I am late. */
export function Pass({ id }: { id: string }) {
  const t = useText();
  const mine = useMyAppointments();
  const found = mine.data?.appointments.find((one) => one.id === id);
  const seen = found !== undefined;
  useEffect(() => {
    if (seen) void keepPage();
  }, [seen]);
  return (
    <main id="main" className="phone-page pass">
      {mine.isPending ? <Skeleton lines={6} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data && !found ? (
        <Empty
          icon={calendar}
          title={t("patient.booking.passNotFound")}
          action={
            <Link href="/appointments" className={buttonClass("primary")}>
              {t("patient.booking.toList")}
            </Link>
          }
        />
      ) : null}
      {found ? <Visit appointment={found} keptAt={mine.data?.keptAt ?? null} /> : null}
    </main>
  );
}

function Visit({ appointment, keptAt }: { appointment: AppointmentView; keptAt: string | null }) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const online = useOnline();
  const done = new URLSearchParams(useSearch()).get("done");
  const dayWords = useDayWords();
  const now = useNow(30_000);
  const { institution, department, place, state } = appointment;
  const open = isComing(appointment);
  const mayChange = state === "booked" && Date.parse(appointment.cancelUntil) > now;
  const hasQueue = appointment.queue !== null;
  const stale = keptAt !== null || !online;
  const time = `${dayWords(appointment.startsAt)} ${timeRange(appointment.startsAt, appointment.endsAt)}`;
  const code = appointment.code.replace(/(.{3})(?=.)/u, "$1 ");
  // Somebody who has just arrived, or is called, is to see that and not the end of the page.
  const card = useRef<HTMLElement>(null);
  const step = appointment.queue?.called ? "called" : hasQueue ? "queue" : "";
  const seenStep = useRef(step);
  useEffect(() => {
    if (step !== "" && step !== seenStep.current) card.current?.scrollIntoView({ block: "center" });
    seenStep.current = step;
  }, [step]);
  useEffect(() => {
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  const aloud = [
    nameIn(department.name, language),
    appointment.queue?.called
      ? t("patient.booking.comeIn")
      : appointment.queue
        ? `${t("patient.booking.aheadBefore")} ${appointment.queue.ahead} ${t("patient.booking.aheadAfter", { count: appointment.queue.ahead })}`
        : time,
    nameIn(institution.name, language),
    place,
    t("patient.booking.codeIs", { code: [...appointment.code].join(" ") }),
    t("patient.booking.bring"),
  ].join(". ");
  return (
    <>
      <StepHead
        title={
          <>
            <Name of={department.name} />
            {appointment.doctor ? <span lang="zh-CN"> · {appointment.doctor.name}</span> : null}
          </>
        }
        back={{ href: "/appointments", label: t("patient.booking.listTitle") }}
      >
        <p className="row">
          <StateBadge appointment={appointment} />
          <span className="muted">{personName(appointment.patient, language)}</span>
        </p>
      </StepHead>
      {done === "booked" && state === "booked" ? (
        <Notice tone="good" title={t("patient.booking.bookedDone")}>
          {t("patient.booking.bookedDoneHow")}
        </Notice>
      ) : null}
      {done === "moved" && state === "booked" ? (
        <Notice tone="good" title={t("patient.booking.movedDone")} />
      ) : null}
      {stale ? (
        <Notice
          tone="warn"
          live={false}
          title={
            keptAt
              ? t("patient.offline.keptAt", { time: dayTime(keptAt) })
              : t("common.offline.title")
          }
        >
          {t("patient.booking.staleHow")}
        </Notice>
      ) : null}
      <PassAfter appointment={appointment} />
      {open ? (
        <section className="pass-card" ref={card}>
          <QueueFigure appointment={appointment} keptAt={keptAt} />
          <div className="pass-code">
            <Qr
              value={appointment.code}
              label={t("patient.booking.qr", { code: appointment.code })}
            />
            <p className="pass-letters">{code}</p>
            <p className="muted small">
              {t("patient.booking.ticket", { ticket: appointment.ticket })}
            </p>
          </div>
        </section>
      ) : null}
      {elder ? <ReadAloud text={aloud} /> : null}
      {state === "booked" || state === "no-show" ? (
        <CheckIn appointment={appointment} now={now} />
      ) : null}
      <PassFacts appointment={appointment} mayChange={mayChange} />
      {open && appointment.kind === "fever-clinic" ? (
        <Suspense fallback={<Skeleton lines={3} />}>
          <FeverEntry institutionId={institution.id} />
        </Suspense>
      ) : null}
      <PassActions appointment={appointment} mayChange={mayChange} />
    </>
  );
}
