import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Link, useSearch } from "wouter";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { useNow } from "../../design/components/countdown.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Qr } from "../../design/components/qr.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar, clock, phone, print } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime } from "../../i18n/time.ts";
import { withFeverWords } from "../fever-words.ts";
import { type AppointmentView, isComing, useMyAppointments } from "../my-appointments.ts";
import { useOnline } from "../online.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { calendarFile } from "./calendar-file.ts";
import { CancelVisit } from "./cancel-visit.tsx";
import { timesOf } from "./check-answers.tsx";
import { CheckIn } from "./check-in.tsx";
import { Facts } from "./facts.tsx";
import { keepPage } from "./keep-page.ts";
import { QueueFigure } from "./queue-figure.tsx";
import { StateBadge } from "./state.tsx";
import { StepHead } from "./step-head.tsx";
import { doctorWords, Name, nameIn, personName, timeRange, useDayWords, useFee } from "./words.tsx";

/** Which door, what to wear: fetched with the pass of a fever clinic only. */
const FeverEntry = lazy(async () => ({
  default: (await withFeverWords(import("../fever/entry.tsx"))).FeverEntry,
}));
const remindMinutes = 60;

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
  const fee = useFee();
  const now = useNow(30_000);
  const [cancelling, setCancelling] = useState(false);
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
      <After appointment={appointment} />
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
      <section id="where">
        <Facts
          rows={[
            hasQueue || !open
              ? [
                  t("patient.booking.when"),
                  <span key="t" className="figure">
                    {time}
                  </span>,
                ]
              : null,
            [
              t("patient.booking.whereTo"),
              <>
                <strong>{place}</strong>
                <br />
                <Name of={institution.name} />
                {institution.address ? (
                  <>
                    <br />
                    <span className="muted">{institution.address}</span>
                  </>
                ) : null}
              </>,
            ],
            appointment.doctor && !elder
              ? [t("patient.booking.doctor"), doctorWords(appointment.doctor)]
              : null,
            open ? [t("patient.booking.bringTitle"), t("patient.booking.bring")] : null,
            state === "booked"
              ? [
                  t("patient.booking.lateTitle"),
                  t("patient.booking.late", { time: clockTime(appointment.lateAfter) }),
                ]
              : null,
            open && !elder ? [t("patient.booking.feeTitle"), fee(appointment.feeCents)] : null,
            state === "booked"
              ? [
                  t("patient.booking.cancelTitle"),
                  mayChange
                    ? t("patient.booking.cancelUntil", { time: dayTime(appointment.cancelUntil) })
                    : t("patient.booking.cancelOver"),
                ]
              : null,
          ]}
        />
      </section>
      {open && appointment.kind === "fever-clinic" ? (
        <Suspense fallback={<Skeleton lines={3} />}>
          <FeverEntry institutionId={institution.id} />
        </Suspense>
      ) : null}
      <div className="pass-actions no-print">
        {mayChange ? (
          <Link
            href={`${timesOf(appointment)}&move=${appointment.id}`}
            className={buttonClass("soft", { wide: true })}
          >
            <Icon path={clock} />
            <span>{t("patient.booking.move")}</span>
          </Link>
        ) : null}
        {open && !hasQueue ? (
          <Button
            icon={calendar}
            wide
            onClick={() =>
              save(
                `${appointment.code}.ics`,
                calendarFile(
                  {
                    ...appointment,
                    title: `${nameIn(department.name, language)} · ${nameIn(institution.name, language)}`,
                    place: [nameIn(institution.name, language), institution.address, place]
                      .filter(Boolean)
                      .join(", "),
                    notes: `${t("patient.booking.codeIs", { code: appointment.code })}\n${t("patient.booking.bring")}`,
                    remindMinutes,
                  },
                  Date.now(),
                ),
              )
            }
          >
            {t("patient.booking.toCalendar")}
          </Button>
        ) : null}
        {open ? (
          <Button icon={print} wide onClick={() => globalThis.print()}>
            {t("patient.booking.print")}
          </Button>
        ) : null}
        {institution.phone ? (
          <a
            href={`tel:${institution.phone}`}
            className={buttonClass("plain", { wide: true, className: "whole-row" })}
          >
            <Icon path={phone} />
            <span>{t("patient.booking.callPlace", { phone: institution.phone })}</span>
          </a>
        ) : null}
        {mayChange && !cancelling ? (
          <Button
            look="quiet"
            wide
            className="bad-text whole-row"
            onClick={() => setCancelling(true)}
          >
            {t("patient.booking.cancel")}
          </Button>
        ) : null}
      </div>
      {mayChange && cancelling ? (
        <CancelVisit appointment={appointment} onKeep={() => setCancelling(false)} />
      ) : null}
    </>
  );
}

/** What an appointment that went another way means, and what to do now. */
function After({ appointment }: { appointment: AppointmentView }) {
  const t = useText();
  const { state } = appointment;
  if (state === "passed") {
    return (
      <Notice tone="warn" title={t("patient.booking.passedTitle")}>
        {t("patient.booking.passedHow", { place: appointment.place })}
      </Notice>
    );
  }
  if (state !== "clinic-stopped" && state !== "no-show" && state !== "cancelled") return null;
  const again = (
    <Link href={timesOf(appointment)} className={buttonClass("primary")}>
      {t("patient.booking.otherTimes")}
    </Link>
  );
  return (
    <Notice
      tone={state === "cancelled" ? "info" : "warn"}
      title={t(`patient.booking.over.${state}`)}
      action={again}
    >
      {state === "clinic-stopped" && appointment.stopReason ? (
        <p lang="zh-CN">{appointment.stopReason}</p>
      ) : null}
      <p>{t(`patient.booking.overHow.${state}`)}</p>
    </Notice>
  );
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
