/** Appointments that somebody booked: the place, what the patient said to it, the visit, and what is left of the segment. */
import { sql } from "drizzle-orm";
import { toFhirAppointmentResponse } from "../../../fhir-mappings/appointment-response.ts";
import {
  bookedStatus,
  toFhirBookedAppointment,
} from "../../../fhir-mappings/booked-appointment.ts";
import { toFhirVisit } from "../../../fhir-mappings/visit.ts";
import type { AppointmentState } from "../../booking/domain.ts";
import { findSchedules, type ScheduleRow, slotResources } from "./clinic-part.ts";
import { ended, type Projected, type ProjectionPart, type Reading, shown } from "./projected.ts";
import { labelled, labelsOfSpecialty } from "./sensitivity.ts";

const least = "00000000-0000-0000-0000-000000000000";

type Row = {
  id: string;
  segment_id: string;
  schedule_id: string;
  patient_id: string;
  starts_at: string;
  ends_at: string;
  seat_number: number | null;
  state: AppointmentState;
  called_at: string | null;
  ended_at: string | null;
  end_reason: string | null;
};

export const bookingPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx.execute<{ id: string }>(sql`select id from appointment
      where institution_id = ${institutionId} and state not in ('held', 'lapsed') and id > ${after || least}::uuid
      order by id limit ${limit}`);
    return rows.map((row) => row.id);
  },
  project: async (reading, ids, gap) => {
    const { tx, institutionId } = reading;
    const rows =
      await tx.execute<Row>(sql`select id, segment_id, schedule_id, patient_id, starts_at, ends_at, seat_number,
        state, called_at, ended_at, end_reason
      from appointment where institution_id = ${institutionId} and state not in ('held', 'lapsed')
        and id = any (${sql.param([...ids])}::uuid[])`);
    const schedules = new Map(
      (
        await findSchedules(tx, institutionId, [...new Set(rows.map((row) => row.schedule_id))])
      ).map((one) => [one.id, one]),
    );
    const items: Projected[] = [];
    for (const row of rows) {
      const schedule = schedules.get(row.schedule_id);
      try {
        if (schedule) items.push(...resourcesOf(row, schedule));
      } catch (error) {
        gap(row.id, error);
      }
    }
    return [...items, ...(await slotsBeside(reading, rows))];
  },
};

/** Whose seat was taken or given back changes what is left there; what is long over stays as it was told. */
function slotsBeside(reading: Reading, rows: readonly Row[]): Promise<Projected[]> {
  const near = reading.now.getTime() - 2 * 86_400_000;
  const segments = [
    ...new Set(rows.filter((row) => Date.parse(row.ends_at) > near).map((row) => row.segment_id)),
  ];
  return slotResources(reading, sql`g.id = any (${sql.param(segments)}::uuid[])`);
}

function resourcesOf(row: Row, schedule: ScheduleRow): Projected[] {
  const status = bookedStatus[row.state];
  const doctor =
    schedule.doctor_id && schedule.doctor
      ? { id: schedule.doctor_id, name: schedule.doctor }
      : null;
  const hasSeat = row.seat_number !== null && status !== "cancelled" && status !== "noshow";
  const labels = labelsOfSpecialty(schedule.specialty_code);
  const appointment = toFhirBookedAppointment({
    id: row.id,
    state: row.state,
    patientId: row.patient_id,
    institutionId: schedule.institution_id,
    segmentId: hasSeat ? row.segment_id : null,
    kind: schedule.kind,
    name: schedule.name,
    departmentName: schedule.department,
    specialtyCode: schedule.specialty_code,
    doctor,
    start: new Date(row.starts_at),
    end: new Date(row.ends_at),
    endReason: status === "cancelled" || status === "noshow" ? row.end_reason : null,
  });
  const response = toFhirAppointmentResponse({
    id: row.id,
    appointmentId: row.id,
    by: { type: "Patient", id: row.patient_id },
    answer: row.state === "cancelled" ? "declined" : "accepted",
    comment: row.state === "cancelled" ? row.end_reason : null,
  });
  return [
    shown(labelled(appointment, labels)),
    shown(labelled(response, labels)),
    ...visitOf(row, schedule, doctor, labels),
  ];
}

/** A visit begins with the call into the room; fever clinics and tests tell theirs themselves. */
function visitOf(
  row: Row,
  schedule: ScheduleRow,
  doctor: { id: string; name: string } | null,
  labels: readonly string[],
): Projected[] {
  if (schedule.kind !== "clinic") return [];
  if (row.state !== "in-consultation" && row.state !== "completed")
    return [ended("Encounter", row.id)];
  const visit = toFhirVisit({
    id: row.id,
    status: row.state === "completed" ? "finished" : "in-progress",
    patientId: row.patient_id,
    institutionId: schedule.institution_id,
    appointmentId: row.id,
    kind: schedule.kind,
    name: schedule.name,
    reason: null,
    doctor,
    start: new Date(row.called_at ?? row.starts_at),
    end: row.state === "completed" && row.ended_at ? new Date(row.ended_at) : null,
  });
  return [shown(labelled(visit, labels))];
}
