import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { sendSms } from "../notices/service.ts";
import { announce } from "../outbox/service.ts";
import { findSignInContacts, phoneContext } from "../patients/service.ts";
import type { BlockView } from "./contract.ts";
import * as repository from "./repository.ts";

/** Whether this person's ordinary booking by phone rests, for whoever books for him: hotline, window. */
export async function readBlock(
  { tx, actor, origin, now }: Work<StaffActor>,
  patientId: string,
): Promise<BlockView> {
  const may = ["booking.assist", "booking.clinic", "fever.triage", "fever.see"];
  if (!may.some((one) => actor.permissions.has(one))) throw new DomainError("permission.denied");
  const [row] = await repository.findBlocks(tx, now, [patientId]);
  if (!row) return { id: null, until: null, mayLift: false, alternative: null };
  await trace(tx, actor, origin, {
    action: "fever.read-block",
    entityType: "fever-block",
    entityId: row.id,
    patientId,
    purpose: "treatment",
  });
  const kept = await repository.findAlternative(tx, patientId, now);
  const [place] = kept ? await findInstitutions(tx, [kept.institutionId]) : [];
  return {
    id: row.id,
    until: row.until.toISOString(),
    mayLift: actor.permissions.has("fever.triage") || actor.permissions.has("fever.see"),
    alternative:
      kept && place
        ? {
            place: { zh: place.name, en: place.nameEn, bo: place.nameBo },
            state: kept.state,
            startsAt: new Date(kept.startsAt).toISOString(),
            heldUntil: kept.heldUntil ? new Date(kept.heldUntil).toISOString() : null,
          }
        : null,
  };
}

/**
 * A nurse looked and says that ordinary booking is fine again; the patient is told.
 * @throws DomainError `request.not-found` when there is none that this nurse may lift
 */
export async function liftBlock(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  reason: string,
): Promise<{ ok: true }> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("fever.triage") && !actor.permissions.has("fever.see"))
    throw new DomainError("permission.denied");
  const patientId = await repository.liftBlock(tx, id, reason, now);
  if (!patientId) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "fever.lift-block",
    entityType: "fever-block",
    entityId: id,
    patientId,
    purpose: "treatment",
  });
  await announce(tx, { topic: "fever", id, version: 0 }, { patientIds: [patientId] });
  for (const contact of await findSignInContacts(tx, patientId))
    await sendSms(tx, services.vault, {
      phone: services.vault.open(phoneContext, contact.phoneCipher),
      kind: "fever-block-lifted",
      text: "【医联】护士已恢复您的网上预约，可以照常约门诊了。如再有不适，请重新做就诊前筛查。",
      dedupeKey: `fever-block:${id}:lifted:${contact.id}`,
      at: now,
    });
  return { ok: true };
}

/** Lift what stands for a patient whom the desk or a doctor judged: no block outlives its reason. */
export async function liftBlockOf(
  services: Services,
  work: Work<StaffActor>,
  patientId: string,
  reason: string,
): Promise<void> {
  const [row] = await repository.findBlocks(work.tx, work.now, [patientId]);
  if (row) await liftBlock(services, work, row.id, reason);
}
