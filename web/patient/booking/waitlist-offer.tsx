import { Link, useLocation } from "wouter";
import type { ContactRelation } from "../../../server/patients/domain.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { Person } from "./choices.ts";
import { noonOf, useDayWords } from "./words.tsx";
import { useJoinWaitlist } from "./writes.ts";

/** When a clinic's day is full: wait for a seat that is given back. */
export function WaitlistOffer({
  scheduleId,
  day,
  person,
  waits,
}: {
  scheduleId: string;
  day: string;
  person: Person | null;
  /** This person waits for that day already. */
  waits: boolean;
}) {
  const t = useText();
  const dayWords = useDayWords();
  const [, go] = useLocation();
  const join = useJoinWaitlist(() => go("/appointments?done=waiting"));
  return (
    <section className="waitlist" aria-labelledby={`waitlist-${scheduleId}`}>
      <h2 id={`waitlist-${scheduleId}`}>
        {t("patient.booking.fullDay", { day: dayWords(noonOf(day)) })}
      </h2>
      <p>{t("patient.booking.waitlistHow")}</p>
      <ProblemNotice error={join.error} />
      {waits ? (
        <Link href="/appointments" className={buttonClass("soft", { wide: true })}>
          {t("patient.booking.waitlistAlready")}
        </Link>
      ) : (
        <Button
          look="primary"
          size="large"
          wide
          busy={join.isPending}
          disabled={!person}
          onClick={() =>
            person &&
            join.mutate({
              scheduleId,
              day,
              patientId: person.id,
              relation: person.relation as ContactRelation,
            })
          }
        >
          {person
            ? t("patient.booking.waitlistJoin", { name: person.name })
            : t("patient.booking.whoFirst")}
        </Button>
      )}
    </section>
  );
}
