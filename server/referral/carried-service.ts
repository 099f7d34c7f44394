/** A referral whose patient is brought by a vehicle of ours: its steps are taken with those of the transfer. */
import type { Work } from "../http/context.ts";
import { notify } from "../notices/service.ts";
import { loadReferral, takeStep } from "./change.ts";
import { setOff, stopClocks } from "./desk-service.ts";

/**
 * The vehicle has left: the referral is on the way, what is kept for the patient lasts until he can be there.
 * Asked again, or after somebody said so on the referral itself, it changes nothing.
 * @param work of the sending house, or the job that acts for the crew
 * @throws DomainError `request.not-found`, `permission.denied`, `referral.illegal-step`
 */
export async function carriedAway(
  work: Work,
  referralId: string,
  arrivesAt: Date | null,
): Promise<void> {
  const row = await loadReferral(work, referralId);
  if (row.state === "on-the-way" || row.arrivedAt) return;
  await setOff(work, row, { version: row.version, arrivesAt: arrivesAt?.toISOString() ?? null });
}

/** The vehicle is at the door. @throws DomainError as {@link carriedAway} */
export async function carriedIn(work: Work, referralId: string): Promise<void> {
  const row = await loadReferral(work, referralId);
  if (row.arrivedAt) return;
  const { actor, now } = work;
  const by = actor.kind === "staff" ? actor.personId : null;
  const arrived = await takeStep(work, row, {
    action: "arrive",
    version: row.version,
    change: {
      arrivedAt: now,
      ...(row.acceptedAt ? {} : { acceptedAt: now, acceptedBy: by }),
    },
  });
  await stopClocks(work, row);
  await notify(work.tx, {
    personIds: [row.requesterId].filter((one) => one !== by),
    kind: "referral-arrived",
    entityType: "referral",
    entityId: row.id,
    detail: { direction: row.direction, state: arrived.state, number: row.number },
    dedupeKey: `referral:${row.id}:referral-arrived:${arrived.version}`,
    at: now,
  });
}
