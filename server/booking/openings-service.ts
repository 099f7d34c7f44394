/** Files of SMART Scheduling Links, made from the database by the system: no one has to sign in for them. */
import { createHash } from "node:crypto";
import type { Resource } from "@medplum/fhirtypes";
import { type LocationFacts, toFhirLocation } from "../../fhir-mappings/location.ts";
import { toFhirSchedule } from "../../fhir-mappings/schedule.ts";
import { localTime, toFhirSlot } from "../../fhir-mappings/slot.ts";
import { zoneOffsetMinutes } from "../calendar/domain.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { fileName, manifestOf, provinceOf } from "./openings-domain.ts";
import {
  findOpenSchedules,
  findSegmentSeats,
  type OpenSchedule,
  type SegmentSeats,
} from "./openings-repository.ts";

/** How long a snapshot is given out, and how long a client may keep it: 60 s at most together. */
export const snapshotMs = 30_000;
export const maxAgeSeconds = 30;

export type OpeningFile = { body: string; etag: string; madeAt: Date };
type Snapshot = { madeAt: Date; files: ReadonlyMap<string, OpeningFile> };

export const manifestName = "$bulk-publish";

/** One snapshot at a time for all who ask; many crawlers cost one query per half minute. */
export function createOpenings(services: Services) {
  let latest: Promise<Snapshot> | null = null;
  let latestAt = 0;
  return {
    /** @param name of a file of the manifest, or the manifest's own. @throws DomainError `request.not-found` */
    file: async (name: string): Promise<OpeningFile> => {
      const now = services.clock();
      const age = now.getTime() - latestAt;
      if (!latest || age < 0 || age >= snapshotMs) {
        latestAt = now.getTime();
        latest = takeSnapshot(services, now);
        latest.catch(() => {
          latest = null;
        });
      }
      const found = (await latest).files.get(name);
      if (!found) throw new DomainError("request.not-found");
      return found;
    },
  };
}

async function takeSnapshot(services: Services, now: Date): Promise<Snapshot> {
  const { schedules, seats, institutions } = await services.db.withActor(
    systemActor("openings"),
    async (tx) => {
      const open = await findOpenSchedules(tx);
      const ids = [...new Set(open.map((one) => one.institution_id))];
      return {
        schedules: open,
        seats: await findSegmentSeats(tx, now),
        institutions: await findInstitutions(tx, ids),
      };
    },
  );
  const places = new Map(institutions.map((row) => [row.id, row]));
  const lines = new Map<string, string[]>();
  const add = (type: "Location" | "Schedule" | "Slot", at: InstitutionRow, resource: Resource) => {
    const name = fileName(type, provinceOf(at.address));
    const list = lines.get(name) ?? [];
    list.push(JSON.stringify(resource));
    lines.set(name, list);
  };
  for (const row of institutions) add("Location", row, toFhirLocation(locationFacts(row)));
  const byId = new Map(schedules.map((one) => [one.id, one]));
  for (const one of schedules) add("Schedule", places.get(one.institution_id)!, scheduleOf(one));
  for (const one of seats) {
    const schedule = byId.get(one.schedule_id)!;
    const place = places.get(schedule.institution_id)!;
    for (const slot of slotsOf(one, schedule, place, services.publicUrl)) add("Slot", place, slot);
  }
  const provinces = [...new Set(institutions.map((row) => provinceOf(row.address)))].sort();
  const base = `${services.publicUrl}/fhir`;
  const made = (body: string): OpeningFile => ({ body, etag: etagOf(body), madeAt: now });
  const files = new Map<string, OpeningFile>();
  // Every type has a file in every province, an empty one if need be: the manifest names no missing file.
  for (const province of provinces)
    for (const type of ["Location", "Schedule", "Slot"] as const) {
      const name = fileName(type, province);
      files.set(name, made((lines.get(name) ?? []).map((line) => `${line}\n`).join("")));
    }
  const time = localTime(now, zoneOffsetMinutes(now, "Asia/Shanghai"));
  files.set(manifestName, made(JSON.stringify(manifestOf(base, time, provinces))));
  return { madeAt: now, files };
}

/** An institution as a place. */
export function locationFacts(row: InstitutionRow): LocationFacts {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    phone: row.phone,
    address: row.address,
    province: provinceOf(row.address),
    position:
      row.latitude !== null && row.longitude !== null
        ? { latitude: row.latitude, longitude: row.longitude }
        : null,
  };
}

/** A clinic as Schedule. */
export function scheduleOf(one: OpenSchedule) {
  return toFhirSchedule({
    id: one.id,
    institutionId: one.institution_id,
    kind: one.kind,
    name: one.name,
    departmentName: one.department,
    specialtyCode: one.specialty_code,
    doctor: one.doctor_id && one.doctor ? { id: one.doctor_id, name: one.doctor } : null,
    place: one.place,
  });
}

/** The seats of a segment: one slot of free ones, one of taken ones; none is none. */
export function slotsOf(
  one: SegmentSeats,
  schedule: OpenSchedule,
  place: InstitutionRow,
  publicUrl: string,
) {
  const start = new Date(one.starts_at);
  const common = {
    segmentId: one.id,
    scheduleId: one.schedule_id,
    start,
    end: new Date(one.ends_at),
    offsetMinutes: zoneOffsetMinutes(start, place.timeZone),
    bookingPhone: place.phone,
  };
  const bookingLink = linkTo(publicUrl, schedule, one);
  return [
    ...(one.free > 0
      ? [toFhirSlot({ ...common, status: "free", capacity: one.free, bookingLink })]
      : []),
    ...(one.busy > 0
      ? [toFhirSlot({ ...common, status: "busy", capacity: one.busy, bookingLink: null })]
      : []),
  ];
}

/** A clinic's own time; a fever clinic is entered through its questions, a test through its own page. */
function linkTo(
  publicUrl: string,
  schedule: OpenSchedule,
  one: { id: string; day: string },
): string {
  if (schedule.kind === "fever-clinic") return new URL("/fever", publicUrl).href;
  if (schedule.kind === "test") return new URL("/test", publicUrl).href;
  const link = new URL(`/book/${schedule.department_id}`, publicUrl);
  link.searchParams.set("day", one.day);
  if (schedule.doctor_id) link.searchParams.set("doctor", schedule.doctor_id);
  link.searchParams.set("segment", one.id);
  return link.href;
}

function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
}
