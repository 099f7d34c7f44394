/** A doctor's drafts: begun from a visit, saved, corrected, given up, repeated. */
import type { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { currentFormulary } from "../formulary/service.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { assess, linesOf, lookAtPatient, nothingTyped } from "./assess.ts";
import { assertMay, loadPrescription, takeStep, traceRead } from "./change.ts";
import type {
  cancelBody,
  DraftBody,
  encounterList,
  medicineList,
  PrescriptionView,
  prescriptionList,
  startBody,
} from "./contract.ts";
import { suggestDose } from "./domain.ts";
import * as repository from "./repository.ts";
import { patientsOf, viewPrescription, viewSummaries } from "./view.ts";

const listedDays = 30;
const dayMs = 86_400_000;
const foundMost = 15;

/** Visits of the house that are going on, each with what was prescribed. @throws DomainError `permission.denied` */
export async function listEncounters(
  work: Work<StaffActor>,
): Promise<z.input<typeof encounterList>> {
  const { tx, actor } = work;
  assertPermission(actor, "prescription.write");
  const rows = await repository.findEncounters(tx, actor.institutionId, actor.personId);
  const patients = await patientsOf(
    work,
    rows.map((row) => row.patient_id),
  );
  return {
    encounters: rows.flatMap((row) => {
      const patient = patients.get(row.patient_id);
      return patient
        ? [
            {
              kind: row.kind,
              id: row.id,
              patient,
              since: row.since ? new Date(row.since).toISOString() : null,
              prescriptionId: row.prescription_id,
              lastId: row.last_id,
              lastAt: row.last_at ? new Date(row.last_at).toISOString() : null,
            },
          ]
        : [];
    }),
  };
}

/** The doctor's own of the last month. */
export async function listOwn(work: Work<StaffActor>): Promise<z.input<typeof prescriptionList>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.write");
  const since = new Date(now.getTime() - listedDays * dayMs);
  const rows = await repository.findOfDoctor(tx, actor.institutionId, actor.personId, since);
  return { prescriptions: await viewSummaries(work, rows) };
}

/** Medicines of the house's formulary; for a prescription with a dose to begin with. */
export async function searchMedicines(
  work: Work<StaffActor>,
  { q, prescription }: { q: string; prescription?: string | undefined },
): Promise<z.input<typeof medicineList>> {
  const { tx, actor, now } = work;
  if (!actor.permissions.has("prescription.dispense"))
    assertPermission(actor, "prescription.write");
  const { index } = await currentFormulary(tx, actor.institutionId, now);
  const row = prescription ? await repository.findPrescription(tx, prescription) : null;
  const batches = await repository.findBatches(tx, actor.institutionId);
  const today = localDay(now);
  return {
    medicines: index.search(q, foundMost).map((one) => {
      const own = batches.filter(
        (each) => each.medicineCode === one.code && each.expiresOn > today,
      );
      return {
        code: one.code,
        zh: one.zh,
        en: one.en,
        atc: one.atc,
        form: one.form,
        strength: one.strength,
        unit: one.unit,
        route: one.route,
        pack: one.pack,
        dose: row ? suggestDose(one, row.facts.seen) : one.dose,
        times: one.times,
        classes: one.classes,
        stock: batches.length === 0 ? null : own.reduce((sum, each) => sum + each.quantity, 0),
      };
    }),
  };
}

/**
 * Begin a prescription for a visit that is going on; with `repeatOf` the patient's earlier one is the draft, without
 * what the formulary does not have any more.
 * @throws DomainError `permission.denied`, `prescription.no-visit`, `request.not-found`
 */
