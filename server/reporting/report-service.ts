import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { findPatient, localDay } from "../patients/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { pinyinInitials } from "../terminology/service.ts";
import { assertHandlesReports, sidesOfReport } from "./access.ts";
import type {
  CreateReport,
  diseaseList,
  InfectiousReportActionBody,
  InfectiousReportView,
  ReportContent,
} from "./contract.ts";
import {
  addMinutes,
  isUrgentReport,
  minutesToReport,
  nextInfectiousReportState,
  type ReportSide,
  reminderAt,
  reportOwner,
} from "./domain.ts";
import { findConsultSides } from "./people.ts";
import type { ReportRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { settingOf } from "./settings.ts";
import { changedBy, writeReportStep } from "./tell.ts";
import { viewReports } from "./view.ts";

export const reportClockTask = "reporting:report-clock";
/** What a clock of another machine may be ahead of ours. */
const clockSkewMinutes = 5;

/** The reader's reports, the clock that ends soonest on top. */
export async function listReports(
  services: Services,
  work: Work<StaffActor>,
  scope: "open" | "done",
): Promise<InfectiousReportView[]> {
  assertHandlesReports(work.actor);
  return viewReports(services, work, await repository.listReports(work.tx, scope));
}

export async function readReport(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<InfectiousReportView> {
  const { row } = await load(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "infectious-report.read",
    entityType: "infectious-report",
    entityId: id,
    patientId: row.patientId,
    purpose: "public-health",
  });
  return view(services, work, row);
}

/** Diseases that are notifiable on a day (today when left out), with the time each is reported in. */
export async function listDiseases(
  work: Work<StaffActor>,
  day: string | null,
): Promise<z.input<typeof diseaseList>> {
  assertHandlesReports(work.actor);
  const rows = await repository.findDiseases(work.tx, day ?? localDay(work.now));
  return {
    diseases: rows.map((row) => ({
      ...row,
      initials: pinyinInitials(row.nameZh),
      minutes: minutesToReport(row),
    })),
  };
}

/**
 * Report a case to the own public-health department; the clock counts from the diagnosis.
 * @throws DomainError `permission.denied`, `request.not-found`, `reporting.disease`, `reporting.time`, `reporting.already-reported`
 */
export async function createReport(
  services: Services,
  work: Work<StaffActor>,
  input: CreateReport,
): Promise<InfectiousReportView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "infectious-report.report");
  const patient = await findPatient(tx, input.patientId);
  if (!patient) throw new DomainError("request.not-found");
  const consultId = input.consultId ?? null;
  if (consultId && (await findConsultSides(tx, consultId))?.patientId !== input.patientId)
    throw new DomainError("request.not-found");
  const content = await contentOf(work, input);
  const row = await repository.insertReport(tx, {
    ...content,
    // Known already: not asked for again.
    currentAddress: content.currentAddress ?? patient.row.address,
    patientId: input.patientId,
    institutionId: actor.institutionId,
    consultId,
    reportedBy: actor.personId,
    reportedAt: now,
    updatedAt: now,
  });
  await writeReportStep(work, row, { action: "report", from: null, content: kept(row) });
  await tellOwner(work, row);
  await startClock(work, row);
  return view(services, work, row);
}

/** One step. @throws DomainError `reporting.changed-meanwhile`, `reporting.illegal-step`, `permission.denied`, `reporting.no-cdc` */
export async function actOnReport(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: InfectiousReportActionBody,
): Promise<InfectiousReportView> {
  const { tx, now } = work;
  const { row, sides } = await load(work, id);
  if (row.version !== input.version) throw changedBy(await repository.findReportSteps(tx, [id]));
  const state = nextInfectiousReportState(row.state, input.action, sides);
  const change = await changeOf(work, row, input);
  const changed = await repository.updateReport(tx, id, input.version, {
    ...change,
    state,
    // Whoever's turn it is now is reminded anew.
    escalationLevel: 0,
    escalatedAt: null,
    updatedAt: now,
  });
  if (!changed) throw changedBy(await repository.findReportSteps(tx, [id]));
  await writeReportStep(work, changed, {
    action: input.action,
    from: row.state,
    reason: "reason" in input ? input.reason : null,
    ...(input.action === "correct" ? { content: kept(changed) } : {}),
  });
  await tellOwner(work, changed);
  await startClock(work, changed);
  return view(services, work, changed);
}

