/** What booking says over REST. Instants are ISO with offset, days local to the institution. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { contactRelations } from "../patients/domain.ts";
import { appointmentStates, channels, serviceKinds, waitlistStates } from "./domain.ts";

const kind = z.enum(serviceKinds);
const relation = z.enum(contactRelations);
const words = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const doctor = z.object({
  id: uuid,
  name: z.string(),
  title: z.string(),
  /** The title for each language. */
  titles: words,
});

/** Where one can go: hospitals and community centres that have something to book. */
export const bookingPlaces = z.object({
  places: z.array(
    z.object({
      id: uuid,
      name: words,
      otherName: z.string().nullable(),
      kind: z.string(),
      phone: z.string().nullable(),
      address: z.string().nullable(),
      latitude: z.number().nullable(),
      longitude: z.number().nullable(),
      /** How many wait there now; null for a place whose queue is not open. Never for fever clinics. */
      crowd: z.enum(["green", "amber", "busy"]).nullable(),
      /** The hours of today that are still to come, from the one that runs. */
      forecast: z.array(z.object({ at: instant, crowd: z.enum(["green", "amber", "busy"]) })),
      departments: z.array(
        z.object({
          id: uuid,
          name: words,
          kinds: z.array(kind),
          doctors: z.array(doctor),
          /** Start of the first free seat that anybody may take. */
          nextFree: instant.nullable(),
        }),
      ),
    }),
  ),
});
export type BookingPlaces = z.infer<typeof bookingPlaces>;

/** `full`: a waitlist is open; `not-released`: `releaseAt` says when; `none`: nothing is held that day. */
export const dayState = z.enum(["free", "full", "not-released", "stopped", "none"]);
export const availabilityQuery = z.object({
  departmentId: uuid,
  doctorId: uuid.optional(),
  kind: kind.optional(),
  from: day.optional(),
  days: z.coerce.number().int().min(1).max(42).default(14),
});
export const availability = z.object({
  days: z.array(
    z.object({ day, state: dayState, left: z.number().int(), releaseAt: instant.nullable() }),
  ),
});
export type Availability = z.infer<typeof availability>;

export const segmentsQuery = z.object({
  departmentId: uuid,
  doctorId: uuid.optional(),
  kind: kind.optional(),
  day,
});
export const segmentView = z.object({
  id: uuid,
  startsAt: instant,
  endsAt: instant,
  capacity: z.number().int(),
  left: z.number().int(),
  state: z.enum(["free", "full", "not-released", "stopped", "over"]),
  releaseAt: instant.nullable(),
  /** From when one may wait for the release in its waiting room. */
  waitFrom: instant.nullable(),
  /** After arriving in time, minutes. */
  expectedWaitMinutes: z.number().int(),
});
export const segmentsOfDay = z.object({
  schedules: z.array(
    z.object({
      id: uuid,
      name: words,
      kind,
      doctor: doctor.nullable(),
      place: z.string(),
      placeNames: words,
      feeCents: z.number().int(),
      segments: z.array(segmentView),
      /** Whether one may wait for a seat that is given back: only when the day is full. */
      waitlist: z.boolean(),
    }),
  ),
});
export type SegmentsOfDay = z.infer<typeof segmentsOfDay>;

export const holdBody = z
  .object({
    segmentId: uuid,
    patientId: uuid,
    /** Who books for the patient; the page knows it from the session. */
    relation: relation.default("self"),
  })
  .strict();

export const enterRoomBody = z.object({ segmentId: uuid, patientId: uuid }).strict();
export const enteredRoom = z.object({ placeId: uuid, roomId: uuid, releaseAt: instant });

