import type { Actor } from "../identity/domain.ts";

/** Stable name of an actor, for idempotency keys and traces. */
export function actorKey(actor: Actor): string {
  switch (actor.kind) {
    case "staff":
      // For another institution the same request is another one.
      return `staff:${actor.personId}@${actor.institutionId}`;
    case "patient":
      return `patient:${actor.phoneIndex.toString("hex")}`;
    case "guest":
      return `guest:${actor.guestId}`;
    case "house":
      return `house:${actor.clientId}@${actor.institutionId}`;
    case "system":
      return `system:${actor.reason}`;
    case "job":
      return `job:${actor.task}`;
  }
}
