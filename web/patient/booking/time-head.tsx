import { useLanguage, useText } from "../../i18n/i18n.ts";
import type { AppointmentView } from "../my-appointments.ts";
import type { Person } from "./choices.ts";
import type { Department, Doctor, Place } from "./queries.ts";
import { ForWhom, StepHead } from "./step-head.tsx";
import { doctorWords, Name, timeRange, useDayWords } from "./words.tsx";

/** Whose times these are, for whom, and which appointment is to be changed. */
export function TimeHead({
  spot,
  doctor,
  moved,
  person,
  back,
}: {
  spot: { place: Place; department: Department } | null;
  doctor: Doctor | null;
  moved: AppointmentView | null;
  person: Person | null;
  /** This page's own address. */
  back: string;
}) {
  const t = useText();
  const language = useLanguage();
  const dayWords = useDayWords();
  return (
    <StepHead
      step={moved ? undefined : 2}
      title={
        <>
          {spot ? <Name of={spot.department.name} /> : null}
          {spot ? <span aria-hidden="true"> · </span> : null}
          {t(moved ? "patient.booking.moveTitle" : "patient.booking.chooseTime")}
        </>
      }
      back={
        moved
          ? { href: `/appointments/${moved.id}`, label: t("patient.booking.toPass") }
          : { href: "/book", label: t("patient.booking.otherPlace") }
      }
    >
      <p className="muted">
        {spot ? <Name of={spot.place.name} /> : null}
        {doctor ? <span lang="zh-CN"> {doctorWords(doctor, language)}</span> : null}
      </p>
      {moved ? (
        <p className="muted">
          {t("patient.booking.now", {
            time: `${dayWords(moved.startsAt)} ${timeRange(moved.startsAt, moved.endsAt)}`,
          })}
        </p>
      ) : (
        <ForWhom person={person} back={back} />
      )}
    </StepHead>
  );
}
