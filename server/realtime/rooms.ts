/** Which rooms an actor hears, and which rooms hear of a change. Pure. */
import type { Actor } from "../identity/domain.ts";
import type { OutboxEvent } from "../outbox/repository.ts";

export const rooms = {
  institution: (id: string) => `institution:${id}`,
  person: (id: string) => `person:${id}`,
  patient: (id: string) => `patient:${id}`,
  consult: (id: string) => `consult:${id}`,
  session: (id: string) => `session:${id}`,
  release: (id: string) => `release:${id}`,
  teaching: (id: string) => `teaching:${id}`,
  teachingStage: (id: string) => `teaching-stage:${id}`,
} as const;

/** Rooms that a socket is in as long as it lives; empty for whoever has no session. */
export function roomsOfActor(actor: Actor): string[] {
  switch (actor.kind) {
    case "staff":
      return [
        rooms.session(actor.sessionId),
        rooms.institution(actor.institutionId),
        rooms.person(actor.personId),
      ];
    case "patient":
      return [rooms.session(actor.sessionId), ...actor.patientIds.map(rooms.patient)];
    case "guest":
      return [rooms.session(actor.sessionId), rooms.consult(actor.consultId)];
    case "house":
    case "system":
    case "job":
      return [];
  }
}

type Told = Pick<
  OutboxEvent,
  "topic" | "entityId" | "institutionIds" | "personIds" | "patientIds" | "detail"
>;

const consultTopics: readonly string[] = ["consult", "opinion", "attachment"];

/** Everybody named in the audience, and whoever has the consult on the page. */
export function roomsOfEvent(event: Told): string[] {
  const consultId =
    textOf(event.detail, "consultId") ?? (event.topic === "attachment" ? null : event.entityId);
  return [
    ...event.institutionIds.map(rooms.institution),
    ...event.personIds.map(rooms.person),
    ...event.patientIds.map(rooms.patient),
    ...(consultTopics.includes(event.topic) && consultId ? [rooms.consult(consultId)] : []),
  ];
}

/** A text in an event's detail, or null. */
export function textOf(detail: unknown, name: string): string | null {
  if (detail === null || typeof detail !== "object") return null;
  const value: unknown = (detail as Record<string, unknown>)[name];
  return typeof value === "string" && value !== "" ? value : null;
}
