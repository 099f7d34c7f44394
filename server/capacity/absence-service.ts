/** Who is away, and who covers: a department shows fewer beds when nobody is there to look after them. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import { tellBeds } from "./announce.ts";
import type { AbsenceList, absenceBody, coverBody } from "./contract.ts";
import * as repository from "./repository.ts";

type Staff = Work<StaffActor>;

/** Absences of today and to come, and who could be entered. @throws DomainError `permission.denied` */
export async function listAbsences({ tx, actor, now }: Staff): Promise<AbsenceList> {
  assertPermission(actor, "capacity.manage");
  const [place] = await findInstitutions(tx, [actor.institutionId]);
  const today = localDay(now, place?.timeZone);
  const rows = await repository.findAbsences(tx, actor.institutionId, today);
  const departments = (await repository.findDepartments(tx, actor.institutionId)).map((one) => ({
    id: one.id,
    name: { zh: one.name, en: one.nameEn, bo: one.nameBo },
  }));
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.personId, ...(row.coveredBy ? [row.coveredBy] : [])]),
  );
  return {
    today,
    absences: rows.map((row) => ({
      id: row.id,
      departmentId: row.departmentId,
      department: departments.find((one) => one.id === row.departmentId)?.name ?? {
        zh: "",
        en: null,
        bo: null,
      },
      person: names.get(row.personId) ?? "",
      kind: row.kind,
      fromDay: row.fromDay,
      toDay: row.toDay,
      reason: row.reason,
      coveredBy: row.coveredBy ? (names.get(row.coveredBy) ?? "") : null,
      now: row.fromDay <= today,
    })),
    colleagues: (await repository.findColleagues(tx, actor.institutionId, now)).map((one) => ({
      id: one.id,
      name: one.name,
      role: { zh: one.role, en: one.roleEn, bo: one.roleBo },
    })),
    departments,
  };
}

/** @throws DomainError `capacity.absence-overlap`, `capacity.absence-person`, `request.not-found` */
export async function addAbsence(
  work: Staff,
  body: z.output<typeof absenceBody>,
): Promise<AbsenceList> {
  const { tx, actor, origin } = work;
  assertPermission(actor, "capacity.manage");
  const departments = await repository.findDepartments(tx, actor.institutionId);
  if (!departments.some((one) => one.id === body.departmentId))
    throw new DomainError("request.not-found");
  const id = await repository.insertAbsence(tx, {
    ...body,
    institutionId: actor.institutionId,
    enteredBy: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "staff-absence.enter",
    entityType: "staff-absence",
    entityId: id,
    detail: { kind: body.kind, covered: body.coveredBy !== null },
  });
  await tellBeds(tx, id, actor.institutionId);
  return listAbsences(work);
}

/** Somebody covers, or nobody any more. @throws DomainError `request.not-found`, `capacity.absence-person` */
export async function coverAbsence(
  work: Staff,
  id: string,
  { coveredBy }: z.output<typeof coverBody>,
): Promise<AbsenceList> {
  await change(work, id, { coveredBy });
  return listAbsences(work);
}

/** Back earlier, or entered by mistake. */
export async function cancelAbsence(work: Staff, id: string): Promise<AbsenceList> {
  await change(work, id, { cancelledAt: work.now, cancelledBy: work.actor.personId });
  return listAbsences(work);
}

async function change(
  { tx, actor, origin }: Staff,
  id: string,
  values: { coveredBy?: string | null; cancelledAt?: Date; cancelledBy?: string },
): Promise<void> {
  assertPermission(actor, "capacity.manage");
  if (!(await repository.updateAbsence(tx, actor.institutionId, id, values)))
    throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: values.cancelledAt ? "staff-absence.cancel" : "staff-absence.cover",
    entityType: "staff-absence",
    entityId: id,
  });
  await tellBeds(tx, id, actor.institutionId);
}
