/**
 * Slot: the seats of a segment that are in one state, as one aggregated slot with a capacity (SMART
 * Scheduling Links: identical slots of one schedule, status, start and end).
 */
import type { Resource, Slot } from "@medplum/fhirtypes";
import {
  compact,
  dateOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { extensionUrls } from "./systems.ts";

export const slotStatuses = ["free", "busy"] as const;
export type SlotStatus = (typeof slotStatuses)[number];

export interface SlotFacts {
  readonly segmentId: string;
  readonly scheduleId: string;
  readonly status: SlotStatus;
  readonly start: Date;
  readonly end: Date;
  /** Minutes that local time is ahead of UTC: times are written as people there read them. */
  readonly offsetMinutes: number;
  /** Seats in this state. */
  readonly capacity: number;
  /** Where booking begins; only for free ones. */
  readonly bookingLink: string | null;
  readonly bookingPhone: string | null;
}

export function toFhirSlot(facts: SlotFacts): Slot {
  return compact<Slot>({
    resourceType: "Slot",
    id: `${facts.segmentId}-${facts.status}`,
    ...extensions(
      [extensionUrls.bookingLink, facts.bookingLink ? { valueUrl: facts.bookingLink } : null],
      [extensionUrls.bookingPhone, facts.bookingPhone ? { valueString: facts.bookingPhone } : null],
      [extensionUrls.slotCapacity, { valueInteger: facts.capacity }],
    ),
    schedule: refer("Schedule", facts.scheduleId),
    status: facts.status,
    start: localTime(facts.start, facts.offsetMinutes),
    end: localTime(facts.end, facts.offsetMinutes),
  });
}

/** @throws FhirMappingError for another resource, unknown statuses, an id of another form, missing times */
export function fromFhirSlot(resource: Resource): SlotFacts {
  expectType(resource, "Slot");
  const status = knownCode(resource.status, slotStatuses, "Slot.status");
  const id = need(resource.id, "Slot.id");
  if (!id.endsWith(`-${status}`)) throw new FhirMappingError("Slot.id", "wrong-shape");
  return {
    segmentId: id.slice(0, -status.length - 1),
    scheduleId: idOf(resource.schedule, "Schedule", "Slot.schedule"),
    status,
    start: dateOf(resource.start, "Slot.start"),
    end: dateOf(resource.end, "Slot.end"),
    offsetMinutes: offsetOf(resource.start, "Slot.start"),
    capacity: need(
      extensionOf(resource, extensionUrls.slotCapacity)?.valueInteger,
      "Slot.extension",
    ),
    bookingLink: extensionOf(resource, extensionUrls.bookingLink)?.valueUrl ?? null,
    bookingPhone: extensionOf(resource, extensionUrls.bookingPhone)?.valueString ?? null,
  };
}

/** `2026-11-23T08:00:00+08:00`: seconds and offset, as SMART Scheduling Links wants every time. */
export function localTime(at: Date, offsetMinutes: number): string {
  const wall = new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const size = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${wall}${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function offsetOf(text: string | undefined, path: string): number {
  const found = /([+-])(\d\d):(\d\d)$/.exec(need(text, path));
  if (!found) throw new FhirMappingError(path, "wrong-shape");
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return found[1] === "-" ? -minutes : minutes;
}
