/**
 * "These are two people": a pair that was found alike is no longer proposed, until what it was said of changes
 * (a name, a birth date, a number, a phone) or somebody takes it back. Said by whoever may join them.
 */
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type * as contract from "./join-contract.ts";
import * as repository from "./join-repository.ts";
import { type PatientRow, personOf } from "./repository.ts";

const listMax = 50;

/**
 * @throws DomainError `permission.denied`, `request.not-found` when the reader may not lay these two side by side,
 *   `patient.joined-already`, `patient.said-apart` when it stands already
 */
export async function sayApart(
  work: Work<StaffActor>,
  input: z.output<typeof contract.apartBody>,
): Promise<z.output<typeof contract.apartAnswer>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "patient.join");
  if ((await repository.findCards(tx, input.one, input.other)).length < 2)
    throw new DomainError("request.not-found");
  if ((await personOf(tx, input.one)) === (await personOf(tx, input.other)))
    throw new DomainError("patient.joined-already");
  const [oneId, otherId] = [input.one, input.other].toSorted() as [string, string];
  const id = randomUUID();
  await traceBoth(work, "patient.say-apart", [oneId, otherId], id);
  await repository.insertApart(tx, {
    id,
    oneId,
    otherId,
    reason: input.reason,
    saidBy: actor.personId,
    saidByName: actor.name,
    saidAtInstitutionId: actor.institutionId,
    saidAt: now,
  });
  return { id };
}

/** The pair is proposed again, if it is still alike. @throws DomainError `permission.denied`, `request.not-found` */
export async function takeApartBack(
  work: Work<StaffActor>,
  id: string,
  reason: string,
): Promise<z.output<typeof contract.apartAnswer>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "patient.join");
  const pair = await repository.withdrawApart(tx, id, {
    withdrawnAt: now,
    withdrawnBy: actor.personId,
    withdrawnByName: actor.name,
    withdrawnAtInstitutionId: actor.institutionId,
    withdrawalReason: reason,
  });
  if (!pair) throw new DomainError("request.not-found");
  await traceBoth(work, "patient.apart-back", [pair.oneId, pair.otherId], id);
  return { id };
}

/** What stands, for the administrator's list. */
export async function listApart(
  { tx }: Work<StaffActor>,
  houses: readonly InstitutionRow[],
): Promise<contract.ApartView[]> {
  const seen: contract.ApartView[] = [];
  for (const row of await repository.findApart(tx, listMax)) {
    const cards = await repository.findCards(tx, row.oneId, row.otherId);
    const one = cards.find((card) => card.id === row.oneId);
    const other = cards.find((card) => card.id === row.otherId);
    if (!one || !other) continue;
    seen.push({
      id: row.id,
      one: cardOf(one, houses),
      other: cardOf(other, houses),
      reason: row.reason,
      saidBy: row.saidByName,
      saidAt: row.saidAt.toISOString(),
      outdated: row.outdated,
    });
  }
  return seen;
}

/** A registration as it may be said to whoever keeps another one. */
export const cardOf = (
  row: Omit<repository.LikeRow, "alike">,
  houses: readonly InstitutionRow[],
): z.output<typeof contract.likeCard> => ({
  id: row.id,
  fullName: row.full_name,
  fullNameBo: row.full_name_bo,
  sex: row.sex as PatientRow["sex"],
  birthDate: row.birth_date,
  unknownPerson: row.unknown_person,
  house: {
    id: row.institution_id,
    name: houses.find((one) => one.id === row.institution_id)?.name ?? "",
  },
  registeredAt: new Date(row.registered_at).toISOString(),
});

async function traceBoth(
  { tx, actor, origin }: Work<StaffActor>,
  action: string,
  patientIds: readonly string[],
  apart: string,
): Promise<void> {
  for (const patientId of patientIds)
    await trace(tx, actor, origin, {
      action,
      entityType: "patient",
      entityId: patientId,
      patientId,
      purpose: "operations",
      detail: { apart },
    });
}