export async function startPrescription(
  services: Services,
  work: Work<StaffActor>,
  body: z.output<typeof startBody>,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.write");
  const loaded = await currentFormulary(tx, actor.institutionId, now);
  const before = body.repeatOf ? await repository.findPrescription(tx, body.repeatOf) : null;
  if (body.repeatOf && (!before || before.institutionId !== actor.institutionId))
    throw new DomainError("request.not-found");
  if (before) {
    const earlier = await repository.findOfPatient(tx, body.patientId, new Date(0));
    // Of this person, whichever registration it was written for.
    if (!earlier.some((one) => one.id === before.id)) throw new DomainError("request.not-found");
  }
  const seen = {
    ageMonths: null,
    sex: "unknown" as const,
    weightKg: null,
    egfr: null,
    pregnant: null,
    breastFeeding: null,
    allergies: null,
    takes: null,
  };
  const row = await repository.insertPrescription(tx, {
    number: await repository.newNumber(tx, localDay(now)),
    institutionId: actor.institutionId,
    patientId: body.patientId,
    doctorId: actor.personId,
    encounterKind: body.encounterKind,
    encounterId: body.encounterId,
    // Whoever is at the desk, or beside the doctor in a consult, is there in person.
    channel: body.encounterKind === "video-visit" ? "internet" : "in-person",
    kind: before?.kind ?? body.kind,
    diagnoses: before?.diagnoses ?? [],
    facts: { typed: nothingTyped, seen, recordRead: false },
    overruled: {},
    warnings: [],
    repeatOf: before?.id ?? null,
    updatedAt: now,
  });
  await repository.insertStep(tx, {
    prescriptionId: row.id,
    action: before ? "repeat" : "start",
    fromState: null,
    toState: "draft",
    personId: actor.personId,
    at: now,
  });
  const facts = await lookAtPatient(services, work, row, nothingTyped, loaded);
  if (before) {
    const lines = await repository.findLines(tx, [before.id]);
    await repository.replaceLines(
      tx,
      row.id,
      lines
        .filter((one) => loaded.formulary.find(one.medicineCode))
        .map(({ prescriptionId: _old, ...one }, position) => ({ ...one, position })),
    );
  }
  const kept = await repository.updatePrescription(tx, row.id, row.version, {
    facts,
    updatedAt: now,
  });
  if (!kept) throw new DomainError("prescription.changed-meanwhile");
  await traceRead(work, kept);
  return viewPrescription(services, work, kept);
}

/** One, with everything that speaks against it now. @throws DomainError `permission.denied`, `request.not-found` */
export async function readPrescription(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<PrescriptionView> {
  const { permissions } = work.actor;
  if (!permissions.has("prescription.review") && !permissions.has("prescription.dispense"))
    assertPermission(work.actor, "prescription.write");
  const row = await loadPrescription(work, id);
  await traceRead(work, row);
  return viewPrescription(services, work, row);
}

/** Save the whole draft; it is checked at once. @throws DomainError `prescription.changed-meanwhile`, `prescription.illegal-step` */
export async function saveDraft(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: DraftBody,
): Promise<PrescriptionView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "prescription.write");
  const row = await loadPrescription(work, id);
  assertMay(actor, row, "sign", body.version);
  const { version, lines, typed, diagnoses, ...rest } = body;
  const loaded = await currentFormulary(tx, row.institutionId, now);
  const facts = await lookAtPatient(services, work, row, typed, loaded);
  await repository.replaceLines(
    tx,
    id,
    lines.map(({ code, ...line }, position) => {
      const known = loaded.formulary.find(code);
      return {
        ...line,
        position,
        medicineCode: code,
        medicine: {
          zh: known?.zh ?? code,
          en: known?.en ?? code,
          atc: known?.atc ?? "",
          strength: known?.strength ?? "",
          unit: known?.unit ?? "",
          form: known?.form ?? "",
          route: known?.route ?? "",
        },
      };
    }),
  );
  const changed = await repository.updatePrescription(tx, id, version, {
    ...rest,
    diagnoses,
    facts,
    // What was shown to be signed is void.
    document: null,
    documentVersion: null,
    updatedAt: now,
  });
  if (!changed) throw new DomainError("prescription.changed-meanwhile");
  return viewPrescription(services, work, changed);
}

/** A returned one is a draft again, with its lines and reasons. */
export async function correctPrescription(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version }: { version: number },
): Promise<PrescriptionView> {
  assertPermission(work.actor, "prescription.write");
  const row = await loadPrescription(work, id);
  const changed = await takeStep(work, row, {
    action: "correct",
    version,
    change: { document: null, documentVersion: null, jws: null, kid: null, formularyId: null },
  });
  return viewPrescription(services, work, changed);
}

export async function cancelPrescription(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, reason }: z.output<typeof cancelBody>,
): Promise<PrescriptionView> {
  assertPermission(work.actor, "prescription.write");
  const row = await loadPrescription(work, id);
  const changed = await takeStep(work, row, {
    action: "cancel",
    version,
    reason,
    change: { endReason: reason },
  });
  return viewPrescription(services, work, changed);
}

/** The check of a draft as it lies there; for signing and approval. */
export async function assessNow(
  services: Services,
  work: Work<StaffActor>,
  row: repository.PrescriptionRow,
  loaded: Awaited<ReturnType<typeof currentFormulary>>,
) {
  const lines = await repository.findLines(work.tx, [row.id]);
  const facts = await lookAtPatient(services, work, row, row.facts.typed, loaded);
  return { lines, facts, warnings: assess(loaded, row, linesOf(lines), facts.seen) };
}
