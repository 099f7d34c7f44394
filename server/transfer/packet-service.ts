import type { Origin } from "../audit/service.ts";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { findPatient, localDay, viewPatient } from "../patients/service.ts";
import { type Federation, travelSummary } from "../records/service.ts";
import { leaveTrace, loadTransfer, sidesOf } from "./change.ts";
import type { PacketAnswer } from "./contract.ts";
import { fitSummary, newPacketCode, type PacketRecord, sealPacket, splitPacket } from "./packet.ts";
import * as repository from "./repository.ts";
import { isRunning } from "./states.ts";
import { escortPhoneContext } from "./view.ts";

const reader: Actor = { kind: "system", reason: "transfer-packet", language: "zh-CN" };

/**
 * The record that travels with the patient, sealed under eight digits that are shown once and kept nowhere: what the
 * doctor wrote, and what the institutions hold as far as consent or an opened emergency goes. Sealed outside of any
 * transaction: it takes a while on purpose.
 * @throws DomainError `request.not-found`, `permission.denied`, `transfer.illegal-step`
 */
export async function makePacket(
  services: Services,
  { federation, hostedVia }: { federation: Federation; hostedVia: URL | null },
  origin: Origin,
  actor: StaffActor,
  id: string,
): Promise<PacketAnswer> {
  const now = services.clock();
  const { secret: proof, hash } = services.vault.newSecret(18);
  const { patientId, ...written } = await services.db.withActor(actor, (tx) =>
    gather(services, { tx, actor, origin, now }, id, proof),
  );
  const summary = await travelSummary(services, federation, {
    actor,
    origin,
    patientId,
    hostedVia,
  });
  const record = await fitSummary({
    ...written,
    summary: { ...summary, more: 0 },
  });
  const code = newPacketCode();
  const text = await sealPacket(record, code);
  await services.db.withActor(actor, async (tx) => {
    const work = { tx, actor, origin, now };
    const row = await loadTransfer(work, id);
    await repository.insertPacket(tx, {
      transferId: row.id,
      proofHash: hash,
      madeBy: actor.personId,
      madeAt: now,
    });
    await leaveTrace(work, row, "transfer.packet");
  });
  return {
    code,
    text,
    parts: splitPacket(text),
    url: `${services.publicUrl}/packet#${text}`,
    madeAt: now.toISOString(),
    lacking: {
      missing: record.summary?.missing ?? null,
      gaps: record.summary?.gaps ?? [],
      more: record.summary?.more ?? 0,
    },
  };
}

async function gather(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  proof: string,
): Promise<PacketRecord & { patientId: string }> {
  const { tx, now } = work;
  const row = await loadTransfer(work, id);
  if (!sidesOf(work.actor, row).includes("from")) throw new DomainError("permission.denied");
  if (!isRunning(row.kind, row.state)) throw new DomainError("transfer.illegal-step");
  const [of] = await repository.findReferrals(tx, [row.referralId]);
  const found = await findPatient(tx, row.patientId);
  const houses = await findInstitutions(tx, [row.fromInstitutionId, row.toInstitutionId]);
  const from = houses.find((house) => house.id === row.fromInstitutionId);
  const to = houses.find((house) => house.id === row.toInstitutionId);
  if (!of || !found || !from || !to) throw new DomainError("request.not-found");
  const patient = viewPatient(services.vault, found, now);
  const duty = (await repository.findDutyPhone(tx, to.id, localDay(now))) ?? to.phone;
  const names = await findPeopleNames(tx, [of.requesterId]);
  const escort = row.escortPhoneCipher
    ? services.vault.open(escortPhoneContext, row.escortPhoneCipher)
    : null;
  const phones = [
    { who: "doctor" as const, phone: of.requesterPhone },
    { who: "from" as const, phone: from.phone },
    { who: "to" as const, phone: duty },
    { who: "escort" as const, phone: escort },
  ];
  return {
    patientId: row.patientId,
    proof,
    madeAt: now.toISOString(),
    number: of.number,
    kind: row.kind,
    from: from.name,
    to: to.name,
    doctor: names.get(of.requesterId) ?? "",
    phones: phones.flatMap(({ who, phone }) => (phone ? [{ who, phone }] : [])),
    patient: {
      name: patient.fullName,
      nameBo: patient.fullNameBo,
      sex: patient.sex,
      born: patient.birthDate,
      idMasked: patient.residentIdMasked,
      address: patient.address,
      contacts: patient.contacts.map(({ relation, name }) => ({ relation, name })),
    },
    allergies: of.allergies,
    reason: of.reason,
    impression: of.impression.map(({ code, text }) => [text, code].filter(Boolean).join(" ")),
    presentHistory: of.presentHistory,
    pastHistory: of.pastHistory,
    medicines: of.medicines.map(({ text, dose }) => [text, dose].filter(Boolean).join(" ")),
    vitals: Object.fromEntries(
      Object.entries(of.vitals).filter(([, value]) => value !== null && value !== undefined),
    ) as PacketRecord["vitals"],
    examination: of.examination,
    results: of.results,
    treatment: of.treatmentSoFar,
  };
}

/**
 * Somebody with a line opened a packet: what only its contents know proves it. Anything else leaves no trace
 * and is answered alike.
 */
export function packetOpened(services: Services, origin: Origin, proof: string): Promise<void> {
  return services.db.withActor(reader, async (tx) => {
    const now = services.clock();
    const packet = await repository.countOpening(tx, services.vault.hashSecret(proof), now);
    const row = packet ? await repository.findTransfer(tx, packet.transferId) : null;
    if (!packet || !row) return;
    await trace(tx, reader, origin, {
      action: "transfer.packet-opened",
      entityType: "transfer",
      entityId: row.id,
      patientId: row.patientId,
      purpose: "emergency",
    });
  });
}
