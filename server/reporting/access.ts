import { DomainError } from "../errors/domain-error.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { CriticalValueSide, ReportSide } from "./domain.ts";
import type { CriticalValueRow, ReportRow } from "./repository.ts";

/** On which sides of a critical value a member of staff stands; the row policies ask the same. */
export function sidesOfValue(
  actor: StaffActor,
  row: Pick<CriticalValueRow, "institutionId" | "receiverInstitutionId" | "receiverId">,
): CriticalValueSide[] {
  const sides: CriticalValueSide[] = [];
  // Without a second factor there are no permissions, and then nothing is anybody's.
  if (actor.permissions.size === 0) return sides;
  // Whoever has to act on a value does not take it back, even where he might have raised it.
  if (
    row.institutionId === actor.institutionId &&
    row.receiverId !== actor.personId &&
    actor.permissions.has("critical-value.raise")
  )
    sides.push("finding");
  if (
    row.receiverInstitutionId === actor.institutionId &&
    (row.receiverId === actor.personId || actor.permissions.has("critical-value.receive"))
  )
    sides.push("receiving");
  return sides;
}

/** Which owners of a report a member of staff is; the row policies ask the same. */
export function sidesOfReport(
  actor: StaffActor,
  row: Pick<ReportRow, "institutionId" | "cdcInstitutionId">,
): ReportSide[] {
  const own = row.institutionId === actor.institutionId;
  const sides: ReportSide[] = [];
  if (own && actor.permissions.has("infectious-report.report")) sides.push("doctor");
  if (own && actor.permissions.has("infectious-report.receive")) sides.push("public-health");
  if (
    row.cdcInstitutionId === actor.institutionId &&
    actor.permissions.has("infectious-report.file")
  )
    sides.push("cdc");
  return sides;
}

/** @throws DomainError `permission.denied` when nothing here is this person's work */
export function assertHandlesValues(actor: StaffActor): void {
  if (
    !actor.permissions.has("critical-value.raise") &&
    !actor.permissions.has("critical-value.receive")
  )
    throw new DomainError("permission.denied");
}

/** @throws DomainError `permission.denied` when nothing here is this person's work */
export function assertHandlesReports(actor: StaffActor): void {
  const may = ["report", "receive", "file"].some((what) =>
    actor.permissions.has(`infectious-report.${what}`),
  );
  if (!may) throw new DomainError("permission.denied");
}
