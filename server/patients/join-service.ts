/**
 * Two registrations of one person, joined by a record administrator and taken apart again. Nothing that was
 * written is re-written: a link says which registration goes on. Source: domain.md "Sakya" (a single name
 * without an ID is never joined by itself), docs/decisions/0023-joined-patients.md.
 */
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { cardOf, listApart } from "./apart-service.ts";
import { goingOn, joinObstacle } from "./domain.ts";
import { maskIdentityNumber, maskPhone } from "./identifiers.ts";
import type * as contract from "./join-contract.ts";
import * as repository from "./join-repository.ts";
import { findPatientRows, personOf } from "./repository.ts";

const listMax = 50;
const residentIdContext = "patient.resident_id";
const phoneContext = "patient_contact.phone";

/** Who might be the same person: shown where a patient is opened or was just registered. */
export async function findPossibleDuplicates(
  work: Work<StaffActor>,
  patientId: string,
): Promise<contract.PossibleDuplicate[]> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "patient.read");
  const rows = await repository.findPossible(tx, patientId);
  const houses = rows.length === 0 ? [] : await findInstitutions(tx);
  for (const row of rows)
    await trace(tx, actor, origin, {
      action: "patient.seen-alike",
      entityType: "patient",
      entityId: row.id,
      patientId: row.id,
      purpose: "treatment",
    });
  return rows.map((row) => ({ ...cardOf(row, houses), alike: row.alike as contract.Likeness }));
}

/** The administrator's list: pairs that may be one, and what was joined here. */
export async function listJoins(
  work: Work<StaffActor>,
): Promise<z.input<typeof contract.joinList>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "patient.join");
  const pairs = await repository.findPairs(tx, listMax);
  const houses = await findInstitutions(tx);
  const seen: z.input<typeof contract.joinList>["pairs"] = [];
  for (const pair of pairs) {
    const cards = await repository.findCards(tx, pair.one, pair.other);
    const one = cards.find((card) => card.id === pair.one);
    const other = cards.find((card) => card.id === pair.other);
    if (!one || !other) continue;
    seen.push({
      one: cardOf(one, houses),
      other: cardOf(other, houses),
      alike: pair.alike as contract.Likeness,
    });
  }
  const joined = await viewLinks(work, await repository.findLinksOf(tx, actor.institutionId));
  await trace(tx, actor, origin, {
    action: "patient.search",
    entityType: "patient",
    detail: { pairs: seen.length },
  });
  return { pairs: seen, joined, apart: await listApart(work, houses) };
}

/**
 * Both side by side: what differs, what hangs on each, and whether they may be joined.
 * @throws DomainError `permission.denied`, `request.not-found` when the reader may not lay these two side by side
 */
export async function compare(
  services: Services,
  work: Work<StaffActor>,
  asked: { one: string; other: string },
): Promise<z.output<typeof contract.comparison>> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "patient.join");
  const { cards, one, other } = await loadBoth(work, asked.one, asked.other);
  const houses = await findInstitutions(tx);
  const sides = [];
  for (const card of [one, other]) {
    sides.push(
      viewSide(services.vault, card, houses, await repository.findHanging(tx, card.id, null)),
    );
    await trace(tx, actor, origin, {
      action: "patient.compare",
      entityType: "patient",
      entityId: card.id,
      patientId: card.id,
      purpose: "operations",
    });
  }
  const [left, right] = sides as [contract.JoinSide, contract.JoinSide];
  const facts = {
    one: factsOf(services.vault, one, left),
    other: factsOf(services.vault, other, right),
  };
  const sameId = facts.one.residentId !== null && facts.one.residentId === facts.other.residentId;
  const episodes = await repository.findOpenEpisodes(tx, one.id, other.id);
  return {
    one: left,
    other: right,
    alike: sameId ? "certain" : (one.alike as contract.Likeness),
    differs: differing(left, right),
    goesOn: goingOn(facts.one, facts.other),
    obstacle: cards.length < 2 ? "joined" : joinObstacle(facts.one, facts.other),
    episodes: episodes.map((row) => ({
      id: row.id,
      number: row.number,
      reason: row.reason,
      patientId: row.patient_id,
      openedAt: new Date(row.opened_at).toISOString(),
    })),
  };
}

