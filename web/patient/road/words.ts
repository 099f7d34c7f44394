import type { Tone } from "../../design/components/status.tsx";
import { type Translate, useLanguage, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { dayTime, dayWords } from "../../i18n/time.ts";
import { leadingOf, type RoadEpisode, type RoadReferral } from "../my-road.ts";

type State = RoadReferral["state"];
type Place = keyof typeof places;

/** What each state means to somebody who is not of the trade: which badge, and whom to ring first. */
const places = {
  draft: { status: "decide", tone: "warn", ring: "from" },
  declined: { status: "stopped", tone: "quiet", ring: "from" },
  "patient-consented": { status: "wait", tone: "info", ring: "from" },
  submitted: { status: "wait", tone: "info", ring: "from" },
  "more-info-asked": { status: "wait", tone: "info", ring: "from" },
  accepted: { status: "ready", tone: "good", ring: "to" },
  booked: { status: "ready", tone: "good", ring: "to" },
  "on-the-way": { status: "way", tone: "info", ring: "to" },
  "no-show": { status: "stopped", tone: "warn", ring: "to" },
  "cancel-asked": { status: "wait", tone: "info", ring: "to" },
  arrived: { status: "there", tone: "good", ring: "to" },
  admitted: { status: "there", tone: "good", ring: "to" },
  "ready-for-down": { status: "there", tone: "good", ring: "to" },
  "down-accepted": { status: "ready", tone: "good", ring: "to" },
  "sent-down": { status: "home", tone: "good", ring: "to" },
  "continued-in-community": { status: "home", tone: "good", ring: "to" },
  returned: { status: "stopped", tone: "quiet", ring: "from" },
  "down-returned": { status: "stopped", tone: "quiet", ring: "from" },
  redirected: { status: "wait", tone: "info", ring: "from" },
  converted: { status: "over", tone: "info", ring: "from" },
  advised: { status: "over", tone: "good", ring: "from" },
  closed: { status: "over", tone: "quiet", ring: "care" },
  expired: { status: "stopped", tone: "warn", ring: "from" },
  cancelled: { status: "stopped", tone: "quiet", ring: "care" },
} as const satisfies Record<
  State | "declined" | "down-accepted" | "down-returned",
  { status: string; tone: Tone; ring: "from" | "to" | "care" }
>;

/** An emergency starts without anybody's yes. */
const atOnce = { status: "ready", tone: "bad", ring: "to" } as const;

function placeOf(one: RoadReferral): Place {
  if (one.state === "draft" && one.declined) return "declined";
  if (one.direction === "down" && one.state === "accepted") return "down-accepted";
  if (one.direction === "down" && one.state === "returned") return "down-returned";
  return one.state;
}

export type Phone = { name: string; number: string };
export type RoadWords = {
  /** Where I am: the largest words of the page. */
  now: string;
  next: string;
  status: string;
  tone: Tone;
  /** Whom to ring, the first one first. */
  phones: Phone[];
  lead: RoadReferral;
};

/** Where somebody is, what comes next and by when, and whom to ring, in words for everybody. */
export function useRoadWords(): (
  episode: RoadEpisode,
  more?: { appointmentAt?: string | null; now?: number },
) => RoadWords | null {
  const t = useText();
  const nameOf = useNameOf();
  useLanguage();
  return (episode, { appointmentAt = null, now = Date.now() } = {}) => {
    const lead = leadingOf(episode);
    if (!lead) return null;
    const place = placeOf(lead);
    const urgent = lead.state === "submitted" && lead.urgency === "emergency";
    const { status, tone, ring } = urgent ? atOnce : places[place];
    const late = lead.state === "submitted" && !urgent && isLate(lead.respondBy, now);
    const values = valuesOf(episode, lead, nameOf);
    return {
      now: t(`patient.road.now.${urgent ? "submitted-emergency" : place}`, values),
      next: nextOf(t, episode, lead, place, values, { appointmentAt, now, nameOf }),
      status: t(`patient.road.status.${late ? "late" : status}`),
      tone: late ? "warn" : tone,
      phones: phonesOf(episode, lead, ring, nameOf),
      lead,
    };
  };
}

type NameOf = ReturnType<typeof useNameOf>;
export const isLate = (respondBy: string | null, now: number): boolean =>
  respondBy !== null && Date.parse(respondBy) < now;

export function valuesOf(episode: RoadEpisode, one: RoadReferral, nameOf: NameOf) {
  return {
    from: nameOf(one.from),
    to: one.to ? nameOf(one.to) : "",
    care: nameOf(episode.care),
  };
}

function nextOf(
  t: Translate,
  episode: RoadEpisode,
  lead: RoadReferral,
  place: Place,
  values: ReturnType<typeof valuesOf>,
  { appointmentAt, now, nameOf }: { appointmentAt: string | null; now: number; nameOf: NameOf },
): string {
  const time = (at: string) => dayTime(at, now);
  switch (place) {
    case "submitted":
      if (lead.urgency === "emergency") return t("patient.road.next.submitted-emergency", values);
      return lead.respondBy && !isLate(lead.respondBy, now)
        ? t("patient.road.next.submitted", { ...values, time: time(lead.respondBy) })
        : t("patient.road.next.submitted-late", values);
    case "accepted":
      return lead.heldUntil
        ? t("patient.road.next.accepted", { ...values, time: time(lead.heldUntil) })
        : t("patient.road.next.accepted-free", values);
    case "booked":
      return appointmentAt
        ? t("patient.road.next.booked-at", { ...values, time: time(appointmentAt) })
        : t("patient.road.next.booked", values);
    case "on-the-way":
      return lead.department
        ? t("patient.road.next.on-the-way", { ...values, department: nameOf(lead.department) })
        : t("patient.road.next.on-the-way-any", values);
    case "ready-for-down": {
      const home = episode.referrals.findLast((one) => one.direction === "down");
      return home?.state === "submitted" && home.to && home.respondBy
        ? t("patient.road.next.ready-asked", { to: nameOf(home.to), time: time(home.respondBy) })
        : t("patient.road.next.ready-for-down", values);
    }
    case "continued-in-community": {
      const due = nextFollowUp(episode);
      return due
        ? t("patient.road.next.follow-up", { ...values, time: dayWords(noon(due.dueOn), now) })
        : t("patient.road.next.continued-in-community", values);
    }
    case "down-returned":
      return t("patient.road.next.returned", values);
    default:
      return t(`patient.road.next.${place}`, values);
  }
}

/** A day without a time, as people say it. */
export const noon = (day: string): string => `${day}T12:00:00+08:00`;

export function nextFollowUp(episode: RoadEpisode) {
  return episode.followUps
    .filter((one) => one.state === "planned")
    .toSorted((left, right) => left.dueOn.localeCompare(right.dueOn))[0];
}

function phonesOf(
  episode: RoadEpisode,
  lead: RoadReferral,
  ring: "from" | "to" | "care",
  nameOf: NameOf,
): Phone[] {
  const all = {
    from: { of: lead.from, number: lead.fromPhone },
    to: { of: lead.to, number: lead.toPhone },
    care: { of: episode.care, number: episode.carePhone },
  };
  const order = [ring, ...(["from", "to", "care"] as const).filter((one) => one !== ring)];
  const phones: Phone[] = [];
  for (const side of order) {
    const { of, number } = all[side];
    if (of && number && !phones.some((one) => one.number === number))
      phones.push({ name: nameOf(of), number });
  }
  return phones.slice(0, 2);
}
