/** What began with a finding that turned out wrong: taken back by whoever made it, as far as it is still his. */
import { and, eq } from "drizzle-orm";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify, sendSms } from "../notices/service.ts";
import { actOnCriticalValue } from "./critical-service.ts";
import { reportOwner } from "./domain.ts";
import { actOnReport, findOwners } from "./report-service.ts";
import { criticalValue, infectiousReport } from "./schema.ts";
import { receiverPhoneContext } from "./view.ts";

type Staff = Work<StaffActor>;

/**
 * Take back the report that a finding of the own house started. While it is with its writer or the department's
 * check it is withdrawn; what somebody has received, corrected or filed is his to withdraw, and he is told why.
 */
export async function takeBackReport(
  services: Services,
  work: Staff,
  found: { patientId: string; diagnosedAt: Date; reason: string },
): Promise<void> {
  const { tx, actor, now } = work;
  const rows = await tx
    .select()
    .from(infectiousReport)
    .where(
      and(
        eq(infectiousReport.patientId, found.patientId),
        eq(infectiousReport.institutionId, actor.institutionId),
        eq(infectiousReport.diagnosedAt, found.diagnosedAt),
      ),
    );
  for (const row of rows) {
    if (row.state === "withdrawn") continue;
    if (row.state === "reported" || row.state === "returned") {
      await actOnReport(services, work, row.id, {
        action: "withdraw",
        version: row.version,
        reason: found.reason,
      });
      continue;
    }
    const owner = reportOwner[row.state] ?? "cdc";
    await notify(tx, {
      personIds: [...(await findOwners(work, row, owner)), row.reportedBy],
      kind: "infectious-report-finding-corrected",
      entityType: "infectious-report",
      entityId: row.id,
      dedupeKey: `infectious-report:${row.id}:finding-corrected:${found.diagnosedAt.getTime()}`,
      at: now,
    });
  }
}

/**
 * Cancel the critical value of a finding of the own house, and tell its receiver: also when he has acted on it
 * already, then it stands.
 */
export async function takeBackCriticalValue(
  services: Services,
  work: Staff,
  found: { patientId: string; itemCode: string; measuredAt: Date; reason: string },
): Promise<void> {
  const { tx, actor, now } = work;
  const rows = await tx
    .select()
    .from(criticalValue)
    .where(
      and(
        eq(criticalValue.patientId, found.patientId),
        eq(criticalValue.institutionId, actor.institutionId),
        eq(criticalValue.itemCode, found.itemCode),
        eq(criticalValue.measuredAt, found.measuredAt),
      ),
    );
  for (const row of rows) {
    const dedupeKey = `critical-value:${row.id}:finding-corrected`;
    if (row.receiverId)
      await notify(tx, {
        personIds: [row.receiverId],
        kind: "critical-value-finding-corrected",
        entityType: "critical-value",
        entityId: row.id,
        dedupeKey,
        at: now,
      });
    if (row.receiverPhoneCipher && row.state !== "cancelled")
      await sendSms(tx, services.vault, {
        phone: services.vault.open(receiverPhoneContext, row.receiverPhoneCipher),
        kind: "critical-value",
        text: "【医联】之前请您接收的一件紧急事项，报出方已更正，请勿据此处置，并请回电核对。",
        dedupeKey,
        at: now,
      });
    if (row.state !== "open" && row.state !== "received") continue;
    // Whoever has to act on it does not take it back: then the value stays open with the note that it was corrected.
    if (row.receiverId === actor.personId) continue;
    await actOnCriticalValue(services, work, row.id, {
      action: "cancel",
      version: row.version,
      reason: found.reason,
    });
  }
}
