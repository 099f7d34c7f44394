import type { z } from "zod";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { ageOn, findPatients, localDay, maskPhone, phoneContext } from "../patients/service.ts";
import type { ClinicRowRecord } from "./clinic-repository.ts";
import type { clinicRow } from "./contract.ts";
import * as repository from "./repository.ts";
import { placeIn } from "./view.ts";
import { expectedAt, minutesPerPatient } from "./waiting.ts";

/** Rows of a clinic's day as its staff see them: who, when, how many before. */
export async function viewClinicRows(
  services: Services,
  { tx, now }: Work<StaffActor>,
  rows: readonly ClinicRowRecord[],
): Promise<z.input<typeof clinicRow>[]> {
  const patients = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const queues = new Map<string, { queue: repository.QueueRow[]; seen: number[] }>();
  for (const row of rows) {
    const key = `${row.scheduleId} ${row.day}`;
    if (queues.has(key)) continue;
    queues.set(key, {
      queue: await repository.findQueue(tx, row.scheduleId, row.day),
      seen: await repository.findSeenMinutes(tx, row.scheduleId, row.day),
    });
  }
  return rows.map((row) => {
    const record = patients.find((one) => one.row.id === row.patientId);
    const { queue, seen } = queues.get(`${row.scheduleId} ${row.day}`)!;
    const place = placeIn(queue, row.id);
    const startsAt = new Date(row.startsAt);
    const contact = record?.contacts[0];
    return {
      id: row.id,
      version: row.version,
      ticket: row.ticket,
      state: row.state,
      channel: row.channel,
      patient: {
        id: row.patientId,
        name: record?.row.fullName ?? record?.row.fullNameBo ?? "",
        nameBo: record?.row.fullNameBo ?? null,
        sex: record?.row.sex ?? "unknown",
        ageYears: record?.row.birthDate
          ? (ageOn(record.row.birthDate, localDay(now))?.years ?? null)
          : null,
        phoneMasked: contact
          ? maskPhone(services.vault.open(phoneContext, contact.phoneCipher))
          : null,
      },
      startsAt: startsAt.toISOString(),
      endsAt: new Date(row.endsAt).toISOString(),
      checkedInAt: row.checkedInAt ? new Date(row.checkedInAt).toISOString() : null,
      calledAt: row.calledAt ? new Date(row.calledAt).toISOString() : null,
      callCount: row.callCount,
      ahead: row.state === "waiting" ? place.ahead : null,
      expectedAt:
        row.state === "waiting"
          ? expectedAt({
              now,
              startsAt,
              delayMinutes: row.delayMinutes,
              ahead: place.ahead,
              inRoom: place.inRoom,
              minutesEach: minutesPerPatient(row, seen),
            }).toISOString()
          : null,
      late: row.state === "booked" && now.getTime() > startsAt.getTime() + row.lateMinutes * 60_000,
    };
  });
}
