/** Signing: the document is put together here and signed in the doctor's browser; then the pharmacist has it. */
import type { z } from "zod";
import { putAlarm } from "../alarms/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { currentFormulary } from "../formulary/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import {
  canonicalJson,
  findKeys,
  PRESCRIPTION_JWS_TYPE,
  verifyDocumentJws,
} from "../signing/service.ts";
import { assertMay, loadPrescription, takeStep } from "./change.ts";
import type { documentAnswer, PrescriptionView, signBody } from "./contract.ts";
import { defaultLimits, openWarnings, reviewDueAt, validUntil } from "./domain.ts";
import { assessNow } from "./draft-service.ts";
import * as repository from "./repository.ts";
import { type PrescriptionDocument, prescriptionDocument } from "./signature.ts";
import { patientsOf, viewPrescription } from "./view.ts";

export const expireAlarm = "prescription:expire";
export const reviewAlarm = "prescription:review";
export const alarmKey = (kind: string, id: string) => `${kind}:${id}`;

async function ready(services: Services, work: Work<StaffActor>, id: string, version: number) {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.write");
  const row = await loadPrescription(work, id);
  assertMay(actor, row, "sign", version);
  const loaded = await currentFormulary(tx, row.institutionId, now);
  const found = await assessNow(services, work, row, loaded);
  if (found.lines.length === 0 || row.diagnoses.length === 0)
    throw new DomainError("prescription.empty");
  const open = openWarnings(found.warnings, new Map(Object.entries(row.overruled)));
  if (open.length > 0) throw new DomainError("prescription.warnings", { count: open.length });
  return { row, loaded, ...found };
}

/**
 * The very bytes that the doctor's key will sign; kept, so that nothing else passes.
 * @throws DomainError `prescription.empty`, `prescription.warnings`, `prescription.changed-meanwhile`
 */
export async function prepareDocument(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version }: { version: number },
): Promise<z.input<typeof documentAnswer>> {
  const { tx, actor, now } = work;
  const { row, loaded, lines, facts, warnings } = await ready(services, work, id, version);
  const [house] = await findInstitutions(tx, [row.institutionId]);
  const patient = (await patientsOf(work, [row.patientId])).get(row.patientId);
  const document: PrescriptionDocument = prescriptionDocument.parse({
    type: "prescription",
    prescriptionId: row.id,
    number: row.number,
    version: version + 1,
    issuedAt: now.toISOString(),
    institutionId: row.institutionId,
    institution: house?.name ?? "",
    doctorId: actor.personId,
    doctor: actor.name,
    patientId: row.patientId,
    patient: patient?.name ?? "—",
    ageMonths: facts.seen.ageMonths,
    sex: facts.seen.sex,
    weightKg: facts.seen.weightKg,
    encounterKind: row.encounterKind,
    encounterId: row.encounterId,
    channel: row.channel,
    kind: row.kind,
    validDays: row.validDays,
    formularyId: loaded.id,
    diagnoses: row.diagnoses,
    lines: lines.map((one) => ({
      code: one.medicineCode,
      name: one.medicine.zh,
      strength: one.medicine.strength,
      dose: one.dose,
      unit: one.medicine.unit,
      frequency: one.frequency,
      days: one.days,
      quantity: one.quantity,
      instructions: one.instructions,
    })),
    overruled: warnings.flatMap(({ key, words }) => {
      const reason = row.overruled[key];
      return reason ? [{ key, said: words.zh, reason }] : [];
    }),
    note: row.note,
  });
  const kept = await repository.updatePrescription(tx, id, version, {
    document,
    documentVersion: version + 1,
    updatedAt: now,
  });
  if (!kept) throw new DomainError("prescription.changed-meanwhile");
  return { document, canonical: canonicalJson(document), version: kept.version };
}

/**
 * File the signature: the clocks of review and validity start.
 * @throws DomainError `signature.*`, `prescription.changed-meanwhile` when the draft was edited after it was shown,
 *   `prescription.warnings` when something came up meanwhile
 */
export async function signPrescription(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, jws }: z.output<typeof signBody>,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  const { row, loaded, facts, warnings } = await ready(services, work, id, version);
  if (row.document === null || row.documentVersion !== row.version)
    throw new DomainError("prescription.changed-meanwhile");
  const verified = await verifyDocumentJws({
    jws,
    typ: PRESCRIPTION_JWS_TYPE,
    document: prescriptionDocument.parse(row.document),
    signerId: actor.personId,
    keys: await findKeys(tx, [actor.personId]),
    now,
  });
  const until = validUntil(now, row.validDays, defaultLimits);
  const dueAt = reviewDueAt(now, defaultLimits);
  const signed = await takeStep(work, row, {
    action: "sign",
    version,
    change: {
      jws,
      kid: verified.kid,
      signedAt: now,
      reviewDueAt: dueAt,
      validUntil: until,
      facts,
      warnings,
      formularyId: loaded.id,
      reviewedBy: null,
      reviewedAt: null,
      returnReason: null,
      returnNote: null,
    },
  });
  for (const [kind, at] of [
    [reviewAlarm, dueAt],
    [expireAlarm, until],
  ] as const)
    await putAlarm(tx, { kind, entityId: id, key: alarmKey(kind, id), dueAt: at });
  return viewPrescription(services, work, signed);
}
