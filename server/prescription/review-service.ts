/** The pharmacist: what waits, approve, return, talk. */
import { randomInt } from "node:crypto";
import type { z } from "zod";
import { stopAlarms } from "../alarms/service.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { loadFormulary } from "../formulary/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { newSince } from "./assess.ts";
import { assertMay, loadPrescription, takeStep, tellOf } from "./change.ts";
import type { PrescriptionView, prescriptionList, returnBody } from "./contract.ts";
import { collectionCodeLength, openWarnings } from "./domain.ts";
import { assessNow } from "./draft-service.ts";
import { tellReady } from "./patient-notice.ts";
import * as repository from "./repository.ts";
import { alarmKey, reviewAlarm } from "./sign-service.ts";
import { signatureOf } from "./signature.ts";
import { viewPrescription, viewSummaries } from "./view.ts";

export const codeContext = "prescription.code";
const listedMs = 30 * 86_400_000;

/** What waits for a pharmacist of the house, the oldest clock first. @throws DomainError `permission.denied` */
export async function listQueue(work: Work<StaffActor>): Promise<z.input<typeof prescriptionList>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.review");
  const since = new Date(now.getTime() - listedMs);
  const rows = await repository.findInStates(tx, actor.institutionId, ["pending-review"], since);
  return { prescriptions: await viewSummaries(work, rows) };
}

/**
 * Approve: what the record says now counts, not what it said when the doctor signed.
 * @throws DomainError `prescription.new-warnings`, `prescription.key-revoked`, `signature.altered`, `prescription.over`
 */
export async function approvePrescription(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version }: { version: number },
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.review");
  const row = await loadPrescription(work, id);
  assertMay(actor, row, "approve", version);
  if (row.validUntil === null || row.validUntil <= now) throw new DomainError("prescription.over");
  const signature = await signatureOf(work, row);
  if (signature?.state === "key-revoked") throw new DomainError("prescription.key-revoked");
  if (signature === null || signature.state === "bad") throw new DomainError("signature.altered");
  const loaded = await loadFormulary(tx, row.formularyId!);
  const { warnings } = await assessNow(services, work, row, loaded);
  const added = openWarnings(newSince(row.warnings, warnings), new Map());
  if (added.length > 0) throw new DomainError("prescription.new-warnings", { count: added.length });
  const code = Array.from({ length: collectionCodeLength }, () => randomInt(10)).join("");
  const approved = await takeStep(work, row, {
    action: "approve",
    version,
    change: {
      reviewedBy: actor.personId,
      reviewedAt: now,
      codeIndex: services.vault.blindIndex("record-identifier", `prescription:${code}`),
      codeCipher: services.vault.seal(codeContext, code),
    },
  });
  await stopAlarms(tx, [alarmKey(reviewAlarm, id)], now);
  await tellReady(services, work, approved, code);
  return viewPrescription(services, work, approved);
}

/** Back to the doctor with a coded reason and words. */
export async function returnPrescription(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, reason, note }: z.output<typeof returnBody>,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.review");
  const row = await loadPrescription(work, id);
  const returned = await takeStep(work, row, {
    action: "return",
    version,
    reason: note,
    change: { reviewedBy: actor.personId, reviewedAt: now, returnReason: reason, returnNote: note },
  });
  await stopAlarms(tx, [alarmKey(reviewAlarm, id)], now);
  await notify(tx, {
    personIds: [row.doctorId],
    kind: "prescription-returned",
    entityType: "prescription",
    entityId: id,
    detail: { reason, number: row.number },
    dedupeKey: `prescription:${id}:returned:${returned.version}`,
    at: now,
  });
  return viewPrescription(services, work, returned);
}

/** Say something to the other one, in any state that is not a draft. */
export async function talkAbout(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { text }: { text: string },
): Promise<PrescriptionView> {
  const { tx, actor, origin, now } = work;
  if (!actor.permissions.has("prescription.review")) assertPermission(actor, "prescription.write");
  const row = await loadPrescription(work, id);
  if (row.institutionId !== actor.institutionId || row.state === "draft")
    throw new DomainError("permission.denied");
  await repository.insertTalk(tx, { prescriptionId: id, personId: actor.personId, text, at: now });
  await trace(tx, actor, origin, {
    action: "prescription.talk",
    entityType: "prescription",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  const others = [row.doctorId, row.reviewedBy].filter(
    (one): one is string => one !== null && one !== actor.personId,
  );
  await notify(tx, {
    personIds: others,
    kind: "prescription-talk",
    entityType: "prescription",
    entityId: id,
    detail: { number: row.number },
    dedupeKey: `prescription:${id}:talk:${now.toISOString()}`,
    at: now,
  });
  await tellOf(work, row);
  return viewPrescription(services, work, row);
}
