import type { z } from "zod";
import { addDays } from "../calendar/domain.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import { localDay } from "../patients/service.ts";
import * as availability from "./availability-repository.ts";
import type {
  availability as availabilityAnswer,
  bookingPlaces,
  segmentsOfDay,
} from "./contract.ts";
import type { ServiceKind } from "./domain.ts";
import { placeNamesOf, titlesOf } from "./names.ts";
import { crowdForecast, crowdOf, expectedWait } from "./waiting.ts";

type Choice = {
  departmentId: string;
  doctorId?: string | undefined;
  kind?: ServiceKind | undefined;
};

/** Where one can go, with the first free seat of each department. */
export async function listPlaces(
  { tx, now }: Work,
  kind: ServiceKind | null,
): Promise<z.input<typeof bookingPlaces>> {
  const rows = await availability.findPlaces(tx, kind, now);
  const ids = [...new Set(rows.map((row) => row.institutionId))];
  const institutions = await findInstitutions(tx, ids);
  const crowds = await availability.findCrowds(tx, now);
  const hours = await availability.findSiteHours(tx, localDay(now), now);
  return {
    places: institutions.map((one) => {
      const crowd = crowds.find((entry) => entry.institutionId === one.id);
      return {
        id: one.id,
        name: { zh: one.name, en: one.nameEn, bo: one.nameBo },
        otherName: null,
        kind: one.kind,
        phone: one.phone,
        address: null,
        latitude: null,
        longitude: null,
        crowd: crowd ? crowdOf(crowd.waiting, crowd.perHour) : null,
        forecast: crowdForecast(
          crowd?.waiting ?? 0,
          hours
            .filter((hour) => hour.institutionId === one.id)
            .map((hour) => ({ ...hour, at: new Date(hour.at) })),
        ).map(({ at, crowd }) => ({ at: at.toISOString(), crowd })),
        departments: rows
          .filter((row) => row.institutionId === one.id)
          .map((row) => ({
            id: row.departmentId,
            name: { zh: row.departmentName, en: row.departmentNameEn, bo: row.departmentNameBo },
            kinds: row.kinds,
            doctors: row.doctors,
            nextFree: row.nextFree ? new Date(row.nextFree).toISOString() : null,
          })),
      };
    }),
  };
}

/** The week strip: every day of the range, also those on which nothing is held. */
export async function listDays(
  { tx, now }: Work,
  choice: Choice & { from?: string | undefined; days: number },
): Promise<z.input<typeof availabilityAnswer>> {
  const from = choice.from ?? localDay(now);
  const rows = await availability.findDays(tx, { ...choice, from }, now);
  return {
    days: Array.from({ length: choice.days }, (_, index) => {
      const day = addDays(from, index);
      const row = rows.find((one) => one.day === day);
      if (!row) return { day, state: "none" as const, left: 0, releaseAt: null };
      const releaseAt = row.releaseAt ? new Date(row.releaseAt).toISOString() : null;
      const state =
        row.open === 0
          ? ("stopped" as const)
          : row.left > 0
            ? ("free" as const)
            : releaseAt
              ? ("not-released" as const)
              : ("full" as const);
      return { day, state, left: row.left, releaseAt };
    }),
  };
}

/** Segments of a day with seats left, by schedule. */
export async function listSegments(
  { tx, now }: Work,
  choice: Choice & { day: string },
): Promise<z.input<typeof segmentsOfDay>> {
  const rows = await availability.findSegments(tx, choice, now);
  const schedules = [...new Set(rows.map((row) => row.scheduleId))];
  return {
    schedules: schedules.map((id) => {
      const own = rows.filter((row) => row.scheduleId === id);
      const first = own[0]!;
      const segments = own.map((row) => viewSegment(row, now));
      const coming = segments.filter((one) => one.state !== "over" && one.state !== "stopped");
      return {
        id,
        name: { zh: first.nameZh, en: first.nameEn, bo: first.nameBo },
        kind: first.kind,
        doctor: first.doctorId
          ? {
              id: first.doctorId,
              name: first.doctorName ?? "",
              title: first.doctorTitle ?? "",
              titles: titlesOf(first),
            }
          : null,
        place: first.place,
        placeNames: placeNamesOf(first),
        feeCents: first.feeCents,
        segments,
        waitlist: coming.length > 0 && coming.every((one) => one.state === "full"),
      };
    }),
  };
}

function viewSegment(row: availability.SegmentRow, now: Date) {
  const startsAt = new Date(row.startsAt);
  const state = row.stopped
    ? ("stopped" as const)
    : startsAt <= now
      ? ("over" as const)
      : row.left > 0
        ? ("free" as const)
        : row.releaseAt
          ? ("not-released" as const)
          : ("full" as const);
  return {
    id: row.id,
    startsAt: startsAt.toISOString(),
    endsAt: new Date(row.endsAt).toISOString(),
    capacity: row.capacity,
    left: state === "free" ? row.left : 0,
    state,
    releaseAt: row.releaseAt ? new Date(row.releaseAt).toISOString() : null,
    waitFrom:
      row.releaseAt && row.waitMinutes > 0
        ? new Date(Date.parse(row.releaseAt) - row.waitMinutes * 60_000).toISOString()
        : null,
    expectedWaitMinutes: expectedWait(row.segmentMinutes, row.capacity, row.taken),
  };
}
