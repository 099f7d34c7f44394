import type { AppointmentView, MyAppointments } from "../../server/booking/contract.ts";
import { useMine } from "./my-consults.ts";

export type { AppointmentView };
export type WaitlistEntry = MyAppointments["waitlist"][number];

/** My appointments and places on waitlists; without a line those that this phone has kept. */
export function useMyAppointments() {
  return useMine<MyAppointments>("appointments");
}

const over = new Set<AppointmentView["state"]>([
  "completed",
  "cancelled",
  "no-show",
  "clinic-stopped",
  "lapsed",
]);
export const isComing = ({ state }: AppointmentView) => !over.has(state);

/** Whoever is in a queue or called now, whatever else is booked before. */
const isNow = ({ queue, state }: AppointmentView) => queue !== null || state === "passed";

const byTime = (left: AppointmentView, right: AppointmentView) =>
  Date.parse(left.startsAt) - Date.parse(right.startsAt);

/** What is still to come: where one waits now, then the earliest. */
export function coming(appointments: readonly AppointmentView[]): AppointmentView[] {
  return appointments
    .filter(isComing)
    .toSorted((left, right) => Number(isNow(right)) - Number(isNow(left)) || byTime(left, right));
}

/** What is over, the latest first. A hold that nobody confirmed is no visit. */
export function past(appointments: readonly AppointmentView[]): AppointmentView[] {
  return appointments
    .filter((one) => !isComing(one) && one.state !== "lapsed")
    .toSorted((left, right) => byTime(right, left));
}

/** The visit that comes next; a stopped clinic stays in sight until its time, because something is to be done. */
export function nextAppointment(
  appointments: readonly AppointmentView[],
  now = Date.now(),
): AppointmentView | null {
  const stopped = ({ state, endsAt }: AppointmentView) =>
    state === "clinic-stopped" && Date.parse(endsAt) > now;
  const next = coming(appointments).find(({ state }) => state !== "held");
  if (next && isNow(next)) return next;
  return [...(next ? [next] : []), ...appointments.filter(stopped)].toSorted(byTime)[0] ?? null;
}
