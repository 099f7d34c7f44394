import type { ConsultDetail, ConsultSummary } from "../../server/consult/contract.ts";
import type { ConsultState, ConsultUrgency } from "../../server/consult/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import type { MessageId, Translate } from "../i18n/i18n.ts";
import { ageYears } from "../i18n/time.ts";

export const urgencyTone: Record<ConsultUrgency, Tone> = {
  emergency: "bad",
  urgent: "warn",
  routine: "quiet",
};

export const stateTone: Record<ConsultState, Tone> = {
  draft: "quiet",
  submitted: "info",
  "more-info-asked": "warn",
  accepted: "good",
  declined: "bad",
  "advice-only": "info",
  scheduled: "good",
  "in-session": "good",
  interrupted: "warn",
  "specialist-absent": "warn",
  "opinion-pending": "info",
  signed: "good",
  acknowledged: "good",
  archived: "quiet",
  cancelled: "quiet",
};

type Person = {
  fullName: string | null;
  fullNameBo: string | null;
  sex: string;
  ageYears: number | null;
  ageMonths?: number | null;
  birthDate?: string | null;
};

/** The name that is shown first; someone unknown is called so. */
export function nameOf(person: Pick<Person, "fullName" | "fullNameBo">, t: Translate): string {
  return person.fullName ?? person.fullNameBo ?? t("common.person.unknown");
}

/** Sex and age as a doctor says them; months for infants. */
export function sexAndAge(person: Person, t: Translate): string {
  const sex = t(`common.sex.${person.sex}` as MessageId);
  const years = person.ageYears ?? (person.birthDate ? ageYears(person.birthDate) : null);
  if (years === null) return sex;
  const age =
    years < 2 && person.ageMonths != null
      ? t("common.person.months", { count: years * 12 + person.ageMonths })
      : t("common.person.years", { count: years });
  return `${sex} · ${age}`;
}

/** The consents of one kind that stand: the last that was not withdrawn. */
export function standingConsent(
  consents: ConsultDetail["consents"],
  kind: ConsultDetail["consents"][number]["kind"],
) {
  return consents.filter((consent) => consent.kind === kind && !consent.withdrawnAt).at(-1) ?? null;
}

/** Overdue first, then by the clock that ends soonest, then by the last change. */
export function byClock(left: ConsultSummary, right: ConsultSummary): number {
  const emergency =
    Number(right.urgency === "emergency" && !!right.clock) -
    Number(left.urgency === "emergency" && !!left.clock);
  if (emergency !== 0) return emergency;
  const at = (consult: ConsultSummary) =>
    consult.clock ? Date.parse(consult.clock.dueAt) : Number.MAX_SAFE_INTEGER;
  return at(left) - at(right) || Date.parse(right.updatedAt) - Date.parse(left.updatedAt);
}

/** `3.2 MB` */
export function sizeWords(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
