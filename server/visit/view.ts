import { findInstitutions } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import {
  ageOn,
  findPatient,
  findPatients,
  localDay,
  type PatientRecord,
  phoneContext,
} from "../patients/service.ts";
import { findAssessment } from "../triage/service.ts";
import { sidesOf } from "./change.ts";
import type { MyVisit, VisitDetail, VisitSummary } from "./contract.ts";
import { expectedMinutes, needsGuardian, possibleActions, roomStates } from "./domain.ts";
import type { VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";

export const callbackContext = "visit.callback";

export const nameOf = ({ row }: PatientRecord): string =>
  row.fullName ?? row.fullNameBo ?? row.unknownNote ?? "—";
export const ageYearsOf = ({ row }: PatientRecord, now: Date): number | null =>
  row.birthDate ? (ageOn(row.birthDate, localDay(now))?.years ?? null) : null;
const ageMonthsOf = ({ row }: PatientRecord, now: Date): number | null => {
  const age = row.birthDate ? ageOn(row.birthDate, localDay(now)) : null;
  return age ? age.years * 12 + (age.months % 12) : null;
};

/** Names that lists of visits show. */
async function namesFor({ tx }: Pick<Work, "tx">, rows: readonly VisitRow[]) {
  const patients = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const people = await findPeopleNames(tx, [...new Set(rows.flatMap((row) => row.doctorId ?? []))]);
  const houses = await findInstitutions(tx, [...new Set(rows.map((row) => row.institutionId))]);
  return {
    patientOf: (id: string) => patients.find((one) => one.row.id === id) ?? null,
    doctorOf: (id: string | null) => (id ? { id, name: people.get(id) ?? "" } : null),
    houseOf: (id: string) => ({ id, name: houses.find((one) => one.id === id)?.name ?? "" }),
  };
}

/** As the patient's phone shows them: nothing of the doctor's note. */
export async function viewMine(work: Work, rows: readonly VisitRow[]): Promise<MyVisit[]> {
  const { tx, actor, now } = work;
  const { patientOf, doctorOf, houseOf } = await namesFor(work, rows);
  const views: MyVisit[] = [];
  for (const row of rows) {
    const ahead = row.state === "waiting" ? await repository.countAhead(tx, row.id) : null;
    const files = await repository.findFiles(tx, row.id);
    const patient = patientOf(row.patientId);
    views.push({
      id: row.id,
      number: row.number,
      version: row.version,
      state: row.state,
      patient: { id: row.patientId, name: patient ? nameOf(patient) : "—" },
      house: houseOf(row.institutionId),
      doctor: doctorOf(row.doctorId),
      condition: row.condition,
      reason: row.reason,
      evidenceFrom: row.evidenceFrom,
      evidence: row.evidence,
      files: files
        .filter((one) => one.purpose === "evidence")
        .map(({ id, name, at }) => ({ id, name, at: at.toISOString() })),
      requestedAt: row.requestedAt.toISOString(),
      ahead,
      expectedAt:
        ahead === null
          ? null
          : new Date(now.getTime() + expectedMinutes(ahead) * 60_000).toISOString(),
      mayEnterRoom: roomStates.includes(row.state),
      endedAt: row.endedAt?.toISOString() ?? null,
      // What the doctor is still writing is not said yet.
      summary: row.state === "ended" ? row.summary : "",
      returnWhen: row.state === "ended" ? row.returnWhen : "",
      callWhen: row.state === "ended" ? row.callWhen : "",
      redirectKind: row.redirectKind,
      redirectReason: row.redirectReason,
      redirectId: row.redirectId,
      stopReason: row.stopReason,
      actions: possibleActions(row.state, sidesOf(actor, row)),
    });
  }
  return views;
}

export async function viewSummaries(
  work: Pick<Work, "tx" | "now">,
  rows: readonly VisitRow[],
): Promise<VisitSummary[]> {
  const { patientOf, doctorOf } = await namesFor(work, rows);
  return rows.map((row) => {
    const patient = patientOf(row.patientId);
    return {
      id: row.id,
      number: row.number,
      version: row.version,
      state: row.state,
      patient: {
        id: row.patientId,
        name: patient ? nameOf(patient) : "—",
        sex: patient?.row.sex ?? "unknown",
        ageMonths: patient ? ageMonthsOf(patient, work.now) : null,
      },
      relation: row.relation,
      doctor: doctorOf(row.doctorId),
      condition: row.condition,
      evidenceFrom: row.evidenceFrom,
      waitingAt: row.waitingAt?.toISOString() ?? null,
      dueAt: row.dueAt?.toISOString() ?? null,
      endedAt: row.endedAt?.toISOString() ?? null,
    };
  });
}

/** The whole of one, for the doctor. */
export async function viewVisit(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
): Promise<VisitDetail> {
  const { tx, actor, now } = work;
  const [summary] = await viewSummaries(work, [row]);
  const { houseOf } = await namesFor(work, [row]);
  const patient = await findPatient(tx, row.patientId);
  const steps = await repository.findSteps(tx, row.id);
  const people = await findPeopleNames(tx, [
    ...new Set(steps.flatMap((one) => one.personId ?? [])),
  ]);
  const assessment = await findAssessment(tx, row.assessmentId);
  const present = await repository.findPresent(tx, row.id);
  const isIn = (role: string) =>
    present.some((one) => one.role === role && one.type === "peer-joined");
  const sides = sidesOf(actor, row);
  const inRoom = roomStates.includes(row.state) && sides.includes("doctor");
  const detail: VisitDetail = {
    ...summary!,
    reason: row.reason,
    evidence: row.evidence,
    files: (await repository.findFiles(tx, row.id)).map(({ id, name, purpose, at }) => ({
      id,
      name,
      purpose,
      at: at.toISOString(),
    })),
    triage: assessment && {
      complaint: assessment.complaint,
      outcome: assessment.outcome,
      urgency: assessment.urgency,
      at: assessment.assessedAt.toISOString(),
    },
    house: houseOf(row.institutionId),
    guardianNeeded: patient
      ? needsGuardian(ageYearsOf(patient, now), row.relation !== "self")
      : false,
    guardianPresent: row.guardianPresent,
    guardianName: row.guardianName,
    decision: row.decision,
    decisionReason: row.decisionReason,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    note: row.note,
    diagnoses: row.diagnoses,
    summary: row.summary,
    returnWhen: row.returnWhen,
    callWhen: row.callWhen,
    redirectKind: row.redirectKind,
    redirectReason: row.redirectReason,
    redirectId: row.redirectId,
    stopReason: row.stopReason,
    calledAt: row.calledAt?.toISOString() ?? null,
    startedAt: row.startedAt?.toISOString() ?? null,
    present: { patient: isIn("patient"), doctor: isIn("attending") },
    reach:
      inRoom && patient
        ? {
            callbackPhone: services.vault.open(callbackContext, row.callbackCipher),
            address: patient.row.address,
            family: patient.contacts.map((one) => ({
              relation: one.relation,
              name: one.name,
              phone: services.vault.open(phoneContext, one.phoneCipher),
            })),
          }
        : null,
    steps: steps.map((one) => ({
      action: one.action,
      by: one.personId ? (people.get(one.personId) ?? "") : null,
      reason: one.reason,
      at: one.at.toISOString(),
    })),
    actions: possibleActions(row.state, sides),
    mayWrite: inRoom,
  };
  return detail;
}
