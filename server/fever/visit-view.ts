import { usualOxygen } from "../consult/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import {
  ageOn,
  findPatients,
  localDay,
  maskIdentityNumber,
  maskPhone,
  type PatientRecord,
  phoneContext,
  residentIdContext,
} from "../patients/service.ts";
import { readReport } from "../reporting/service.ts";
import type { TransferView, VisitLine, VisitView } from "./contract.ts";
import {
  awayFeverStates,
  type FeverAction,
  type FeverReason,
  type FeverRules,
  judgeOxygen,
  judgeTemperature,
  possibleFeverActions,
  type QuestionId,
  sidesOfFeverAction,
} from "./domain.ts";
import { ageMonthsOf, questionnaireOf, rulesOf } from "./policy-service.ts";
import type { MeasurementRow, PolicyRow, TransferRow, VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** What is authenticated with each sealed column. */
export const visitPhoneContext = "fever_visit.phone";
export const companionsContext = "fever_visit.companions";

/** Whose step each action is; where the visit is, unless it says otherwise. */
export const permissionOfAction: Readonly<
  Record<FeverAction, readonly ("fever.triage" | "fever.see" | "fever.transfer")[]>
> = {
  "to-ordinary": ["fever.triage"],
  "to-fever": ["fever.triage"],
  "to-emergency": ["fever.triage", "fever.see"],
  "to-room": ["fever.triage"],
  see: ["fever.see"],
  sample: ["fever.triage", "fever.see"],
  "record-result": ["fever.triage", "fever.see"],
  observe: ["fever.see"],
  exclude: ["fever.see"],
  leave: ["fever.triage", "fever.see"],
  suspect: ["fever.see"],
  report: ["fever.see"],
  "order-transfer": ["fever.transfer"],
  depart: ["fever.transfer"],
  "hand-over": ["fever.transfer"],
  disinfect: ["fever.transfer"],
};

/** A person as the desk sees him: identifiers masked. */
export function viewPerson(vault: Vault, { row, contacts }: PatientRecord, now: Date) {
  const age = row.birthDate ? ageOn(row.birthDate, localDay(now)) : undefined;
  const phone = contacts[0]?.phoneCipher;
  return {
    id: row.id,
    fullName: row.fullName,
    fullNameBo: row.fullNameBo,
    sex: row.sex,
    ageYears: age?.years ?? null,
    ageMonths: age ? age.years * 12 + age.months : null,
    unknownPerson: row.unknownPerson,
    unknownNote: row.unknownNote,
    residentIdMasked: row.residentIdCipher
      ? maskIdentityNumber(vault.open(residentIdContext, row.residentIdCipher))
      : null,
    phoneMasked: phone ? maskPhone(vault.open(phoneContext, phone)) : null,
    address: row.address,
  };
}

/** Lines of the desk's list: who, how hot, where, and which clock runs. */
export async function viewVisitLines(
  services: Services,
  work: Work<StaffActor>,
  rows: readonly VisitRow[],
  policy: PolicyRow,
  altitudeMetres: number,
): Promise<VisitLine[]> {
  const { tx, now } = work;
  const people = await findPatients(
    tx,
    rows.map((row) => row.patientId),
  );
  const readings = await repository.findMeasurements(
    tx,
    rows.map((row) => row.id),
  );
  const institutions = [...new Set(rows.map((row) => row.institutionId))];
  const rooms = (
    await Promise.all(institutions.map((one) => repository.findRooms(tx, one)))
  ).flat();
  const stays = await repository.findOpenStays(
    tx,
    rooms.map((one) => one.id),
  );
  const due = await dueOfReports(tx, rows);
  const lines: VisitLine[] = [];
  for (const row of rows) {
    const record = people.find((one) => one.row.id === row.patientId);
    if (!record) continue;
    const own = readings.filter((one) => one.visitId === row.id);
    const stay = stays.find((one) => one.visitId === row.id && one.until === null);
    const room = stay && rooms.find((one) => one.id === stay.roomId);
    const screening = row.screeningId ? await repository.findScreening(tx, row.screeningId) : null;
    const heat = judgeTemperature(rulesOf(policy), temperaturesOf(own));
    const person = viewPerson(services.vault, record, now);
    const found = row.resultAt !== null || (await labResultOf(tx, row)) !== null;
    lines.push({
      id: row.id,
      version: row.version,
      state: row.state,
      arrival: row.arrival,
      arrivedAt: row.arrivedAt.toISOString(),
      patient: person,
      temperature: degreesOf(own),
      judgement: heat.kind,
      repeatFrom: heat.repeatFrom?.toISOString() ?? null,
      room: stay && room ? { id: room.id, name: room.name, since: stay.since.toISOString() } : null,
      route: screening?.route ?? null,
      resultDueFrom: row.resultDueFrom?.toISOString() ?? null,
      resultDueAt: found ? null : (row.resultDueAt?.toISOString() ?? null),
      hasResult: found,
      reportDueAt: due.get(row.id)?.toISOString() ?? null,
      alarm: own.some(
        (one) =>
          one.kind === "spo2" &&
          one.criticalValueId === null &&
          judgementOf(one, person.ageYears, altitudeMetres).judgement === "alarm",
      ),
    });
  }
  return lines;
}

/** What the laboratory says of the visit's own tube; what was written down at the desk comes before it. */
async function labResultOf(tx: Tx, row: VisitRow): Promise<VisitView["result"]> {
  const found = row.sampleId ? await repository.findSampleResult(tx, row.sampleId) : null;
  return found
    ? { text: found.says, at: new Date(found.at).toISOString(), says: found.says }
    : null;
}

/** The last temperature in degrees. */
function degreesOf(rows: readonly MeasurementRow[]): number | null {
  const last = temperaturesOf(rows).at(-1);
  return last ? last.tenths / 10 : null;
}

const temperaturesOf = (rows: readonly MeasurementRow[]) =>
  rows
    .filter((one) => one.kind === "temperature")
    .map((one) => ({ tenths: one.value, at: one.at }));

/** A saturation by the place of measurement; here when no other place was given. */
export function judgementOf(row: MeasurementRow, ageYears: number | null, here: number) {
  const band = usualOxygen(row.altitudeMetres ?? here, ageYears);
  return { judgement: judgeOxygen(row.value, band), usual: band };
}

async function dueOfReports(tx: Tx, rows: readonly VisitRow[]): Promise<Map<string, Date>> {
  const ids = rows.filter((one) => one.reportId && !awayFeverStates.includes(one.state));
  const due = new Map<string, Date>();
  for (const one of ids) {
    const at = await repository.findReportDue(tx, one.reportId!);
    if (at) due.set(one.id, at);
  }
  return due;
}

/** Whether the rules let triage go on: a raised temperature was measured a second time. */
export function repeatIsOpen(rules: FeverRules, readings: readonly MeasurementRow[]): boolean {
  return judgeTemperature(rules, temperaturesOf(readings)).kind === "repeat";
}

/** A visit whole, as its own side or the receiver may see it. */
export async function viewVisit(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
  policy: PolicyRow,
  altitudeMetres: number,
): Promise<VisitView> {
  const { tx, actor, now } = work;
  const [line] = await viewVisitLines(services, work, [row], policy, altitudeMetres);
  const [record] = await findPatients(tx, [row.patientId]);
  const readings = await repository.findMeasurements(tx, [row.id]);
  const steps = await repository.findSteps(tx, row.id);
  const transfer = await repository.findTransfer(tx, row.id);
  const names = await findPeopleNames(
    tx,
    [row.triagedBy, row.seenBy, ...readings.map((one) => one.by)].filter((one) => one !== null),
  );
  const places = await findInstitutions(tx, [
    ...new Set(steps.flatMap((one) => one.byInstitutionId ?? [])),
  ]);
  const side = row.institutionId === actor.institutionId ? "own" : "receiver";
  const [block] = await repository.findBlocks(tx, now, [row.patientId]);
  const heat = judgeTemperature(rulesOf(policy), temperaturesOf(readings));
  return {
    ...line!,
    repeatUntil: heat.repeatUntil?.toISOString() ?? null,
    readings: readings.map((one) => ({
      id: one.id,
      kind: one.kind,
      value: one.kind === "temperature" ? one.value / 10 : one.value,
      at: one.at.toISOString(),
      by: names.get(one.by) ?? "",
      altitudeMetres: one.altitudeMetres,
      ...(one.kind === "spo2"
        ? judgementOf(one, line!.patient.ageYears, altitudeMetres)
        : { judgement: null, usual: null }),
      criticalValueId: one.criticalValueId,
    })),
    screening: row.screeningId ? await viewAnswers(tx, row.screeningId) : null,
    questionnaire: questionnaireOf(policy, {
      ageMonths: record ? ageMonthsOf(record.row, now) : null,
      sex: record?.row.sex ?? "unknown",
    }),
    register: {
      phoneMasked: row.phoneCipher
        ? maskPhone(services.vault.open(visitPhoneContext, row.phoneCipher))
        : line!.patient.phoneMasked,
      currentAddress: row.currentAddress ?? line!.patient.address,
      workplace: row.workplace,
      onsetOn: row.onsetOn,
      complaint: row.complaint,
      companions: row.companionsCipher
        ? services.vault.open(companionsContext, row.companionsCipher)
        : null,
    },
    triaged:
      row.triagedBy && row.triagedAt
        ? {
            name: names.get(row.triagedBy) ?? "",
            at: row.triagedAt.toISOString(),
            note: row.triageNote,
          }
        : null,
    seen:
      row.seenBy && row.seenAt
        ? { name: names.get(row.seenBy) ?? "", at: row.seenAt.toISOString() }
        : null,
    sampleCode: row.sampleCode,
    sampledAt: row.sampledAt?.toISOString() ?? null,
    result:
      row.resultText && row.resultAt
        ? { text: row.resultText, at: row.resultAt.toISOString(), says: null }
        : await labResultOf(tx, row),
    observation:
      row.observationHandedTo && row.observationSince
        ? { handedTo: row.observationHandedTo, since: row.observationSince.toISOString() }
        : null,
    diagnosis: row.diagnosis,
    report: row.reportId ? await viewReport(services, work, row.reportId) : null,
    transfer: transfer ? await viewTransfer(work, transfer) : null,
    block: block ? { id: block.id, until: block.until.toISOString() } : null,
    actions: possibleFeverActions(row.state).filter(
      (action) =>
        sidesOfFeverAction(action).includes(side) &&
        permissionOfAction[action].some((one) => actor.permissions.has(one)) &&
        // A hospital of the alliance receives by itself.
        !(action === "hand-over" && side === "own" && transfer?.toInstitutionId),
    ),
    steps: steps.map((one) => ({
      action: one.action,
      by: one.byName,
      institution: places.find((place) => place.id === one.byInstitutionId)?.name ?? null,
      reason: one.reason,
      at: one.at.toISOString(),
    })),
  };
}

async function viewAnswers(tx: Tx, id: string): Promise<VisitView["screening"]> {
  const row = await repository.findScreening(tx, id);
  if (!row) return null;
  const policy = await repository.findPolicy(tx, row.policyId);
  const answers = await repository.findAnswers(tx, id);
  return {
    answeredAt: row.answeredAt.toISOString(),
    atDesk: row.askedBy !== null,
    venue: row.venue,
    stayPut: row.stayPut,
    reasons: row.reasons as FeverReason[],
    // In the order and with the words of the version that was asked.
    answers: (policy?.content.questions ?? []).flatMap((question) => {
      const answer = answers.find((one) => one.question === question.id);
      return answer
        ? [{ question: question.id as QuestionId, value: answer.value, text: question.text }]
        : [];
    }),
  };
}

/** The report's clock and owner, for those whom it concerns; a receiver learns that there is one from the desk. */
async function viewReport(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<VisitView["report"]> {
  const may = ["report", "receive", "file"].some((what) =>
    work.actor.permissions.has(`infectious-report.${what}`),
  );
  const row = await repository.findReportHead(work.tx, id);
  if (!may || !row)
    return row
      ? {
          id,
          diseaseName: row.diseaseName,
          diseaseNameEn: null,
          diseaseNameBo: null,
          state: row.state,
          urgent: row.urgent,
          dueAt: row.dueAt.toISOString(),
          owner: null,
          escalationLevel: row.escalationLevel,
        }
      : null;
  const report = await readReport(services, work, id);
  return {
    id,
    diseaseName: report.diseaseName,
    diseaseNameEn: report.diseaseNameEn,
    diseaseNameBo: report.diseaseNameBo,
    state: report.state,
    urgent: report.urgent,
    dueAt: report.dueAt,
    owner: report.owner,
    escalationLevel: report.escalationLevel,
  };
}

export async function viewTransfer(
  { tx, actor }: Work<StaffActor>,
  row: TransferRow,
): Promise<TransferView> {
  const side = row.fromInstitutionId === actor.institutionId ? "own" : "receiver";
  const [from] = await findInstitutions(tx, [row.fromInstitutionId]);
  const ids = [row.orderedBy, row.departedBy, row.receivedBy, row.disinfectedBy];
  const names = await findPeopleNames(
    tx,
    ids.filter((one) => one !== null),
  );
  const stamp = (by: string | null, at: Date | null) =>
    by && at ? { name: names.get(by) ?? "", at: at.toISOString() } : null;
  const received = stamp(row.receivedBy, row.receivedAt);
  const disinfected = stamp(row.disinfectedBy, row.disinfectedAt);
  const visit = await repository.findVisit(tx, row.visitId);
  const [record] = visit ? await findPatients(tx, [visit.patientId]) : [];
  return {
    visitId: row.visitId,
    from: { zh: from?.name ?? "", en: from?.nameEn ?? null, bo: from?.nameBo ?? null },
    to: row.toName,
    toInstitutionId: row.toInstitutionId,
    vehicle: row.vehicle,
    crew: row.crew,
    ordered: stamp(row.orderedBy, row.orderedAt)!,
    departed: stamp(row.departedBy, row.departedAt),
    received: received ? { ...received, receiver: row.receiverName ?? "" } : null,
    disinfected: disinfected ? { ...disinfected, how: row.disinfection ?? "" } : null,
    side,
    patientName: record ? (record.row.fullName ?? record.row.fullNameBo ?? "") : null,
  };
}
