import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { asApiError } from "../../api/client.ts";
import type { PatientView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { useMyAppointments } from "../my-appointments.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { Alternatives } from "./alternatives.tsx";
import { personOf, relationTo, useRemembered } from "./choices.ts";
import { MoveCheck } from "./move-check.tsx";
import { type Choice, type Segment, useAvailability, usePlaces, useSegments } from "./queries.ts";
import { SegmentList } from "./segment-list.tsx";
import { TimeFoot } from "./time-foot.tsx";
import { TimeHead } from "./time-head.tsx";
import { waitingRoomOf } from "./waiting-room.tsx";
import { WaitlistOffer } from "./waitlist-offer.tsx";
import { WeekStrip, weekOf } from "./week-strip.tsx";
import { nameIn, noonOf, timeRange, useDayWords } from "./words.tsx";
import { useHold } from "./writes.ts";

/** A fever clinic is reached through its questions; everything else is an ordinary one. */
const kindOf = (text: string | null): Choice["kind"] =>
  text === "fever-clinic" ? "fever-clinic" : "clinic";

/**
 * One department's times. The address holds what was chosen: `day`, `doctor`, and `move`, the
 * appointment that is to be changed to another time.
 */
export function ChooseTime({
  departmentId,
  session,
}: {
  departmentId: string;
  session: PatientView | null;
}) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const [place, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const choice: Choice = {
    departmentId,
    doctorId: search.get("doctor"),
    kind: kindOf(search.get("kind")),
  };
  const wished = search.get("day");
  const places = usePlaces(choice.kind);
  const availability = useAvailability(choice);
  const mine = useMyAppointments();
  const moved = mine.data?.appointments.find(({ id }) => id === search.get("move")) ?? null;
  const days = availability.data?.days ?? [];
  const day =
    wished ??
    (["free", "full", "not-released"] as const)
      .map((state) => days.find((one) => one.state === state)?.day)
      .find(Boolean) ??
    null;
  const segments = useSegments(choice, day);
  const dayWords = useDayWords();
  const { remembered, remember } = useRemembered();
  const person = personOf(session, remembered);
  const [turned, setTurned] = useState<number | null>(null);
  const [lost, setLost] = useState<Segment | null>(null);
  const [newTime, setNewTime] = useState<Segment | null>(null);
  const problem = useRef<HTMLDivElement>(null);
  const hold = useHold((appointment) => {
    remember({ departmentId, doctorId: choice.doctorId });
    go(`/book/check/${appointment.id}`);
  });
  const crowded = hold.error !== null && asApiError(hold.error).code === "booking.waiting-room";
  useEffect(() => {
    if (crowded && lost && person) go(waitingRoomOf(lost, person.id, `${place}?${search}`));
    else if (hold.error) problem.current?.focus();
  });

  const spot = (places.data?.places ?? [])
    .flatMap((one) => one.departments.map((department) => ({ place: one, department })))
    .find(({ department }) => department.id === departmentId);
  const doctor = spot?.department.doctors.find(({ id }) => id === choice.doctorId);
  const schedules = segments.data?.schedules ?? [];
  const free = schedules.flatMap((schedule) =>
    schedule.segments
      .filter(({ state, id }) => state === "free" && id !== moved?.segmentId)
      .map((segment) => ({ schedule, segment })),
  );
  // A link from elsewhere names a time; the button below offers it as long as it is free.
  const best =
    free.find(({ segment }) => segment.id === search.get("segment")) ??
    free.toSorted((a, b) => Date.parse(a.segment.startsAt) - Date.parse(b.segment.startsAt))[0] ??
    null;
  const chooseDay = (next: string) => {
    const query = new URLSearchParams(search);
    query.set("day", next);
    query.delete("segment");
    setTurned(null);
    setLost(null);
    hold.reset();
    go(`${place}?${query}`, { replace: true });
  };
  const here = `${place}?${search}`;
  const take = (segment: Segment) => {
    if (moved) {
      setNewTime(segment);
      return;
    }
    if (!person) {
      go(`/book/person?back=${encodeURIComponent(here)}`);
      return;
    }
    if (segment.state === "not-released") {
      go(waitingRoomOf(segment, person.id, here));
      return;
    }
    setLost(segment);
    hold.mutate({
      segmentId: segment.id,
      patientId: person.id,
      relation: relationTo(session, person.id),
    });
  };

  if (moved && newTime) {
    return (
      <MoveCheck
        appointment={moved}
        segment={newTime}
        onBack={() => {
          setNewTime(null);
          void segments.refetch();
        }}
        onDone={() => go(`/appointments/${moved.id}?done=moved`, { replace: true })}
      />
    );
  }

  const chosenDay = days.find((one) => one.day === day);
  const title = spot ? nameIn(spot.department.name, language) : "";
  const aloud = [
    title,
    day ? dayWords(noonOf(day)) : "",
    ...free.map(({ segment }) =>
      [
        timeRange(segment.startsAt, segment.endsAt),
        t("patient.booking.left", { count: segment.left }),
      ].join(" "),
    ),
  ].join(". ");
  return (
    <main id="main" className="phone-page book-time">
      <TimeHead
        spot={spot ?? null}
        doctor={doctor ?? null}
        moved={moved}
        person={person}
        back={here}
      />
      {elder && segments.data ? <ReadAloud text={aloud} /> : null}
      {availability.isPending ? <Skeleton lines={3} /> : null}
      {availability.isError ? (
        <ProblemNotice error={availability.error} retry={() => void availability.refetch()} />
      ) : null}
      {days.length > 0 ? (
        <WeekStrip
          days={days}
          chosen={day}
          onChoose={chooseDay}
          firstShown={turned ?? weekOf(days, day)}
          onTurn={setTurned}
        />
      ) : null}
      {availability.data && day === null ? (
        <Notice tone="info" live={false} title={t("patient.booking.nothingSoon")}>
          {t("patient.booking.nothingSoonHow")}
        </Notice>
      ) : null}
      <div ref={problem} tabIndex={-1} className="stack problem-place">
        {hold.error ? (
          <>
            <ProblemNotice error={hold.error} />
            {asApiError(hold.error).code === "fever.booking-replaced" ? (
              <Link href="/fever?stay" className={buttonClass("primary", { wide: true })}>
                {t("patient.booking.toFever")}
              </Link>
            ) : null}
            <Alternatives
              code={asApiError(hold.error).code}
              lost={lost}
              free={free.map(({ segment }) => segment)}
              days={days}
              day={day}
              onTake={take}
              onDay={chooseDay}
              appointments={mine.data?.appointments ?? []}
              patientId={person?.id ?? null}
              departmentId={departmentId}
              phone={spot?.place.phone ?? null}
            />
          </>
        ) : null}
      </div>
      {segments.isPending && day ? <Skeleton lines={5} /> : null}
      {segments.isError ? (
        <ProblemNotice error={segments.error} retry={() => void segments.refetch()} />
      ) : null}
      {segments.data && schedules.length === 0 && day ? (
        <p className="muted">{t("patient.booking.day.none")}</p>
      ) : null}
      {chosenDay?.state === "stopped" ? (
        <Notice tone="warn" live={false} title={t("patient.booking.dayStopped")}>
          {t("patient.booking.dayStoppedHow")}
        </Notice>
      ) : null}
      {schedules.map((schedule) => (
        <div key={schedule.id} className="stack">
          {schedule.waitlist && day && !moved ? (
            <WaitlistOffer
              scheduleId={schedule.id}
              day={day}
              person={person}
              waits={(mine.data?.waitlist ?? []).some(
                (entry) =>
                  entry.state === "waitlisted" &&
                  entry.day === day &&
                  entry.patient.id === person?.id &&
                  entry.department.zh === spot?.department.name.zh &&
                  entry.institution.zh === spot.place.name.zh,
              )}
            />
          ) : null}
          <SegmentList
            schedule={
              moved
                ? {
                    ...schedule,
                    segments: schedule.segments.filter(({ id }) => id !== moved.segmentId),
                  }
                : schedule
            }
            best={best?.segment.id ?? null}
            busyId={hold.isPending ? (lost?.id ?? null) : null}
            onTake={take}
          />
        </div>
      ))}
      {best ? (
        <TimeFoot
          segment={best.segment}
          moving={moved !== null}
          busy={hold.isPending}
          onTake={take}
        />
      ) : null}
      <span className="visually-hidden" role="status">
        {day && segments.data ? t("patient.booking.freeTimes", { count: free.length }) : ""}
      </span>
    </main>
  );
}
