/** A department closes while referrals to it are open: nothing is lost, both houses see each with where else it could go. */
import { and, asc, eq, inArray, isNotNull, isNull, notInArray, or, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { allianceMember, department } from "../directory/schema.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import type { closeDepartmentAnswer, closedList } from "./closed-contract.ts";
import * as repository from "./repository.ts";
import { referral } from "./schema.ts";

/** States in which the department itself is still to do something. */
const waiting = [
  "draft",
  "patient-consented",
  "submitted",
  "more-info-asked",
  "accepted",
  "booked",
  "on-the-way",
  "no-show",
  "arrived",
  "admitted",
] as const;
const alternativesMax = 3;

/**
 * Close a department, or let it take people again. Whoever sent somebody there, and the desk, are told of each.
 * @param reason null: it is open again
 * @throws DomainError `permission.denied`, `request.not-found` for a house of another alliance
 */
export async function closeDepartment(
  work: Work<StaffActor>,
  departmentId: string,
  reason: string | null,
): Promise<z.input<typeof closeDepartmentAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "directory.manage");
  const [done] = await tx.execute<{ house: string | null }>(
    sql`select app.set_department_closed(${departmentId}::uuid, ${reason}, ${now.toISOString()}::timestamptz) as house`,
  );
  if (!done?.house) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: reason === null ? "department.open" : "department.close",
    entityType: "department",
    entityId: departmentId,
    detail: { reason },
  });
  const [unit] = await tx.select().from(department).where(eq(department.id, departmentId));
  const open = await openTo(work, departmentId);
  if (reason !== null)
    for (const one of open) {
      const desk = await findWithPermission(tx, done.house, "referral.desk", now);
      await notify(tx, {
        personIds: [...new Set([one.requester_id, ...desk])],
        kind: "referral-department-closed",
        entityType: "referral",
        entityId: one.id,
        detail: {},
        dedupeKey: `referral:${one.id}:closed:${unit!.closedAt!.toISOString()}`,
        at: now,
      });
    }
  return {
    department: {
      id: departmentId,
      name: unit!.name,
      closedAt: unit!.closedAt?.toISOString() ?? null,
      closedReason: unit!.closedReason,
    },
    openReferrals: open.length,
  };
}

/** Who closes a department sees no patient: the numbers of the referrals are asked of the database alone. */
const openTo = async (work: Work<StaffActor>, departmentId: string) => [
  ...(await work.tx.execute<{ id: string; requester_id: string }>(
    sql`select * from app.open_referrals_to(${departmentId}::uuid)`,
  )),
];

/** Referrals of this house, sent or received, whose department closed, with where else they could go. */
export async function listClosed(work: Work<StaffActor>): Promise<z.input<typeof closedList>> {
  const { tx, actor, origin } = work;
  if (!actor.permissions.has("referral.desk")) assertPermission(actor, "referral.request");
  const rows = await tx
    .select({ row: referral, unit: department })
    .from(referral)
    .innerJoin(department, eq(department.id, referral.toDepartmentId))
    .where(
      and(
        isNotNull(department.closedAt),
        inArray(referral.state, [...waiting]),
        or(
          eq(referral.fromInstitutionId, actor.institutionId),
          eq(referral.toInstitutionId, actor.institutionId),
        ),
      ),
    )
    .orderBy(asc(referral.createdAt))
    .limit(100);
  if (rows.length === 0) return { referrals: [] };
  const subjects = await repository.findSubjects(
    tx,
    rows.map(({ row }) => row.id),
  );
  const others = await alternativesOf(work, rows);
  const houses = await findInstitutions(tx);
  const placeOf = (id: string) => ({ id, name: houses.find((one) => one.id === id)?.name ?? "" });
  for (const { row } of rows)
    await trace(tx, actor, origin, {
      action: "referral.list",
      entityType: "referral",
      entityId: row.id,
      patientId: row.patientId,
      purpose: "treatment",
    });
  return {
    referrals: rows.map(({ row, unit }) => {
      const subject = subjects.find((one) => one.id === row.patientId);
      return {
        id: row.id,
        number: row.number,
        direction: row.direction,
        state: row.state,
        urgency: row.urgency,
        patientName: subject?.fullName ?? subject?.fullNameBo ?? "",
        isOurs: row.fromInstitutionId === actor.institutionId,
        house: placeOf(unit.institutionId),
        department: { id: unit.id, name: unit.name },
        closedAt: unit.closedAt!.toISOString(),
        closedReason: unit.closedReason ?? "",
        alternatives: others
          .filter((one) => one.specialtyCode.slice(0, 2) === unit.specialtyCode.slice(0, 2))
          .toSorted(
            (a, b) =>
              Number(b.institutionId === unit.institutionId) -
              Number(a.institutionId === unit.institutionId),
          )
          .slice(0, alternativesMax)
          .map((one) => ({
            house: placeOf(one.institutionId),
            department: { id: one.id, name: one.name },
          })),
      };
    }),
  };
}

async function alternativesOf(
  { tx, actor }: Work<StaffActor>,
  rows: readonly { row: repository.ReferralRow }[],
) {
  const senders = new Set(rows.map(({ row }) => row.fromInstitutionId));
  const own = tx
    .select({ id: allianceMember.allianceId })
    .from(allianceMember)
    .where(eq(allianceMember.institutionId, actor.institutionId));
  const reach = tx
    .select({ id: allianceMember.institutionId })
    .from(allianceMember)
    .where(inArray(allianceMember.allianceId, own));
  return tx
    .select()
    .from(department)
    .where(
      and(
        isNull(department.closedAt),
        notInArray(department.slug, ["sampling", "telemedicine"]),
        inArray(department.institutionId, reach),
        // Nobody is sent back to where he came from.
        notInArray(department.institutionId, [...senders]),
      ),
    )
    .orderBy(asc(department.slug), asc(department.id));
}