async function changeOf(
  work: Work<StaffActor>,
  row: ReportRow,
  input: InfectiousReportActionBody,
): Promise<Partial<ReportRow>> {
  const { tx, actor, now } = work;
  const by = actor.personId;
  switch (input.action) {
    case "receive": {
      const { cdcInstitutionId } = await settingOf(tx, row.institutionId, now);
      if (!cdcInstitutionId) throw new DomainError("reporting.no-cdc");
      return { receivedBy: by, receivedAt: now, cdcInstitutionId };
    }
    case "return":
      return { returnedBy: by, returnedAt: now, returnReason: input.reason };
    case "correct":
      return { ...(await contentOf(work, input)), correctedBy: by, correctedAt: now };
    case "file":
      return { filedBy: by, filedAt: now, filedNumber: input.number ?? null };
    case "withdraw":
      return { withdrawnBy: by, withdrawnAt: now, withdrawReason: input.reason };
  }
}

/** The columns of what was diagnosed, with the clock of its disease on that day. */
async function contentOf({ tx, now }: Work<StaffActor>, input: ReportContent) {
  const diagnosedAt = new Date(input.diagnosedAt);
  if (diagnosedAt > addMinutes(now, clockSkewMinutes)) throw new DomainError("reporting.time");
  const [disease] = await repository.findDiseases(tx, localDay(diagnosedAt), input.diseaseCode);
  if (!disease) throw new DomainError("reporting.disease");
  const minutes = minutesToReport(disease);
  return {
    diseaseCode: disease.code,
    diseaseName: disease.nameZh,
    diseaseClass: disease.diseaseClass,
    managedAsA: disease.managedAsA,
    diagnosisKind: input.diagnosisKind,
    diagnosedAt,
    onsetOn: input.onsetOn ?? null,
    currentAddress: input.currentAddress ?? null,
    workplace: input.workplace ?? null,
    note: input.note ?? null,
    dueAt: addMinutes(diagnosedAt, minutes),
    urgent: isUrgentReport(minutes),
  };
}

/** What a step keeps of the content, so that a correction hides nothing. */
function kept(row: ReportRow): Record<string, unknown> {
  const { diseaseCode, diagnosisKind, diagnosedAt, onsetOn, currentAddress, workplace, note } = row;
  return {
    diseaseCode,
    diagnosisKind,
    diagnosedAt: diagnosedAt.toISOString(),
    onsetOn,
    currentAddress,
    workplace,
    note,
  };
}

/** People of the owner whose turn it is: a department, a CDC, or the doctor who reported. */
export async function findOwners(
  work: Pick<Work, "tx" | "now">,
  row: ReportRow,
  owner: ReportSide,
): Promise<string[]> {
  const { tx, now } = work;
  if (owner === "doctor") return [row.reportedBy];
  if (owner === "public-health")
    return findWithPermission(tx, row.institutionId, "infectious-report.receive", now);
  const cdc =
    row.cdcInstitutionId ?? (await settingOf(tx, row.institutionId, now)).cdcInstitutionId;
  return cdc ? findWithPermission(tx, cdc, "infectious-report.file", now) : [];
}

async function tellOwner(work: Work<StaffActor>, row: ReportRow): Promise<void> {
  const owner = reportOwner[row.state];
  const others = owner ? await findOwners(work, row, owner) : [row.reportedBy];
  await notify(work.tx, {
    personIds: others.filter((one) => one !== work.actor.personId),
    kind: `infectious-report-${row.state}`,
    entityType: "infectious-report",
    entityId: row.id,
    detail: { urgent: row.urgent },
    dedupeKey: `infectious-report:${row.id}:${row.version}`,
    at: work.now,
  });
}

async function startClock({ tx }: Work<StaffActor>, row: ReportRow): Promise<void> {
  if (!reportOwner[row.state]) return;
  await enqueue(tx, {
    task: reportClockTask,
    payload: { reportId: row.id },
    runAt: reminderAt(row),
    jobKey: `infectious-report:${row.id}`,
  });
}

async function load(
  work: Work<StaffActor>,
  id: string,
): Promise<{ row: ReportRow; sides: ReportSide[] }> {
  const row = await repository.findReport(work.tx, id);
  const sides = row ? sidesOfReport(work.actor, row) : [];
  // To others it is not there.
  if (!row || sides.length === 0) throw new DomainError("request.not-found");
  return { row, sides };
}

async function view(
  services: Services,
  work: Work<StaffActor>,
  row: ReportRow,
): Promise<InfectiousReportView> {
  const [one] = await viewReports(services, work, [row]);
  return one!;
}
