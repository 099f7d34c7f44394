import { Link } from "wouter";
import { Icon } from "../../design/components/icon.tsx";
import { calendar, clock, right } from "../../design/icons.ts";
import { qr } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayWords as shortDay, shortTime } from "../../i18n/time.ts";
import type { AppointmentView, WaitlistEntry } from "../my-appointments.ts";
import { bell, pin } from "./icons.ts";
import { StateBadge } from "./state.tsx";
import { Name, nameIn, Place, personName, placeIn, timeRange, useDayWords } from "./words.tsx";
import "./booking.css";

/** What the one number of the card is: how many are ahead while waiting, else the time. */
function useFigure(appointment: AppointmentView) {
  const t = useText();
  const language = useLanguage();
  const { queue } = appointment;
  if (queue?.called) {
    return {
      figure: t("patient.booking.comeIn"),
      under: "",
      say: t("patient.booking.comeInTo", { place: placeIn(appointment, language) }),
    };
  }
  if (queue) {
    return {
      figure: String(queue.ahead),
      under: t("patient.booking.ahead", { count: queue.ahead }),
      say: t("patient.booking.expected", { time: clockTime(queue.expectedAt) }),
    };
  }
  return {
    figure: clockTime(appointment.startsAt),
    under: shortDay(appointment.startsAt),
    say:
      appointment.state === "clinic-stopped"
        ? t("patient.booking.overHow.clinic-stopped")
        : appointment.state === "passed"
          ? t("patient.booking.passedHow", { place: placeIn(appointment, language) })
          : appointment.delayMinutes > 0
            ? t("patient.booking.delay", { minutes: appointment.delayMinutes })
            : t("patient.booking.bringShort"),
  };
}

/** "What is next for me" on home, when it is a visit. */
export function NextVisit({
  appointment,
  several,
}: {
  appointment: AppointmentView;
  several: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const { figure, under, say } = useFigure(appointment);
  const href = `/appointments/${appointment.id}`;
  return (
    <div className="next-card">
      <div className="next-body">
        <div className="row spread">
          <span className="muted">
            {several
              ? t("patient.booking.visitOf", { name: personName(appointment.patient, language) })
              : t("patient.booking.visit")}
          </span>
          <StateBadge appointment={appointment} />
        </div>
        <div className="next-main">
          <div className="grow next-where">
            <h2>
              <Name of={appointment.department.name} />
              {appointment.doctor ? <span lang="zh-CN"> · {appointment.doctor.name}</span> : null}
            </h2>
            <p className="muted">
              {appointment.queue ? (
                <span className="figure">
                  {timeRange(appointment.startsAt, appointment.endsAt)}{" "}
                </span>
              ) : null}
              <Place of={appointment} />
            </p>
            <p className="muted">
              <Name of={appointment.institution.name} />
            </p>
          </div>
          <p className="next-figure">
            <strong>{figure}</strong>
            <span className="muted">{under}</span>
          </p>
        </div>
        <p className="next-say">
          <Icon path={clock} />
          <span>{say}</span>
        </p>
      </div>
      <div className="next-links">
        <Link href={href}>
          <Icon path={qr} />
          <span>{t("patient.booking.pass")}</span>
        </Link>
        <Link href={`${href}#where`}>
          <Icon path={pin} />
          <span>{t("patient.booking.howToGo")}</span>
        </Link>
      </div>
    </div>
  );
}

/** The same on the elders' home: fewer words, a larger number. */
export function ElderVisit({ appointment }: { appointment: AppointmentView }) {
  const t = useText();
  const { figure, say } = useFigure(appointment);
  const waiting = appointment.queue && !appointment.queue.called;
  const dayWords = useDayWords();
  return (
    <Link href={`/appointments/${appointment.id}`} className="elder-next elder-visit">
      <h2>
        {waiting
          ? t("patient.booking.aheadBefore")
          : appointment.queue?.called
            ? ""
            : dayWords(appointment.startsAt)}
      </h2>
      <strong>
        {figure}
        {waiting ? (
          <span className="elder-unit">
            {" "}
            {t("patient.booking.aheadAfter", { count: appointment.queue?.ahead ?? 0 })}
          </span>
        ) : null}
      </strong>
      <p>
        <Name of={appointment.department.name} /> <Place of={appointment} />
      </p>
      <p>{say}</p>
    </Link>
  );
}

/** The offer of a waitlist, among the news of home. */
export function OfferRows({ offers }: { offers: readonly WaitlistEntry[] }) {
  const t = useText();
  const dayWords = useDayWords();
  return offers.map((offer) => (
    <li key={offer.id}>
      <Link
        href={offer.appointmentId ? `/book/check/${offer.appointmentId}` : "/appointments"}
        className="list-row"
      >
        <Icon path={offer.appointmentId ? bell : calendar} />
        <span className="grow">
          <span className="strong">{t("patient.booking.offerTitle")}</span>
          <span className="row-line">
            <Name of={offer.department} /> · {dayWords(`${offer.day}T12:00:00+08:00`)}
          </span>
          <span className="muted small row-line">
            {t("patient.booking.offerHow", { time: shortTime(offer.offerUntil ?? Date.now()) })}
          </span>
        </span>
        <Icon path={right} />
      </Link>
    </li>
  ));
}

/** What the elders' home reads aloud of it. */
export function useVisitWords(): (appointment: AppointmentView) => string {
  const t = useText();
  const language = useLanguage();
  const dayWords = useDayWords();
  return (appointment) =>
    [
      nameIn(appointment.department.name, language),
      appointment.queue?.called
        ? t("patient.booking.comeIn")
        : appointment.queue
          ? t("patient.booking.ahead", { count: appointment.queue.ahead })
          : `${dayWords(appointment.startsAt)} ${clockTime(appointment.startsAt)}`,
      placeIn(appointment, language),
    ].join(", ");
}
