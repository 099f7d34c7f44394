import { sql } from "drizzle-orm";
import type { z } from "zod";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { enteredRoom, enterRoomBody } from "./contract.ts";
import { refusal } from "./problem.ts";
import type { Problem } from "./repository.ts";

/**
 * A place for a patient who telephones: the same draw, the same order as for everybody.
 * @throws DomainError `permission.denied`, `booking.no-waiting-room`, `.not-released`, `.already-booked`, `.blocked`
 */
export async function enterRoom(
  { tx, actor, now }: Work<StaffActor>,
  { segmentId, patientId }: z.output<typeof enterRoomBody>,
): Promise<z.input<typeof enteredRoom>> {
  assertPermission(actor, "booking.assist");
  const [row] = await tx.execute<{
    place_id: string;
    room_id: string;
    release_at: string;
    problem: Problem | null;
  }>(
    sql`select place_id, room_id, release_at, problem from app.enter_room(${segmentId}, ${patientId}, ${Math.random()}, ${now.toISOString()})`,
  );
  if (row!.problem) throw refusal(row!.problem, row!.release_at ? new Date(row!.release_at) : null);
  return {
    placeId: row!.place_id,
    roomId: row!.room_id,
    releaseAt: new Date(row!.release_at).toISOString(),
  };
}
