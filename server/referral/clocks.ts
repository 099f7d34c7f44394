import { type AlarmHandlers, putAlarm } from "../alarms/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Work } from "../http/context.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify, sendSms } from "../notices/service.ts";
import { localDay, parsePhone } from "../patients/service.ts";
import { giveBedBack } from "./bed-service.ts";
import { takeStep, tellOf, writeStep } from "./change.ts";
import { escalationRungs, rungAt } from "./domain.ts";
import { findFollowUp, updateFollowUp } from "./follow-up-repository.ts";
import { policyOf } from "./policy.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { giveSeatBack, releaseSeat } from "./seat-service.ts";
import { holdingStates } from "./states.ts";

/** Whom each rung tells, besides those below it. */
const rungPermissions = {
  desk: "referral.desk",
  head: "booking.manage",
  administrator: "alliance.view",
} as const;

/** After the last rung the alarm rings on at this distance while nobody answers. */
const repeatMinutes = { emergency: 15, urgent: 60, routine: 24 * 60 } as const;

/**
 * What the clocks of referrals do. Each looks at the row before it rings: what was answered, came or was
 * seen stays silent, however late it fires.
 */
export function referralAlarms(options: { vault: Vault }): AlarmHandlers {
  return {
    "referral:respond": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      if (row?.state !== "submitted" || !row.respondBy || row.respondBy > now) return;
      const rung = Math.min(Number(alarm.detail.rung ?? 0), escalationRungs.length);
      const policy = await policyOf(tx, row.toInstitutionId!, localDay(now));
      await ring(work, row, rung, policy.dutyPhone, options.vault);
      const next = escalationRungs[rung + 1];
      await putAlarm(tx, {
        kind: alarm.kind,
        entityId: row.id,
        key: alarm.key,
        dueAt: next
          ? rungAt(row.respondBy, next, policy)
          : new Date(now.getTime() + repeatMinutes[row.urgency] * 60_000),
        detail: { rung: Math.min(rung + 1, escalationRungs.length) },
      });
    },
    "referral:held": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      if (!row?.heldUntil || row.heldUntil > now) return;
      if (row.state === "accepted") {
        const expired = await takeStep(work, row, {
          action: "expire",
          version: row.version,
          change: { heldUntil: null },
        });
        await giveBedBack(work, row, "expired");
        await giveSeatBack(work, row);
        await tell(work, expired, [row.requesterId], "referral-expired");
      } else if (row.state === "on-the-way")
        // Somebody is on the road and has not arrived: people look for him, nothing is given away.
        await tell(
          work,
          row,
          [
            row.requesterId,
            ...(await findWithPermission(tx, row.toInstitutionId!, "referral.desk", now)),
          ],
          "referral-not-arrived",
        );
    },
    "referral:unbooked": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      if (row?.state !== "accepted" || row.bedHoldId || row.arrivedAt) return;
      await tell(
        work,
        row,
        await findWithPermission(tx, row.toInstitutionId!, "referral.desk", now),
        "referral-not-booked",
        now,
      );
      await putAlarm(tx, {
        kind: alarm.kind,
        entityId: row.id,
        key: alarm.key,
        dueAt: new Date(now.getTime() + 24 * 3_600_000),
      });
    },
    "referral:give-bed-back": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      // Whoever asked again in between keeps what is kept for him.
      if (row && !holdingStates.includes(row.state)) await giveBedBack(work, row, "withdraw");
    },
    "referral:give-seat-back": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      if (row && !holdingStates.includes(row.state)) await releaseSeat(work, row);
    },
    "referral:not-come": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      if (row?.state !== "sent-down") return;
      await tell(
        work,
        row,
        await findWithPermission(tx, row.toInstitutionId!, "referral.follow-up", now),
        "referral-not-come",
      );
    },
    "follow-up:missed": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await findFollowUp(tx, alarm.entityId);
      if (row?.state !== "planned") return;
      await updateFollowUp(tx, row.id, row.version, { state: "missed", updatedAt: now });
      const home = await repository.findReferral(tx, row.referralId);
      await notify(tx, {
        personIds: [
          ...(row.ownerId ? [row.ownerId] : []),
          ...(await findWithPermission(tx, row.institutionId, "referral.follow-up", now)),
        ],
        kind: "follow-up-missed",
        entityType: "follow-up",
        entityId: row.id,
        detail: {},
        dedupeKey: `follow-up:${row.id}:missed`,
        at: now,
      });
      if (home) await tellOf(work, home);
    },
  };
}

async function tell(
  work: Work,
  row: ReferralRow,
  personIds: readonly string[],
  kind: string,
  /** Of what is told again: when. */
  again?: Date,
): Promise<void> {
  await notify(work.tx, {
    personIds: [...new Set(personIds)],
    kind,
    entityType: "referral",
    entityId: row.id,
    detail: { direction: row.direction, urgency: row.urgency },
    dedupeKey: `referral:${row.id}:${kind}:${row.version}${again ? `:${again.toISOString()}` : ""}`,
    at: work.now,
  });
}

/** One rung: everybody up to it is told; of an emergency and an urgent one the duty telephone as well. */
async function ring(
  work: Work,
  row: ReferralRow,
  rung: number,
  dutyPhone: string | null,
  vault: Vault,
): Promise<void> {
  const { tx, now } = work;
  const reached = escalationRungs.slice(0, rung + 1);
  const people: string[] = [];
  for (const one of reached)
    people.push(...(await findWithPermission(tx, row.toInstitutionId!, rungPermissions[one], now)));
  const level = Math.min(rung + 1, escalationRungs.length);
  if (row.escalationLevel < level) {
    await repository.setEscalation(tx, row.id, level);
    await writeStep(work, row, {
      action: "escalate",
      from: row.state,
      reason: escalationRungs[level - 1] ?? null,
    });
    await tellOf(work, row);
  }
  await notify(tx, {
    personIds: [...new Set([...people, row.requesterId])],
    kind: "referral-overdue",
    entityType: "referral",
    entityId: row.id,
    detail: { urgency: row.urgency, rung: reached.at(-1) ?? "" },
    dedupeKey: `referral:${row.id}:overdue:${rung}:${row.version}:${now.toISOString().slice(0, 16)}`,
    at: now,
  });
  // Text messages are for what cannot wait; no name and no diagnosis is in one.
  if (row.urgency !== "routine" && dutyPhone && parsePhone(dutyPhone).ok)
    await sendSms(tx, vault, {
      phone: dutyPhone,
      kind: "referral-overdue",
      text: `【医联】转诊单 ${row.number} 尚未答复，请值班人员立即处理。`,
      dedupeKey: `referral:${row.id}:overdue-sms:${rung}:${row.version}`,
      at: now,
    });
}
