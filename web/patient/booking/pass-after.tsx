import { Link } from "wouter";
import { buttonClass } from "../../design/components/button.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import type { AppointmentView } from "../my-appointments.ts";
import { timesOf } from "./check-answers.tsx";
import { placeIn } from "./words.tsx";

/** What an appointment that went another way means, and what to do now. */
export function PassAfter({ appointment }: { appointment: AppointmentView }) {
  const t = useText();
  const language = useLanguage();
  const { state } = appointment;
  if (state === "passed") {
    return (
      <Notice tone="warn" title={t("patient.booking.passedTitle")}>
        {t("patient.booking.passedHow", { place: placeIn(appointment, language) })}
      </Notice>
    );
  }
  if (state !== "clinic-stopped" && state !== "no-show" && state !== "cancelled") return null;
  const again = (
    <Link href={timesOf(appointment)} className={buttonClass("primary")}>
      {t("patient.booking.otherTimes")}
    </Link>
  );
  return (
    <Notice
      tone={state === "cancelled" ? "info" : "warn"}
      title={t(`patient.booking.over.${state}`)}
      action={again}
    >
      {state === "clinic-stopped" && appointment.stopReason ? (
        <p lang="zh-CN">{appointment.stopReason}</p>
      ) : null}
      <p>{t(`patient.booking.overHow.${state}`)}</p>
    </Notice>
  );
}
