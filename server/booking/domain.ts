/** The rules of booking: states, pools of seats, release, late-comers, penalties. Pure. */

/** What is booked; each kind has its own pages and rules around the same seats. */
export const serviceKinds = ["clinic", "fever-clinic", "test"] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/**
 * An appointment's way (domain.md, Booking). `lapsed` is a hold that nobody confirmed; `passed` was
 * called and not there, and comes back into the queue.
 */
export const appointmentStates = [
  "held",
  "booked",
  "checked-in",
  "waiting",
  "in-consultation",
  "completed",
  "passed",
  "cancelled",
  "no-show",
  "clinic-stopped",
  "lapsed",
] as const;
export type AppointmentState = (typeof appointmentStates)[number];

/** Steps that exist; the table `appointment_transition` holds the same rows and a test compares. */
export const appointmentSteps: Readonly<Record<AppointmentState, readonly AppointmentState[]>> = {
  held: ["booked", "lapsed", "cancelled", "clinic-stopped"],
  booked: ["checked-in", "waiting", "cancelled", "no-show", "clinic-stopped"],
  "checked-in": ["waiting", "cancelled", "clinic-stopped"],
  waiting: ["in-consultation", "passed", "cancelled", "clinic-stopped"],
  "in-consultation": ["completed", "passed"],
  passed: ["waiting", "cancelled", "no-show", "clinic-stopped"],
  completed: [],
  cancelled: [],
  "no-show": ["waiting"],
  "clinic-stopped": [],
  lapsed: [],
};

/** One of these per patient, department and day. */
export const countingStates: readonly AppointmentState[] = [
  "held",
  "booked",
  "checked-in",
  "waiting",
  "in-consultation",
  "passed",
  "completed",
];

/** The patient may still give the seat back. */
export const cancellableStates: readonly AppointmentState[] = ["held", "booked"];

/** One inventory under all of them. */
export const channels = [
  "phone-web",
  "hotline",
  "kiosk",
  "window",
  "community-doctor",
  "helper",
  "sms",
] as const;
export type Channel = (typeof channels)[number];

/** Who may take a seat before it is everybody's. */
export const seatPools = ["public", "priority", "hotline", "window"] as const;
export type SeatPool = (typeof seatPools)[number];

/** Which reserved seats a channel may take beside the public ones. */
export const poolsOfChannel: Readonly<Record<Channel, readonly SeatPool[]>> = {
  "phone-web": ["public"],
  sms: ["public"],
  kiosk: ["public"],
  helper: ["public", "hotline"],
  hotline: ["public", "hotline"],
  "community-doctor": ["public", "priority"],
  window: ["public", "window", "hotline", "priority"],
};

export const waitlistStates = ["waitlisted", "offered", "promoted", "lapsed", "withdrawn"] as const;
export type WaitlistState = (typeof waitlistStates)[number];

/**
 * What an institution decides for itself, dated. Sources: domain.md, Booking and Tiered care; the
 * numbers marked "parameter" there are columns here.
 */
export type BookingPolicy = {
  /** Seats are released this many days ahead … */
  releaseDaysAhead: number;
  /** … at this minute of the local day. */
  releaseMinute: number;
  /** Family doctors book this many days before the public (five since April 2024). */
  priorityLeadDays: number;
  /** Share of a segment's seats kept for them, percent. */
  priorityPercent: number;
  /** Priority seats that nobody took become everybody's this long before the visit's day, hours. */
  priorityReturnHours: number;
  /** Share kept for the hotline, percent; returned together with the priority seats. */
  hotlinePercent: number;
  holdMinutes: number;
  /** How late one may come before it counts as not having come, minutes. */
  lateMinutes: number;
  /** Check-in opens this long before the segment, minutes. */
  checkInMinutesBefore: number;
  /** This many no-shows … */
  noShowLimit: number;
  /** … within this many days … */
  noShowWindowDays: number;
  /** … close booking for this many days. Walk-in stays open. */
  noShowBlockDays: number;
  /** Patients with open appointments per phone number. */
  patientsPerPhone: number;
  /** A cancelled seat comes back after a random time between these, seconds (against scalpers). */
  returnMinSeconds: number;
  returnMaxSeconds: number;
  /** How long an offer from the waitlist stands, minutes. */
  offerMinutes: number;
  /** An offer's deadline lies at least this long before the visit, minutes. */
  offerEndsBeforeMinutes: number;
  /** A passed patient comes back after this many others. */
  requeueAfter: number;
  /** A waiting room is open this long before and after a release, minutes; 0 means none. */
  waitingRoomMinutes: number;
};

export const defaultPolicy: BookingPolicy = {
  releaseDaysAhead: 14,
  releaseMinute: 7 * 60,
  priorityLeadDays: 5,
  priorityPercent: 50,
  priorityReturnHours: 24,
  hotlinePercent: 0,
  holdMinutes: 15,
  lateMinutes: 30,
  checkInMinutesBefore: 60,
  noShowLimit: 3,
  noShowWindowDays: 90,
  noShowBlockDays: 90,
  patientsPerPhone: 5,
  returnMinSeconds: 60,
  returnMaxSeconds: 600,
  offerMinutes: 60,
  offerEndsBeforeMinutes: 60,
  requeueAfter: 3,
  waitingRoomMinutes: 15,
};
