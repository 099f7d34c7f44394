import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { asApiError } from "../../api/client.ts";
import type { PatientView } from "../../api/session.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { remaining, useNow } from "../../design/components/countdown.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar, clock } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime, shortTime } from "../../i18n/time.ts";
import { type AppointmentView, useMyAppointments } from "../my-appointments.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { relationTo } from "./choices.ts";
import { Facts } from "./facts.tsx";
import { StepHead } from "./step-head.tsx";
import {
  doctorWords,
  Name,
  nameIn,
  Place,
  personName,
  placeIn,
  timeRange,
  useDayWords,
  useFee,
} from "./words.tsx";
import { useConfirm, useHold, useStep } from "./writes.ts";

/** Where another time of the same department is chosen. */
export function timesOf({ department, day, kind }: AppointmentView): string {
  return `/book/${department.id}?day=${day}${kind === "clinic" ? "" : `&kind=${kind}`}`;
}

/** The last step: a seat is held, everything is read once more, one press confirms. */
export function CheckAnswers({ id, session }: { id: string; session: PatientView | null }) {
  const t = useText();
  const [, go] = useLocation();
  const mine = useMyAppointments();
  const found = mine.data?.appointments.find((one) => one.id === id);
  // A hold that lapsed is listed no more: what was chosen stays on the page.
  const [last, setLast] = useState<AppointmentView | null>(null);
  if (found && found !== last) setLast(found);
  const held = found ?? (mine.data && last ? { ...last, state: "lapsed" as const } : undefined);
  // Confirmed in another tab, or by a lost answer's repetition: the pass is there already.
  const booked = held && !["held", "lapsed", "cancelled", "clinic-stopped"].includes(held.state);
  useEffect(() => {
    if (booked) go(`/appointments/${id}`, { replace: true });
  }, [booked, go, id]);
  return (
    <main id="main" className="phone-page">
      <StepHead
        step={3}
        title={t("patient.booking.checkTitle")}
        back={
          held
            ? { href: timesOf(held), label: t("patient.booking.otherTime") }
            : { href: "/book", label: t("patient.booking.otherPlace") }
        }
      />
      {mine.isPending ? <Skeleton lines={6} /> : null}
      {mine.isError ? <ProblemNotice error={mine.error} retry={() => void mine.refetch()} /> : null}
      {mine.data && !held ? (
        <Empty
          icon={calendar}
          title={t("patient.booking.heldGone")}
          action={
            <Link href="/book" className={buttonClass("primary")}>
              {t("patient.booking.begin")}
            </Link>
          }
        />
      ) : null}
      {held && !booked ? <Held held={held} session={session} /> : null}
    </main>
  );
}

function Held({ held, session }: { held: AppointmentView; session: PatientView | null }) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const [, go] = useLocation();
  const dayWords = useDayWords();
  const fee = useFee();
  const mine = useMyAppointments();
  const now = useNow();
  const confirm = useConfirm(() => go(`/appointments/${held.id}?done=booked`, { replace: true }));
  const again = useHold((appointment) => go(`/book/check/${appointment.id}`, { replace: true }));
  const letGo = useStep<{ reason: string }>("cancel");
  const time = `${dayWords(held.startsAt)} ${timeRange(held.startsAt, held.endsAt)}`;
  const until = held.heldUntil ? Date.parse(held.heldUntil) : 0;
  const code = confirm.error ? asApiError(confirm.error).code : null;
  const gone =
    held.state !== "held" ||
    ["booking.lapsed", "booking.step", "booking.stopped"].includes(code ?? "");
  const over = until <= now;
  const { refetch } = mine;
  // A phone's clock may be wrong: the server says whether the hold still stands.
  useEffect(() => {
    if (over) void refetch();
  }, [over, refetch]);
  const leave = async (path: string) => {
    // What is left behind is free again at once; without a line its time runs out by itself.
    if (!gone) await letGo.mutateAsync({ id: held.id, reason: "" }).catch(() => {});
    go(path);
  };
  const facts = (
    <Facts
      rows={[
        [
          t("patient.booking.who"),
          personName(held.patient, language),
          <Button
            key="who"
            look="quiet"
            onClick={() => void leave(`/book/person?back=${encodeURIComponent(timesOf(held))}`)}
          >
            {t("patient.booking.change")}
            <span className="visually-hidden"> {t("patient.booking.who")}</span>
          </Button>,
        ],
        [
          t("patient.booking.when"),
          <span key="time" className="figure">
            {time}
          </span>,
          <Button key="when" look="quiet" onClick={() => void leave(timesOf(held))}>
            {t("patient.booking.change")}
            <span className="visually-hidden"> {t("patient.booking.when")}</span>
          </Button>,
        ],
        [
          t("patient.booking.whereTo"),
          <>
            <Name of={held.institution.name} />
            <br />
            <Name of={held.department.name} /> <Place of={held} />
          </>,
        ],
        held.doctor ? [t("patient.booking.doctor"), doctorWords(held.doctor, language)] : null,
        elder ? null : [t("patient.booking.feeTitle"), fee(held.feeCents)],
        elder
          ? null
          : [
              t("patient.booking.cancelTitle"),
              Date.parse(held.cancelUntil) > now
                ? t("patient.booking.cancelUntil", { time: dayTime(held.cancelUntil) })
                : t("patient.booking.cancelOver"),
            ],
      ]}
    />
  );
  if (gone) {
    return (
      <>
        <Notice tone="warn" title={t("patient.booking.lapsedTitle")}>
          {t(
            held.state === "clinic-stopped"
              ? "patient.booking.dayStoppedHow"
              : "patient.booking.lapsedHow",
          )}
        </Notice>
        {facts}
        <ProblemNotice error={again.error} />
        <div className="stack stack-2">
          {again.error || held.state === "clinic-stopped" ? null : (
            <Button
              look="primary"
              size="large"
              wide
              busy={again.isPending}
              onClick={() =>
                again.mutate({
                  segmentId: held.segmentId,
                  patientId: held.patient.id,
                  relation: relationTo(session, held.patient.id),
                })
              }
            >
              {t("patient.booking.holdAgain")}
            </Button>
          )}
          <Link href={timesOf(held)} className={buttonClass("soft", { wide: true, size: "large" })}>
            {t("patient.booking.otherTimes")}
          </Link>
        </div>
      </>
    );
  }
  return (
    <>
      <p className={`held${until - now < 3 * 60_000 ? " held-short" : ""}`}>
        <Icon path={clock} />
        {over ? (
          <span>{t("patient.booking.holdAsked")}</span>
        ) : (
          <span>
            {t("patient.booking.heldFor")}{" "}
            <strong className="figure" role="timer">
              {until - now < 3_600_000 ? remaining(until - now) : shortTime(until)}
            </strong>
          </span>
        )}
      </p>
      {elder ? (
        <ReadAloud
          text={[
            t("patient.booking.checkTitle"),
            personName(held.patient, language),
            time,
            nameIn(held.institution.name, language),
            nameIn(held.department.name, language),
            placeIn(held, language),
          ].join(". ")}
        />
      ) : null}
      {facts}
      <p className="muted small">{t("patient.booking.bringShort")}</p>
      <ProblemNotice error={confirm.error} kept={t("patient.booking.stillHeld")} />
      <div className="book-foot">
        <Button
          look="primary"
          size="large"
          wide
          busy={confirm.isPending}
          onClick={() => confirm.mutate(held.id)}
        >
          {t("patient.booking.confirm")}
        </Button>
      </div>
    </>
  );
}
