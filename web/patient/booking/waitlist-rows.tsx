import { useState } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Status } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import { shortTime } from "../../i18n/time.ts";
import type { WaitlistEntry } from "../my-appointments.ts";
import { bell } from "./icons.ts";
import { Name, noonOf, useDayWords } from "./words.tsx";
import { useStep, useWithdraw } from "./writes.ts";

/** Places on waitlists: an offer with its deadline first, then how many are before me. */
export function WaitlistRows({ entries }: { entries: readonly WaitlistEntry[] }) {
  const t = useText();
  return (
    <section>
      <h2 className="section-title">{t("patient.booking.waitlist")}</h2>
      <ul className="stack stack-2">
        {entries
          .toSorted((a, b) => Number(b.state === "offered") - Number(a.state === "offered"))
          .map((entry) => (
            <WaitlistRow key={entry.id} entry={entry} />
          ))}
      </ul>
    </section>
  );
}

function WaitlistRow({ entry }: { entry: WaitlistEntry }) {
  const t = useText();
  const dayWords = useDayWords();
  const withdraw = useWithdraw();
  const decline = useStep<{ reason: string }>("cancel");
  const [asking, setAsking] = useState(false);
  const offered = entry.state === "offered" && entry.appointmentId !== null;
  return (
    <li className={`waitlist${offered ? " waitlist-offer" : ""}`}>
      <p className="row spread">
        <span className="strong">
          {dayWords(noonOf(entry.day))} · <Name of={entry.department} />
        </span>
        <Status tone={offered ? "good" : "quiet"} icon={offered ? bell : undefined}>
          {t(`patient.booking.waitState.${offered ? "offered" : "waitlisted"}`)}
        </Status>
      </p>
      <p className="muted small">
        <Name of={entry.institution} /> · {entry.patient.name}
      </p>
      {offered ? (
        <>
          <p>
            {t("patient.booking.offerHow", { time: shortTime(entry.offerUntil ?? Date.now()) })}
          </p>
          <Link
            href={`/book/check/${entry.appointmentId}`}
            className={buttonClass("primary", { wide: true, size: "large" })}
          >
            {t("patient.booking.offerOpen")}
          </Link>
        </>
      ) : (
        <p>{t("patient.booking.waitAhead", { count: entry.ahead })}</p>
      )}
      <ProblemNotice error={withdraw.error ?? decline.error} />
      {asking ? (
        <div className="row">
          <Button
            look="danger"
            busy={withdraw.isPending || decline.isPending}
            onClick={() =>
              offered && entry.appointmentId
                ? decline.mutate({ id: entry.appointmentId, reason: "" })
                : withdraw.mutate(entry.id)
            }
          >
            {t(offered ? "patient.booking.declineYes" : "patient.booking.withdrawYes")}
          </Button>
          <Button onClick={() => setAsking(false)}>{t("patient.booking.withdrawNo")}</Button>
        </div>
      ) : (
        <Button look="quiet" className="align-start" onClick={() => setAsking(true)}>
          {t(offered ? "patient.booking.decline" : "patient.booking.withdraw")}
        </Button>
      )}
    </li>
  );
}