/** Where a place in a waiting room is. */
export const placeInRoom = z.object({
  roomId: uuid,
  releaseAt: instant,
  /** Null until the lots are drawn at the release. */
  number: z.number().int().nullable(),
  ahead: z.number().int().nullable(),
  /** A seat may be held now. */
  admitted: z.boolean(),
  admittedTo: z.number().int(),
  lastNumber: z.number().int(),
  perSecond: z.number(),
  /** Seats that nobody has, not even for some minutes; null before the release. */
  seatsLeft: z.number().int().nullable(),
  /** Until one's turn; null while nothing can be said. */
  minutes: z.number().int().nullable(),
  soldOut: z.boolean(),
  closed: z.boolean(),
  /** For pages without a socket. */
  askAgainMs: z.number().int(),
});
export type PlaceInRoom = z.infer<typeof placeInRoom>;

/** Somebody of the staff books; how the patient agreed is recorded. */
export const assistHoldBody = z
  .object({
    segmentId: uuid,
    patientId: uuid,
    relation: relation.default("self"),
    channel: z.enum(["hotline", "window", "community-doctor", "helper", "kiosk"]),
    consent: z.enum(["spoken", "present", "written"]),
  })
  .strict();

export const appointmentView = z.object({
  id: uuid,
  version: z.number().int(),
  state: z.enum(appointmentStates),
  code: z.string(),
  ticket: z.string(),
  kind,
  channel: z.enum(channels),
  patient: z.object({ id: uuid, name: z.string(), nameBo: z.string().nullable() }),
  institution: z.object({
    id: uuid,
    name: words,
    phone: z.string().nullable(),
    address: z.string().nullable(),
  }),
  department: z.object({ id: uuid, name: words }),
  doctor: doctor.nullable(),
  place: z.string(),
  /** Where to go, for each language. */
  placeNames: words,
  feeCents: z.number().int(),
  segmentId: uuid,
  scheduleId: uuid,
  day,
  startsAt: instant,
  endsAt: instant,
  heldUntil: instant.nullable(),
  /** Until when it may be cancelled or changed here; later by telephone. */
  cancelUntil: instant,
  checkInFrom: instant,
  /** After this it counts as not having come. */
  lateAfter: instant,
  delayMinutes: z.number().int(),
  stopReason: z.string().nullable(),
  /** While waiting: how many are ahead and when the turn is expected. */
  queue: z.object({ ahead: z.number().int(), expectedAt: instant, called: z.boolean() }).nullable(),
});
export type AppointmentView = z.infer<typeof appointmentView>;
export const appointmentAnswer = z.object({ appointment: appointmentView });

/** The answer of the hot path: what never changes any more; the page reads the rest. */
export const confirmed = z.object({
  id: uuid,
  code: z.string(),
  ticket: z.string(),
  state: z.enum(appointmentStates),
  startsAt: z.string(),
  version: z.number().int(),
});
export type Confirmed = z.infer<typeof confirmed>;

export const cancelBody = z.object({ reason: z.string().trim().max(200).default("") }).strict();
export const moveBody = z.object({ segmentId: uuid }).strict();
/** `place`: the code on the poster at the site, typed or scanned. */
export const checkInBody = z.object({ place: line(20) }).strict();

export const myAppointments = z.object({
  appointments: z.array(appointmentView),
  waitlist: z.array(
    z.object({
      id: uuid,
      state: z.enum(waitlistStates),
      day,
      patient: z.object({ id: uuid, name: z.string() }),
      institution: words,
      department: words,
      /** How many are before. */
      ahead: z.number().int(),
      /** Confirm this one by `heldUntil`. */
      appointmentId: uuid.nullable(),
      offerUntil: instant.nullable(),
    }),
  ),
});
export type MyAppointments = z.infer<typeof myAppointments>;

export const joinWaitlistBody = z
  .object({ scheduleId: uuid, day, patientId: uuid, relation: relation.default("self") })
  .strict();

/** Somebody of the staff has a patient wait for a seat. */
export const assistWaitlistBody = z
  .object({
    scheduleId: uuid,
    day,
    patientId: uuid,
    relation: relation.default("self"),
    channel: z.enum(["hotline", "window", "community-doctor", "helper"]),
  })
  .strict();

