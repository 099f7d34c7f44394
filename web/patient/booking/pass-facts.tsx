import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime } from "../../i18n/time.ts";
import { type AppointmentView, isComing } from "../my-appointments.ts";
import { Facts } from "./facts.tsx";
import { doctorWords, Name, Place, timeRange, useDayWords, useFee } from "./words.tsx";

/** Where, with whom, what to bring, what if I am late, until when it may be cancelled. */
export function PassFacts({
  appointment,
  mayChange,
}: {
  appointment: AppointmentView;
  mayChange: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const dayWords = useDayWords();
  const fee = useFee();
  const { institution, state } = appointment;
  const open = isComing(appointment);
  const hasQueue = appointment.queue !== null;
  const time = `${dayWords(appointment.startsAt)} ${timeRange(appointment.startsAt, appointment.endsAt)}`;
  return (
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
              <strong>
                <Place of={appointment} />
              </strong>
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
            ? [t("patient.booking.doctor"), doctorWords(appointment.doctor, language)]
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
  );
}
