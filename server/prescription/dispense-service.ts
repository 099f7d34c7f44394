/** The pharmacy: the desk, filling from stock, handing out, delivery, what comes back. */
import type { z } from "zod";
import { stopAlarms } from "../alarms/service.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Medicine } from "../formulary/domain.ts";
import { currentFormulary } from "../formulary/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay, parseResidentId } from "../patients/service.ts";
import { formularyOf } from "./assess.ts";
import { assertMay, loadPrescription, takeStep, tellOf } from "./change.ts";
import type {
  batchBody,
  cancelBody,
  collectBody,
  deliveryBody,
  dispenseBody,
  PrescriptionView,
  prescriptionList,
  stockView,
} from "./contract.ts";
import { deliverySteps } from "./domain.ts";
import * as repository from "./repository.ts";
import { alarmKey, expireAlarm } from "./sign-service.ts";
import { viewPrescription, viewSummaries } from "./view.ts";

const listedMs = 14 * 86_400_000;
const addressContext = "prescription_dispense.address";
const proxyContext = "prescription_dispense.proxy";

const indexOf = (services: Services, code: string) =>
  services.vault.blindIndex("record-identifier", `prescription:${code}`);

/** What can be filled or lies ready here. */
export async function listDesk(work: Work<StaffActor>): Promise<z.input<typeof prescriptionList>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.dispense");
  const since = new Date(now.getTime() - listedMs);
  const rows = await repository.findInStates(
    tx,
    actor.institutionId,
    ["approved", "dispensed"],
    since,
  );
  return { prescriptions: await viewSummaries(work, rows) };
}

/** The patient says the code; also at a pharmacy of an allied house. @throws DomainError `prescription.code` */
export async function openByCode(
  services: Services,
  work: Work<StaffActor>,
  { code }: { code: string },
): Promise<PrescriptionView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "prescription.dispense");
  const id = await repository.openByCode(tx, indexOf(services, code), now);
  await trace(tx, actor, origin, {
    action: "prescription.open-by-code",
    entityType: "prescription",
    entityId: id,
    purpose: "treatment",
    detail: { found: id !== null },
  });
  if (id === null) throw new DomainError("prescription.code");
  return viewPrescription(services, work, await loadPrescription(work, id));
}

/** Another product of the same substance, strength of a unit, kind of form and route. */
const mayStandIn = (other: Medicine, wanted: Medicine): boolean =>
  other.atc === wanted.atc &&
  other.parts.join() === wanted.parts.join() &&
  other.route === wanted.route &&
  other.form === wanted.form &&
  other.measure === wanted.measure;

/**
 * Fill it: medicines are taken from the shelf, those that expire first first. Of two pharmacies one does; the other
 * takes nothing.
 * @throws DomainError `prescription.filled`, `prescription.over`, `prescription.stock`, `prescription.substitute`
 */
export async function dispense(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, method, address, instead }: z.output<typeof dispenseBody>,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.dispense");
  const row = await loadPrescription(work, id);
  if (["dispensed", "collected"].includes(row.state)) throw new DomainError("prescription.filled");
  assertMay(actor, row, "dispense", version);
  if (row.validUntil === null || row.validUntil <= now) throw new DomainError("prescription.over");
  if (method === "delivery" && !address) throw new DomainError("request.invalid");
  const { formulary } = await formularyOf(work, row);
  const own = await currentFormulary(tx, actor.institutionId, now);
  const lines = await repository.findLines(tx, [id]);
  const wanted = lines.map((line) => {
    const chosen = instead.find((one) => one.position === line.position);
    const medicine = formulary.find(line.medicineCode);
    if (!chosen || chosen.code === line.medicineCode)
      return { line, code: line.medicineCode, quantity: line.quantity, instead: false };
    const other = own.formulary.find(chosen.code);
    if (!other || !medicine || !mayStandIn(other, medicine))
      throw new DomainError("prescription.substitute", { medicine: other?.zh ?? chosen.code });
    const perUnit = (medicine.amount ?? 1) / (other.amount ?? 1);
    return { line, code: other.code, quantity: line.quantity * perUnit, instead: true };
  });
  const batches = await repository.lockBatches(
    tx,
    actor.institutionId,
    [...new Set(wanted.map((one) => one.code))],
    localDay(now),
  );
  const taken = wanted.flatMap(({ line, code, quantity, instead: other }) => {
    let missing = quantity;
    const parts = [];
    for (const batch of batches.filter((one) => one.medicineCode === code)) {
      const part = Math.min(batch.quantity, missing);
      if (part <= 0) continue;
      batch.quantity -= part;
      missing -= part;
      parts.push({
        position: line.position,
        batchId: batch.id,
        medicineCode: code,
        quantity: part,
        instead: other,
      });
    }
    if (missing > 1e-9) throw new DomainError("prescription.stock", { medicine: line.medicine.zh });
    return parts;
  });
  await repository.insertDispense(tx, {
    prescriptionId: id,
    institutionId: actor.institutionId,
    preparedBy: actor.personId,
    preparedAt: now,
    method,
    taken,
    deliveryState: method === "delivery" ? "preparing" : null,
    deliveryAddressCipher: address ? services.vault.seal(addressContext, address) : null,
  });
  for (const one of taken) await repository.moveStock(tx, one.batchId, -one.quantity);
  const filled = await takeStep(work, row, { action: "dispense", version });
  await stopAlarms(tx, [alarmKey(expireAlarm, id)], now);
  return viewPrescription(services, work, filled);
}

