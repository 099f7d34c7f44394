import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";

/** An admitted place lets one take a seat for this long, seconds. */
export const admissionSeconds = 90;

export type RoomRow = {
  id: string;
  releaseAt: Date;
  admittedTo: number;
  lastNumber: number;
  perSecond: number;
  seatsLeft: number | null;
  soldOut: boolean;
  closed: boolean;
};

/** One step of all open rooms, or what another server's step left. @param allowance people to let in at most */
export async function tickRooms(tx: Tx, allowance: number, now: Date): Promise<RoomRow[]> {
  const rows = await tx.execute<Record<string, unknown>>(
    sql`select id, release_at, admitted_to, last_number, per_second, seats_left, sold_out_at is not null as sold_out,
      closed_at is not null as closed
      from app.tick_rooms(${allowance}, ${`${admissionSeconds} seconds`}::interval, ${now.toISOString()})`,
  );
  return rows.map((row) => ({
    id: row.id as string,
    releaseAt: new Date(row.release_at as string),
    admittedTo: Number(row.admitted_to),
    lastNumber: Number(row.last_number),
    perSecond: Number(row.per_second),
    seatsLeft: row.seats_left as number | null,
    soldOut: row.sold_out as boolean,
    closed: row.closed as boolean,
  }));
}

/** Who stood in which line is nobody's business a week later. */
export async function forgetRooms(tx: Tx, before: Date): Promise<void> {
  const old = sql`select id from release_room where release_at < ${before.toISOString()}`;
  await tx.execute(sql`delete from release_place where room_id in (${old})`);
  await tx.execute(sql`delete from release_room where release_at < ${before.toISOString()}`);
}

export type PlaceRow = { id: string; roomId: string; patientId: string; number: number | null };

/** Places of a room that got a number after `known`. */
export async function findNumbers(tx: Tx, roomId: string, known: number): Promise<PlaceRow[]> {
  return tx.execute<PlaceRow>(sql`select id, room_id as "roomId", patient_id as "patientId", number
    from release_place where room_id = ${roomId} and (number > ${known} or (${known}::int = 0 and number is null))`);
}

export async function findPlace(tx: Tx, id: string): Promise<PlaceRow | null> {
  const [row] = await tx.execute<PlaceRow>(
    sql`select id, room_id as "roomId", patient_id as "patientId", number from release_place where id = ${id}`,
  );
  return row ?? null;
}