/** Somebody whom this phone books for: oneself at the first time, or a relative who agreed. */
export const addPersonBody = z
  .object({
    fullName: line(80),
    residentId: z.string().trim().max(30).nullable().default(null),
    sex: z.enum(["female", "male", "other", "unknown"]).default("unknown"),
    birthDate: day.nullable().default(null),
    relation,
    /** Needed only while nobody is known under this phone: the number that signed in. */
    phone: z.string().trim().max(30).nullable().default(null),
    /** "He or she agrees that I book and see the appointments." */
    agreed: z.literal(true),
  })
  .strict();
export const addedPerson = z.object({ id: uuid, name: z.string(), relation });

/** One clinic's day, as its staff see it. */
export const clinicRow = z.object({
  id: uuid,
  version: z.number().int(),
  ticket: z.string(),
  state: z.enum(appointmentStates),
  channel: z.enum(channels),
  patient: z.object({
    id: uuid,
    name: z.string(),
    nameBo: z.string().nullable(),
    sex: z.string(),
    ageYears: z.number().int().nullable(),
    phoneMasked: z.string().nullable(),
  }),
  startsAt: instant,
  endsAt: instant,
  checkedInAt: instant.nullable(),
  calledAt: instant.nullable(),
  callCount: z.number().int(),
  ahead: z.number().int().nullable(),
  expectedAt: instant.nullable(),
  late: z.boolean(),
});
export const clinicDay = z.object({
  day,
  schedules: z.array(
    z.object({
      id: uuid,
      name: words,
      department: words,
      kind,
      doctor: doctor.nullable(),
      place: z.string(),
      placeNames: words,
      /** Shown and printed at the site for check-in by phone. */
      placeCode: z.string(),
      delayMinutes: z.number().int(),
      stopped: z.boolean(),
      stopReason: z.string().nullable(),
      seats: z.number().int(),
      booked: z.number().int(),
      waiting: z.number().int(),
      seen: z.number().int(),
      rows: z.array(clinicRow),
    }),
  ),
});
export type ClinicDay = z.infer<typeof clinicDay>;

export const clinicAction = z.discriminatedUnion("action", [
  z.object({ action: z.literal("check-in"), version: z.number().int() }).strict(),
  z.object({ action: z.literal("recall"), version: z.number().int() }).strict(),
  z.object({ action: z.literal("pass"), version: z.number().int() }).strict(),
  z.object({ action: z.literal("requeue"), version: z.number().int() }).strict(),
  z.object({ action: z.literal("complete"), version: z.number().int() }).strict(),
  z.object({ action: z.literal("cancel"), version: z.number().int(), reason: line(200) }).strict(),
]);
export type ClinicAction = z.infer<typeof clinicAction>;
export const callNextBody = z.object({ day }).strict();
/** Null: nobody waits. */
export const calledNext = z.object({ called: clinicRow.nullable() });
export const walkInBody = z.object({ scheduleId: uuid, day, patientId: uuid }).strict();
export const delayBody = z.object({ day, minutes: z.number().int().min(0).max(480) }).strict();
export const stopBody = z
  .object({ day, from: instant.nullable().default(null), reason: line(200) })
  .strict();
/** Whom to call because there is no smartphone, and who was told by itself. */
export const stopped = z.object({
  told: z.number().int(),
  byTelephone: z.array(
    z.object({
      appointmentId: uuid,
      name: z.string(),
      phone: z.string().nullable(),
      startsAt: instant,
    }),
  ),
});

/** The call screen in the corridor: tickets and masked names only, no rights needed beyond its address. */
export const callScreen = z.object({
  name: words,
  department: words,
  place: z.string(),
  /** Where to go, for each language. */
  placeNames: words,
  doctor: z.string().nullable(),
  delayMinutes: z.number().int(),
  called: z.array(
    z.object({ ticket: z.string(), name: z.string(), at: instant, count: z.number().int() }),
  ),
  next: z.array(z.object({ ticket: z.string(), name: z.string() })),
  waiting: z.number().int(),
});
export type CallScreen = z.infer<typeof callScreen>;
