/** What is booked for somebody, for those who may see it: the row policies decide, here is no other rule. */
import { sql } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../db/client.ts";
import type { appointmentView } from "./contract.ts";
import type { AppointmentRow } from "./repository.ts";
import { findAppointments } from "./repository.ts";
import { viewAppointments } from "./view.ts";

type View = z.input<typeof appointmentView>;

/** Ahead or under way, and what a clinic stopped lately, soonest first. */
export async function listAppointmentsOf(tx: Tx, patientId: string, now: Date): Promise<View[]> {
  const rows = await findAppointments(
    tx,
    sql`a.patient_id = any(app.same_person(${patientId}::uuid)) and (a.state in ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed')
      or (a.state = 'clinic-stopped' and a.starts_at > ${now.toISOString()}))`,
    50,
  );
  return viewAppointments(tx, rows, now);
}

/** One appointment as pages see it; null when it is not there for whoever asks. */
export async function findAppointmentView(tx: Tx, id: string, now: Date): Promise<View | null> {
  const rows = await findAppointments(tx, sql`a.id = ${id}`, 1);
  const [view] = await viewAppointments(tx, rows, now);
  return view ?? null;
}

/** Where one stands, for whoever depends on it; null when it is not there for whoever asks. */
export async function appointmentState(
  tx: Tx,
  id: string,
): Promise<AppointmentRow["state"] | null> {
  const [row] = await findAppointments(tx, sql`a.id = ${id}`, 1);
  return row?.state ?? null;
}

/** The newest appointment that carries this code. @param code six characters, upper case */
export async function findByCode(tx: Tx, code: string): Promise<AppointmentRow | null> {
  const rows = await findAppointments(tx, sql`a.code = ${code}`, 5);
  const open = rows.find((row) =>
    ["held", "booked", "checked-in", "waiting", "in-consultation", "passed"].includes(row.state),
  );
  return open ?? rows.at(-1) ?? null;
}

/** What lies ahead for the phone or person that asks: codes to choose from. */
export async function findAhead(tx: Tx, now: Date): Promise<AppointmentRow[]> {
  return findAppointments(
    tx,
    sql`a.state in ('held', 'booked', 'checked-in', 'waiting', 'passed') and a.ends_at > ${now.toISOString()}`,
    4,
  );
}
