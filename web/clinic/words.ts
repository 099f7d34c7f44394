import type { AppointmentState } from "../../server/booking/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import type { Language } from "../i18n/areas.ts";

/** A name in the reader's language; Chinese where no other was given. */
export function inWords(
  name: { zh: string; en: string | null; bo: string | null },
  language: Language,
): string {
  return (language === "bo" ? name.bo : language === "en" ? name.en : null) ?? name.zh;
}

export const rowTone: Record<AppointmentState, Tone> = {
  held: "quiet",
  booked: "quiet",
  "checked-in": "info",
  waiting: "info",
  "in-consultation": "good",
  completed: "quiet",
  passed: "warn",
  cancelled: "quiet",
  "no-show": "warn",
  "clinic-stopped": "bad",
  lapsed: "quiet",
};
