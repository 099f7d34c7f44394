import { asApiError } from "../../api/client.ts";
import { Button } from "../../design/components/button.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { left } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import type { AppointmentView } from "../my-appointments.ts";
import { Facts } from "./facts.tsx";
import type { Segment } from "./queries.ts";
import { Name, timeRange, useDayWords } from "./words.tsx";
import { useStep } from "./writes.ts";

/** From one time to another, read once more; the old one stays until the new one is there. */
export function MoveCheck({
  appointment,
  segment,
  onBack,
  onDone,
}: {
  appointment: AppointmentView;
  segment: Segment;
  onBack: () => void;
  onDone: () => void;
}) {
  const t = useText();
  const dayWords = useDayWords();
  const move = useStep<{ segmentId: string }>("move", onDone);
  const words = ({ startsAt, endsAt }: Pick<Segment, "startsAt" | "endsAt">) =>
    `${dayWords(startsAt)} ${timeRange(startsAt, endsAt)}`;
  return (
    <main id="main" className="phone-page">
      <header className="step-head">
        <Button look="quiet" className="align-start" icon={left} onClick={onBack}>
          {t("patient.booking.otherTime")}
        </Button>
        <h1>{t("patient.booking.moveCheck")}</h1>
      </header>
      <Facts
        rows={[
          [t("patient.booking.who"), appointment.patient.name],
          [t("patient.booking.whereTo"), <Name key="where" of={appointment.department.name} />],
          [
            t("patient.booking.before"),
            <s key="before" className="figure muted">
              {words(appointment)}
            </s>,
          ],
          [
            t("patient.booking.after"),
            <strong key="after" className="figure">
              {words(segment)}
            </strong>,
          ],
        ]}
      />
      <p className="muted">{t("patient.booking.moveKept")}</p>
      <ProblemNotice
        error={move.error}
        kept={move.error ? t("patient.booking.moveOldStays") : undefined}
      />
      <div className="book-foot">
        {move.error && asApiError(move.error).status === 409 ? (
          <Button look="primary" size="large" wide onClick={onBack}>
            {t("patient.booking.otherTimes")}
          </Button>
        ) : (
          <Button
            look="primary"
            size="large"
            wide
            busy={move.isPending}
            onClick={() => move.mutate({ id: appointment.id, segmentId: segment.id })}
          >
            {t("patient.booking.moveConfirm")}
          </Button>
        )}
      </div>
    </main>
  );
}
