/** 教学知情同意: taken in private at planning, taken back at any time by the patient's phone or by staff. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { announce } from "../outbox/service.ts";
import { findPatient } from "../patients/service.ts";
import { loadPlanned } from "./access.ts";
import type {
  myConsentList,
  teachingConsentBody,
  teachingConsentList,
  teachingConsentView,
} from "./case-contract.ts";
import type { ConsentRow } from "./case-repository.ts";
import * as repository from "./case-repository.ts";
import { houseNames } from "./view.ts";

type Staff = Work<StaffActor>;

/** @throws DomainError `request.not-found`, `permission.denied` */
export async function listConsents(
  work: Staff,
  sessionId: string,
): Promise<z.input<typeof teachingConsentList>> {
  await loadPlanned(work, sessionId);
  const rows = await repository.findConsents(work.tx, sessionId);
  return { consents: rows.map(viewConsent) };
}

/**
 * What the patient (or who speaks for him) said. A second word replaces nothing: what stands is taken back first.
 * @throws DomainError `request.not-found`, `permission.denied`, `consent.evidence`, `teaching.consent-observers`
 */
export async function recordConsent(
  work: Staff,
  sessionId: string,
  {
    withoutObservers,
    signature,
    witnessName,
    reason,
    ...body
  }: z.infer<typeof teachingConsentBody>,
): Promise<z.input<typeof teachingConsentView>> {
  const { tx, actor, origin, now } = work;
  await loadPlanned(work, sessionId);
  assertPermission(actor, "patient.read");
  if (!(await findPatient(tx, body.patientId))) throw new DomainError("request.not-found");
  const row = await repository.insertConsent(tx, {
    ...body,
    signature: signature ?? null,
    witnessName: witnessName ?? null,
    reason: reason ?? null,
    withoutObservers,
    sessionId,
    institutionId: actor.institutionId,
    recordedBy: actor.personId,
    recordedAt: now,
  });
  await trace(tx, actor, origin, {
    action: "teaching.consent",
    entityType: "teaching-session",
    entityId: sessionId,
    patientId: body.patientId,
    purpose: "teaching",
    detail: { given: body.given, method: body.method },
  });
  return viewConsent(row);
}

/** By staff, because the patient asked. @throws DomainError `request.not-found` */
export async function withdrawForPatient(work: Staff, id: string, reason: string | null) {
  const row = await repository.findConsent(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  await withdraw(work, row, { by: work.actor.personId, reason });
}

/** By the patient's own telephone. @throws DomainError `request.not-found` */
export async function withdrawMine(work: Work<PatientActor>, id: string): Promise<void> {
  const row = await repository.findConsent(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  await withdraw(work, row, { by: null, reason: null });
}

/**
 * The database does what follows in the same transaction: the case is shown no more, the replay is withheld. Here
 * everybody concerned is told. Doing it again changes nothing.
 */
async function withdraw(
  work: Work,
  row: ConsentRow,
  { by, reason }: { by: string | null; reason: string | null },
): Promise<void> {
  const { tx, actor, origin, now } = work;
  const changed = await repository.withdrawConsent(tx, row.id, {
    withdrawnAt: now,
    withdrawnBy: by,
    withdrawReason: reason,
  });
  if (!changed) return;
  await trace(tx, actor, origin, {
    action: "teaching.consent-withdraw",
    entityType: "teaching-session",
    entityId: row.sessionId,
    patientId: row.patientId,
    purpose: "teaching",
  });
  const personIds = await repository.findConcerned(tx, row.sessionId);
  await notify(tx, {
    personIds,
    kind: "teaching-consent-withdrawn",
    entityType: "teaching-session",
    entityId: row.sessionId,
    dedupeKey: `teaching-withdrawn:${row.id}`,
    at: now,
  });
  await announce(
    tx,
    { topic: "teaching", id: row.sessionId, version: 0 },
    { institutionIds: [row.institutionId], personIds, patientIds: [row.patientId] },
  );
}

const iso = (at: Date | string | null) => (at === null ? null : new Date(at).toISOString());

/** What the patient agreed to, and what became of it. */
export async function listMyConsents({
  tx,
}: Work<PatientActor>): Promise<z.input<typeof myConsentList>> {
  const rows = await repository.findMyConsents(tx);
  const houses = await houseNames(
    tx,
    rows.map((one) => one.institution_id),
  );
  return {
    consents: rows.map((one) => ({
      id: one.id,
      patientId: one.patient_id,
      title: one.title,
      institution: houses.get(one.institution_id) ?? { zh: "—", en: null, bo: null },
      startsAt: iso(one.starts_at),
      signerName: one.signer_name,
      recordedAt: new Date(one.recorded_at).toISOString(),
      withdrawnAt: iso(one.withdrawn_at),
      withheld: one.withheld_at !== null,
    })),
  };
}

const viewConsent = (row: ConsentRow): z.input<typeof teachingConsentView> => ({
  id: row.id,
  patientId: row.patientId,
  given: row.given,
  replay: row.replay,
  signerName: row.signerName,
  signerRelation: row.signerRelation,
  present: row.present,
  recordedAt: row.recordedAt.toISOString(),
  withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
});