/**
 * One registration goes on for both. Two at once, the one way and the other: the second is told so.
 * @throws DomainError `patient.joined-already`, `patient.ids-contradict`, `patient.join-survivor`,
 *   `patient.join-two-beds`, `patient.join-episode` when both have an open episode and none is named
 */
export async function joinPatients(
  services: Services,
  work: Work<StaffActor>,
  input: z.output<typeof contract.joinBody>,
): Promise<z.input<typeof contract.joinAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "patient.join");
  const { one: duplicate, other: survivor } = await loadBoth(
    work,
    input.duplicateId,
    input.survivorId,
  );
  if ((await personOf(tx, duplicate.id)) !== duplicate.id)
    throw new DomainError("patient.joined-already");
  const { vault } = services;
  const open = async (id: string) =>
    (await repository.findHanging(tx, id, null)).find((each) => each.kind === "beds")?.open ?? 0;
  const facts = {
    duplicate: { ...identityOf(vault, duplicate), openBeds: await open(duplicate.id) },
    survivor: { ...identityOf(vault, survivor), openBeds: await open(survivor.id) },
  };
  const obstacle = joinObstacle(facts.duplicate, facts.survivor);
  if (obstacle === "identity") throw new DomainError("patient.ids-contradict");
  if (obstacle === "two-beds") throw new DomainError("patient.join-two-beds");
  const goesOn = goingOn(facts.duplicate, facts.survivor);
  if (goesOn !== null && goesOn !== survivor.id) throw new DomainError("patient.join-survivor");
  const episodes = await repository.findOpenEpisodes(tx, duplicate.id, survivor.id);
  const named = episodes.find((each) => each.id === input.episodeId);
  if (new Set(episodes.map((each) => each.patient_id)).size > 1 && !named)
    throw new DomainError("patient.join-episode");
  const id = randomUUID();
  for (const patientId of [duplicate.id, survivor.id])
    await trace(tx, actor, origin, {
      action: "patient.join",
      entityType: "patient",
      entityId: patientId,
      patientId,
      purpose: "operations",
      detail: { link: id },
    });
  await repository.insertLink(tx, {
    id,
    duplicateId: duplicate.id,
    namedId: survivor.id,
    survivorId: survivor.id,
    basis: input.basis,
    reason: input.reason,
    episodeId: named?.id ?? null,
    joinedBy: actor.personId,
    joinedByName: actor.name,
    joinedAtInstitutionId: actor.institutionId,
    joinedAt: now,
  });
  return { link: await viewLink(work, id) };
}

/**
 * A joining was a mistake: both are again as they were. What was written since stays where it was written.
 * @throws DomainError `request.not-found`, `patient.separated-already`
 */
export async function separatePatients(
  work: Work<StaffActor>,
  linkId: string,
  reason: string,
): Promise<z.input<typeof contract.separateAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "patient.join");
  const link = await repository.findLink(tx, linkId);
  if (!link) throw new DomainError("request.not-found");
  if (link.separatedAt) throw new DomainError("patient.separated-already");
  const writtenSince = await repository.findHanging(tx, link.survivorId, link.createdAt);
  const before = await viewLink(work, linkId);
  for (const patientId of [link.duplicateId, link.survivorId])
    await trace(tx, actor, origin, {
      action: "patient.separate",
      entityType: "patient",
      entityId: patientId,
      patientId,
      purpose: "operations",
      detail: { link: linkId },
    });
  const done = await repository.separateLink(tx, linkId, {
    separatedAt: now,
    separatedBy: actor.personId,
    separatedByName: actor.name,
    separatedAtInstitutionId: actor.institutionId,
    separationReason: reason,
  });
  if (!done) throw new DomainError("patient.separated-already");
  return {
    link: {
      ...before,
      separatedAt: now.toISOString(),
      separatedBy: actor.name,
      separationReason: reason,
    },
    writtenSince: writtenSince as z.input<typeof contract.separateAnswer>["writtenSince"],
  };
}

