import { Icon } from "../../design/components/icon.tsx";
import { clock } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime, shortTime } from "../../i18n/time.ts";
import type { AppointmentView } from "../my-appointments.ts";
import { bell } from "./icons.ts";
import { timeRange, useDayWords } from "./words.tsx";

/** So few ahead that one should stand by the door. */
const soon = 3;

/**
 * What matters most now, the largest thing of its page: come in, how many are ahead, or when it is.
 * @param keptAt when the phone kept this, if it could not be read afresh
 */
export function QueueFigure({
  appointment,
  keptAt,
}: {
  appointment: AppointmentView;
  keptAt: string | null;
}) {
  const t = useText();
  const dayWords = useDayWords();
  const { queue, state, place } = appointment;
  const fresh = keptAt === null;
  if (queue?.called || state === "in-consultation") {
    return (
      <div className="queue queue-called" role="alert">
        <p className="queue-huge">{t("patient.booking.comeIn")}</p>
        <p className="strong queue-place">{place}</p>
        <p>{t("patient.booking.calledTicket", { ticket: appointment.ticket })}</p>
      </div>
    );
  }
  if (queue) {
    return (
      <div className="queue" aria-live="polite">
        <p className="queue-line">
          {queue.ahead === 0 ? (
            <strong className="queue-word">{t("patient.booking.youAreNext")}</strong>
          ) : (
            <>
              <span>{t("patient.booking.aheadBefore")}</span>{" "}
              <strong className="queue-number">{queue.ahead}</strong>{" "}
              <span>{t("patient.booking.aheadAfter", { count: queue.ahead })}</span>
            </>
          )}
        </p>
        {fresh ? (
          <>
            <p className="next-say">
              <Icon path={clock} />
              <span>{t("patient.booking.expected", { time: clockTime(queue.expectedAt) })}</span>
            </p>
            {queue.ahead <= soon ? (
              <p className="next-say queue-soon">
                <Icon path={bell} />
                <span>{t("patient.booking.nearDoor", { place })}</span>
              </p>
            ) : null}
          </>
        ) : (
          <p className="warn-text strong">
            {t("patient.booking.staleQueue", { time: shortTime(keptAt) })}
          </p>
        )}
      </div>
    );
  }
  return (
    <div className="queue">
      <p className="muted">{dayWords(appointment.startsAt)}</p>
      <p className="queue-time figure">{timeRange(appointment.startsAt, appointment.endsAt)}</p>
      {appointment.delayMinutes > 0 ? (
        <p className="warn-text strong">
          {t("patient.booking.delay", { minutes: appointment.delayMinutes })}
        </p>
      ) : null}
    </div>
  );
}
