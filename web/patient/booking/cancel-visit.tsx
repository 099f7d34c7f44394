import { useEffect, useRef } from "react";
import { Button } from "../../design/components/button.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { AppointmentView } from "../my-appointments.ts";
import { timeRange, useDayWords } from "./words.tsx";
import { useStep } from "./writes.ts";

/** Asked once more, in place: what goes, and that nothing else happens. */
export function CancelVisit({
  appointment,
  onKeep,
}: {
  appointment: AppointmentView;
  onKeep: () => void;
}) {
  const t = useText();
  const dayWords = useDayWords();
  const cancel = useStep<{ reason: string }>("cancel");
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.focus({ preventScroll: true });
    title.current?.parentElement?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <section className="ask-again no-print" aria-labelledby="cancel-title">
      <h2 id="cancel-title" ref={title} tabIndex={-1}>
        {t("patient.booking.cancelReally", {
          time: `${dayWords(appointment.startsAt)} ${timeRange(appointment.startsAt, appointment.endsAt)}`,
        })}
      </h2>
      <p>{t("patient.booking.cancelWhat")}</p>
      <ProblemNotice error={cancel.error} />
      <div className="stack stack-2">
        <Button
          look="danger"
          size="large"
          wide
          busy={cancel.isPending}
          onClick={() => cancel.mutate({ id: appointment.id, reason: "" })}
        >
          {t("patient.booking.cancelYes")}
        </Button>
        <Button size="large" wide onClick={onKeep}>
          {t("patient.booking.cancelNo")}
        </Button>
      </div>
    </section>
  );
}