async function loadBoth(work: Work<StaffActor>, oneId: string, otherId: string) {
  const cards = await repository.findCards(work.tx, oneId, otherId);
  const one = cards.find((card) => card.id === oneId);
  const other = cards.find((card) => card.id === otherId);
  if (!one || !other) throw new DomainError("request.not-found");
  const same = (await personOf(work.tx, oneId)) === (await personOf(work.tx, otherId));
  if (same) throw new DomainError("patient.joined-already");
  return { cards, one, other };
}

const identityOf = (vault: Vault, row: repository.CardRow) => ({
  id: row.id,
  residentId: row.resident_id_cipher ? vault.open(residentIdContext, row.resident_id_cipher) : null,
  unknownPerson: row.unknown_person,
});
const factsOf = (vault: Vault, row: repository.CardRow, seen: contract.JoinSide) => ({
  ...identityOf(vault, row),
  openBeds: seen.hanging.find((one) => one.kind === "beds")?.open ?? 0,
});

function viewSide(
  vault: Vault,
  row: repository.CardRow,
  houses: readonly InstitutionRow[],
  hanging: readonly repository.HangingRow[],
): contract.JoinSide {
  const { residentId } = identityOf(vault, row);
  return {
    ...cardOf(row, houses),
    birthDateEstimated: row.birth_date_estimated,
    ethnicGroup: row.ethnic_group,
    address: row.address,
    residentIdMasked: residentId ? maskIdentityNumber(residentId) : null,
    unknownNote: row.unknown_note,
    contacts: row.contacts.map((one) => ({
      relation: one.relation,
      phoneMasked: maskPhone(vault.open(phoneContext, one.phone)),
    })),
    hanging: hanging.map((one) => ({
      ...one,
      kind: one.kind as contract.JoinSide["hanging"][number]["kind"],
    })),
  };
}

const compared = [
  "fullName",
  "fullNameBo",
  "sex",
  "birthDate",
  "ethnicGroup",
  "address",
  "residentIdMasked",
] as const;
function differing(one: contract.JoinSide, other: contract.JoinSide): string[] {
  const phones = (side: contract.JoinSide) =>
    [...new Set(side.contacts.map((each) => each.phoneMasked))].sort().join();
  return [
    ...compared.filter((fact) => one[fact] !== other[fact]),
    ...(phones(one) === phones(other) ? [] : ["contacts"]),
  ];
}

async function viewLinks(work: Work<StaffActor>, rows: readonly repository.LinkRow[]) {
  const people = await findPatientRows(work.tx, [
    ...new Set(rows.flatMap((row) => [row.duplicateId, row.survivorId])),
  ]);
  const nameOf = (id: string) => {
    const found = people.find((one) => one.id === id);
    return found?.fullName ?? found?.fullNameBo ?? "";
  };
  return rows.map((row) => ({
    id: row.id,
    duplicateId: row.duplicateId,
    duplicateName: nameOf(row.duplicateId),
    survivorId: row.survivorId,
    survivorName: nameOf(row.survivorId),
    basis: row.basis,
    reason: row.reason,
    joinedBy: row.joinedByName,
    joinedAt: row.joinedAt.toISOString(),
    separatedAt: row.separatedAt?.toISOString() ?? null,
    separatedBy: row.separatedByName,
    separationReason: row.separationReason,
  }));
}

async function viewLink(work: Work<StaffActor>, id: string) {
  const row = await repository.findLink(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  return (await viewLinks(work, [row]))[0]!;
}
