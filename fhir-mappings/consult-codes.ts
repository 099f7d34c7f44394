/**
 * How a consult's state and urgency look in FHIR. One table for each resource:
 * a state that is added to the domain and forgotten here does not compile.
 *
 * After HL7's closed-loop patterns the ServiceRequest carries the authorisation,
 * the Task the progress, and Task.businessStatus our own state; only the latter
 * can be read back exactly.
 */
import type { Appointment, Encounter, ServiceRequest, Task } from "@medplum/fhirtypes";
import type { ConsultState, ConsultUrgency } from "../server/consult/domain.ts";

type StateTable<Code extends string> = Readonly<Record<ConsultState, Code>>;

export const serviceRequestStatus = {
  draft: "draft",
  submitted: "active",
  "more-info-asked": "active",
  accepted: "active",
  declined: "revoked",
  "advice-only": "active",
  scheduled: "active",
  "in-session": "active",
  interrupted: "active",
  "specialist-absent": "active",
  "opinion-pending": "active",
  signed: "completed",
  acknowledged: "completed",
  archived: "completed",
  cancelled: "revoked",
} as const satisfies StateTable<ServiceRequest["status"]>;

export const taskStatus = {
  draft: "draft",
  submitted: "requested",
  "more-info-asked": "received",
  accepted: "accepted",
  declined: "rejected",
  "advice-only": "in-progress",
  scheduled: "accepted",
  "in-session": "in-progress",
  // "Started, but work has been paused."
  interrupted: "on-hold",
  // Not started: a new time is found, so it is not failed either.
  "specialist-absent": "accepted",
  "opinion-pending": "in-progress",
  signed: "completed",
  acknowledged: "completed",
  archived: "completed",
  cancelled: "cancelled",
} as const satisfies StateTable<Task["status"]>;

/** For a consult that has a time; without one there is no Appointment. */
export const appointmentStatus = {
  draft: "proposed",
  submitted: "proposed",
  "more-info-asked": "proposed",
  accepted: "pending",
  declined: "cancelled",
  "advice-only": "cancelled",
  scheduled: "booked",
  "in-session": "arrived",
  interrupted: "arrived",
  "specialist-absent": "noshow",
  "opinion-pending": "fulfilled",
  signed: "fulfilled",
  acknowledged: "fulfilled",
  archived: "fulfilled",
  cancelled: "cancelled",
} as const satisfies StateTable<Appointment["status"]>;

/** For a consult whose meeting began; without one there is no Encounter. */
export const encounterStatus = {
  draft: "planned",
  submitted: "planned",
  "more-info-asked": "planned",
  accepted: "planned",
  declined: "cancelled",
  "advice-only": "cancelled",
  scheduled: "planned",
  "in-session": "in-progress",
  interrupted: "in-progress",
  "specialist-absent": "planned",
  "opinion-pending": "finished",
  signed: "finished",
  acknowledged: "finished",
  archived: "finished",
  cancelled: "cancelled",
} as const satisfies StateTable<Encounter["status"]>;

export const priority = {
  emergency: "stat",
  urgent: "urgent",
  routine: "routine",
} as const satisfies Record<ConsultUrgency, NonNullable<Task["priority"]>>;

/** What of a consult decides its status codes. */
export interface ConsultProgress {
  readonly state: ConsultState;
  /** Null for one that never came to an opinion: a declined consult is archived too. */
  readonly signedAt: Date | null;
  /** Null when no meeting began. */
  readonly startedAt: Date | null;
}

/** The state whose codes apply: what was archived without an opinion had been declined. */
export function codedState({ state, signedAt }: ConsultProgress): ConsultState {
  return state === "archived" && signedAt === null ? "declined" : state;
}
