import type { z } from "zod";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import type { appointmentView } from "./contract.ts";
import { placeNamesOf, titlesOf } from "./names.ts";
import type { AppointmentRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { expectedAt, minutesPerPatient } from "./waiting.ts";

/** Appointments as pages see them, with the place in the queue of those that wait. */
export async function viewAppointments(
  tx: Tx,
  rows: readonly AppointmentRow[],
  now: Date,
): Promise<z.input<typeof appointmentView>[]> {
  const institutions = await findInstitutions(tx, [
    ...new Set(rows.map((row) => row.institutionId)),
  ]);
  const views = [];
  for (const row of rows) {
    const institution = institutions.find((one) => one.id === row.institutionId);
    views.push({
      id: row.id,
      version: row.version,
      state: row.state,
      code: row.code,
      ticket: row.ticket,
      kind: row.kind,
      channel: row.channel,
      patient: {
        id: row.patientId,
        name: row.patientName ?? row.patientNameBo ?? "",
        nameBo: row.patientNameBo,
      },
      institution: {
        id: row.institutionId,
        name: {
          zh: institution?.name ?? "",
          en: institution?.nameEn ?? null,
          bo: institution?.nameBo ?? null,
        },
        phone: row.institutionPhone,
        address: row.institutionAddress,
      },
      department: {
        id: row.departmentId,
        name: { zh: row.departmentName, en: row.departmentNameEn, bo: row.departmentNameBo },
      },
      doctor: row.doctorId
        ? {
            id: row.doctorId,
            name: row.doctorName ?? "",
            title: row.doctorTitle ?? "",
            titles: titlesOf(row),
          }
        : null,
      place: row.place,
      placeNames: placeNamesOf(row),
      feeCents: row.feeCents,
      segmentId: row.segmentId,
      scheduleId: row.scheduleId,
      day: row.day,
      startsAt: row.startsAt.toISOString(),
      endsAt: row.endsAt.toISOString(),
      heldUntil: row.heldUntil?.toISOString() ?? null,
      cancelUntil: row.cancelUntil.toISOString(),
      checkInFrom: new Date(
        row.startsAt.getTime() - row.checkInMinutesBefore * 60_000,
      ).toISOString(),
      lateAfter: new Date(row.startsAt.getTime() + row.lateMinutes * 60_000).toISOString(),
      delayMinutes: row.delayMinutes,
      stopReason: row.stopReason,
      queue:
        row.state === "waiting" || row.state === "in-consultation"
          ? await queueOf(tx, row, now)
          : null,
    });
  }
  return views;
}

async function queueOf(tx: Tx, row: AppointmentRow, now: Date) {
  const queue = await repository.findQueue(tx, row.scheduleId, row.day);
  const place = placeIn(queue, row.id);
  if (place.called) return { ahead: 0, expectedAt: now.toISOString(), called: true };
  const seen = await repository.findSeenMinutes(tx, row.scheduleId, row.day);
  return {
    ahead: place.ahead,
    called: false,
    expectedAt: expectedAt({
      now,
      startsAt: row.startsAt,
      delayMinutes: row.delayMinutes,
      ahead: place.ahead,
      inRoom: place.inRoom,
      minutesEach: minutesPerPatient(row, seen),
    }).toISOString(),
  };
}

/** How many wait before one of the queue; whoever is inside is not ahead. */
export function placeIn(
  queue: readonly repository.QueueRow[],
  id: string,
): { ahead: number; called: boolean; inRoom: boolean } {
  const waiting = queue.filter((one) => one.state === "waiting");
  const index = waiting.findIndex((one) => one.id === id);
  return {
    ahead: Math.max(0, index),
    called: queue.some((one) => one.id === id && one.state === "in-consultation"),
    inRoom: queue.length > waiting.length,
  };
}
