import { Link } from "wouter";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { phone as phoneIcon } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import type { AppointmentView } from "../my-appointments.ts";
import { isComing } from "../my-appointments.ts";
import type { Day, Segment } from "./queries.ts";
import { noonOf, timeRange, useDayWords } from "./words.tsx";

/** Refusals after which another time is the way on. */
const elsewhere = new Set(["booking.full", "booking.over", "booking.stopped", "request.not-found"]);
const shownTimes = 3;

/** After a seat was refused: the nearest that is free, the appointment that stands in the way, or whom to call. */
export function Alternatives({
  code,
  lost,
  free,
  days,
  day,
  onTake,
  onDay,
  appointments,
  patientId,
  departmentId,
  phone,
}: {
  code: string;
  /** The time that could not be had. */
  lost: Pick<Segment, "id" | "startsAt"> | null;
  free: readonly Segment[];
  days: readonly Day[];
  day: string | null;
  onTake: (segment: Segment) => void;
  onDay: (day: string) => void;
  appointments: readonly AppointmentView[];
  patientId: string | null;
  departmentId: string;
  phone: string | null;
}) {
  const t = useText();
  const dayWords = useDayWords();
  if (code === "booking.already-booked") {
    const other = appointments.find(
      (one) =>
        one.patient.id === patientId &&
        one.department.id === departmentId &&
        one.day === day &&
        isComing(one),
    );
    return (
      <Link
        href={other ? `/appointments/${other.id}` : "/appointments"}
        className={buttonClass("soft", { wide: true })}
      >
        {t("patient.booking.openThat")}
      </Link>
    );
  }
  if (code === "booking.too-many-patients") {
    return (
      <Link href="/appointments" className={buttonClass("soft", { wide: true })}>
        {t("patient.booking.toList")}
      </Link>
    );
  }
  if (code === "booking.blocked" && phone) {
    return (
      <a href={`tel:${phone}`} className={buttonClass("soft", { wide: true })}>
        <Icon path={phoneIcon} />
        <span>{t("patient.booking.callPlace", { phone })}</span>
      </a>
    );
  }
  if (!elsewhere.has(code)) return null;
  const from = lost ? Date.parse(lost.startsAt) : 0;
  const near = free
    .filter(({ id }) => id !== lost?.id)
    .toSorted(
      (a, b) => Math.abs(Date.parse(a.startsAt) - from) - Math.abs(Date.parse(b.startsAt) - from),
    )
    .slice(0, shownTimes);
  const apart = (one: Day) => Math.abs(Date.parse(one.day) - Date.parse(day ?? one.day));
  const nextDay = days
    .filter((one) => one.state === "free" && one.day !== day)
    .toSorted((a, b) => apart(a) - apart(b))[0];
  if (near.length === 0 && !nextDay) return null;
  return (
    <section className="stack stack-2" aria-label={t("patient.booking.nearest")}>
      <h2 className="section-title">{t("patient.booking.nearest")}</h2>
      {near.map((segment) => (
        <Button key={segment.id} look="soft" wide onClick={() => onTake(segment)}>
          {timeRange(segment.startsAt, segment.endsAt)}{" "}
          {t("patient.booking.left", { count: segment.left })}
        </Button>
      ))}
      {nextDay ? (
        <Button look="plain" wide onClick={() => onDay(nextDay.day)}>
          {dayWords(noonOf(nextDay.day))} {t("patient.booking.left", { count: nextDay.left })}
        </Button>
      ) : null}
    </section>
  );
}
