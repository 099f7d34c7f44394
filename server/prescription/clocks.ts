import type { AlarmHandlers } from "../alarms/service.ts";
import type { Work } from "../http/context.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { takeStep } from "./change.ts";
import { expiringStates } from "./domain.ts";
import * as repository from "./repository.ts";
import { expireAlarm, reviewAlarm } from "./sign-service.ts";

/** What the clocks of prescriptions do. Each looks at the row first: what was looked at or ended stays silent. */
export const prescriptionAlarms: AlarmHandlers = {
  [reviewAlarm]: async (alarm, { tx, now }) => {
    const row = await repository.findPrescription(tx, alarm.entityId);
    if (row?.state !== "pending-review") return;
    const pharmacists = await findWithPermission(tx, row.institutionId, "prescription.review", now);
    await notify(tx, {
      personIds: pharmacists.filter((one) => one !== row.doctorId),
      kind: "prescription-waiting",
      entityType: "prescription",
      entityId: row.id,
      detail: { number: row.number },
      dedupeKey: `prescription:${row.id}:waiting:${row.version}`,
      at: now,
    });
  },
  [expireAlarm]: async (alarm, { tx, now, actor }) => {
    const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
    const row = await repository.findPrescription(tx, alarm.entityId);
    if (!row?.validUntil || row.validUntil > now || !expiringStates.includes(row.state)) return;
    await takeStep(work, row, {
      action: "expire",
      version: row.version,
      change: { endReason: "expired" },
    });
  },
};
