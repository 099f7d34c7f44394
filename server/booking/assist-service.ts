import type { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { Actor, PatientActor, StaffActor } from "../identity/domain.ts";
import type { appointmentAnswer, assistHoldBody, assistWaitlistBody } from "./contract.ts";
import { hold } from "./hold-service.ts";
import { joinWaitlist } from "./waitlist-service.ts";

/** Patients for themselves and theirs; staff whose work it is. @throws DomainError `permission.denied` */
export function assistsPatients(actor: Actor): PatientActor | StaffActor {
  if (actor.kind === "patient") return actor;
  if (
    actor.kind === "staff" &&
    ["booking.assist", "booking.clinic", "booking.help"].some((one) => actor.permissions.has(one))
  )
    return actor;
  throw new DomainError("permission.denied");
}

/**
 * Hold a seat for somebody who calls, stands at the window or sits with the family doctor. How the
 * patient agreed goes into the trace; priority seats are for residents signed with this community centre.
 * @throws DomainError as {@link hold}
 */
export async function assistHold(
  work: Work<StaffActor>,
  body: z.output<typeof assistHoldBody>,
): Promise<z.input<typeof appointmentAnswer>> {
  // A registered helper books as one, for those who agreed; the database knows for whom that is.
  assertPermission(work.actor, body.channel === "helper" ? "booking.help" : "booking.assist");
  return hold(work, body);
}

/** Wait for a seat of a full day on behalf of somebody. @throws DomainError as {@link joinWaitlist} */
export async function assistWaitlist(
  work: Work<StaffActor>,
  body: z.output<typeof assistWaitlistBody>,
): Promise<{ id: string }> {
  assertPermission(work.actor, body.channel === "helper" ? "booking.help" : "booking.assist");
  return joinWaitlist(work, body);
}