/**
 * Hand it out, by the code. Whoever collects for the patient shows both identity cards; it is written down.
 * @throws DomainError `prescription.code`, `prescription.identity`, `patient.resident-id`
 */
export async function collect(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, code, patientIdSeen, proxy }: z.output<typeof collectBody>,
): Promise<PrescriptionView> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "prescription.dispense");
  const row = await loadPrescription(work, id);
  assertMay(actor, row, "collect", version);
  if (!row.codeIndex?.equals(indexOf(services, code))) throw new DomainError("prescription.code");
  if (!patientIdSeen) throw new DomainError("prescription.identity");
  const card = proxy ? parseResidentId(proxy.idNumber, localDay(now)) : null;
  if (card && !card.ok) throw new DomainError("patient.resident-id", { reason: card.problem });
  await repository.updateDispense(tx, id, {
    collectedAt: now,
    handedOverBy: actor.personId,
    patientIdSeen,
    proxyName: proxy?.name ?? null,
    proxyIdCipher: card?.ok ? services.vault.seal(proxyContext, card.value.number) : null,
  });
  if (proxy)
    await trace(tx, actor, origin, {
      action: "prescription.collect-by-proxy",
      entityType: "prescription",
      entityId: id,
      patientId: row.patientId,
      purpose: "treatment",
      detail: { bothIdentities: true },
    });
  const collected = await takeStep(work, row, { action: "collect", version });
  return viewPrescription(services, work, collected);
}

/** How far a delivery is. @throws DomainError `prescription.illegal-step` */
export async function moveDelivery(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, state, carrier, trackingNumber, text }: z.output<typeof deliveryBody>,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.dispense");
  const row = await loadPrescription(work, id);
  const filling = await repository.findDispense(tx, id);
  if (row.version !== version) throw new DomainError("prescription.changed-meanwhile");
  if (
    filling?.institutionId !== actor.institutionId ||
    !filling.deliveryState ||
    (filling.deliveryState !== state && !deliverySteps[filling.deliveryState].includes(state))
  )
    throw new DomainError("prescription.illegal-step", { state: row.state });
  await repository.updateDispense(tx, id, {
    deliveryState: state,
    carrier: carrier ?? filling.carrier,
    trackingNumber: trackingNumber ?? filling.trackingNumber,
    trackingText: text ?? filling.trackingText,
    ...(state === "delivered" ? { collectedAt: now, handedOverBy: actor.personId } : {}),
  });
  if (state === "delivered") {
    const done = await takeStep(work, row, { action: "collect", version, reason: "delivered" });
    return viewPrescription(services, work, done);
  }
  await trace(tx, actor, work.origin, {
    action: "prescription.delivery",
    entityType: "prescription",
    entityId: id,
    patientId: row.patientId,
    detail: { state },
  });
  await tellOf(work, row);
  return viewPrescription(services, work, row);
}

/** Nobody came, or the delivery was refused: everything goes back on the shelf, the prescription is over. */
export async function takeBack(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, reason }: z.output<typeof cancelBody>,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.dispense");
  const row = await loadPrescription(work, id);
  assertMay(actor, row, "take-back", version);
  const filling = await repository.findDispense(tx, id);
  if (filling?.institutionId !== actor.institutionId) throw new DomainError("permission.denied");
  await repository.updateDispense(tx, id, { takenBackAt: now, takenBackReason: reason });
  for (const one of filling.taken) await repository.moveStock(tx, one.batchId, one.quantity);
  const over = await takeStep(work, row, {
    action: "take-back",
    version,
    reason,
    change: { endReason: reason },
  });
  return viewPrescription(services, work, over);
}

/** The house's shelf. */
export async function listStock({
  tx,
  actor,
  now,
}: Work<StaffActor>): Promise<z.input<typeof stockView>> {
  assertPermission(actor, "prescription.dispense");
  const today = localDay(now);
  const { formulary } = await currentFormulary(tx, actor.institutionId, now);
  const batches = await repository.findBatches(tx, actor.institutionId);
  return {
    today,
    batches: batches.map((one) => {
      const medicine = formulary.find(one.medicineCode);
      return {
        id: one.id,
        medicineCode: one.medicineCode,
        zh: medicine?.zh ?? one.medicineCode,
        en: medicine?.en ?? one.medicineCode,
        unit: medicine?.unit ?? "",
        batchNumber: one.batchNumber,
        expiresOn: one.expiresOn,
        quantity: one.quantity,
        expired: one.expiresOn <= today,
      };
    }),
  };
}

/** What a count of a batch found. @throws DomainError `request.not-found` for a medicine that the formulary does not have */
export async function countBatch(
  work: Work<StaffActor>,
  body: z.output<typeof batchBody>,
): Promise<void> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "prescription.dispense");
  const { formulary } = await currentFormulary(tx, actor.institutionId, now);
  if (!formulary.find(body.medicineCode)) throw new DomainError("request.not-found");
  await repository.upsertBatch(tx, { ...body, institutionId: actor.institutionId });
  await trace(tx, actor, origin, {
    action: "pharmacy.count",
    entityType: "pharmacy-batch",
    detail: { medicine: body.medicineCode, quantity: body.quantity },
  });
}
