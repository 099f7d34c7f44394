import type { Tx } from "../db/client.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import type { AppointmentRow } from "./repository.ts";

/** The patient's phones and the clinic's pages read the appointment again. */
export async function tellAppointment(
  tx: Tx,
  row: Pick<AppointmentRow, "id" | "version" | "institutionId" | "patientId">,
): Promise<void> {
  await announce(
    tx,
    { topic: "appointment", id: row.id, version: row.version },
    { institutionIds: [row.institutionId], patientIds: [row.patientId] },
  );
}

/** The queue of a schedule's day moved: everybody in it is told an own place (queue-places.ts). */
export async function tellQueue(
  tx: Tx,
  row: Pick<AppointmentRow, "scheduleId" | "day" | "institutionId">,
): Promise<void> {
  await announce(
    tx,
    { topic: "queue", id: row.scheduleId, version: 0 },
    { institutionIds: [row.institutionId] },
    { day: row.day },
  );
  await enqueue(tx, {
    task: "booking:near",
    payload: { scheduleId: row.scheduleId, day: row.day },
    jobKey: `near:${row.scheduleId}:${row.day}`,
  });
}
