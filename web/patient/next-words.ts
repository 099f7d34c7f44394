import type { Translate } from "../i18n/i18n.ts";
import { clockTime, dayWords } from "../i18n/time.ts";
import type { MyConsult } from "./my-consults.ts";

/** The next consult in a patient's words: what it is, when, where to go. */
export function nextWords(consult: MyConsult, t: Translate) {
  const scheduled =
    consult.scheduledStart && consult.state !== "opinion-pending" ? consult.scheduledStart : null;
  const now = consult.state === "in-session" || consult.state === "interrupted";
  return {
    title: t("patient.next.title", { hospital: consult.invited ?? t("patient.next.someHospital") }),
    time: scheduled ? clockTime(scheduled) : null,
    day: scheduled ? dayWords(scheduled) : null,
    where: t("patient.next.where", { hospital: consult.inviting }),
    say: now
      ? t("patient.next.now")
      : scheduled
        ? t("patient.next.come")
        : consult.state === "opinion-pending" || consult.state === "advice-only"
          ? t("patient.next.writing")
          : t("patient.next.waiting"),
  };
}
