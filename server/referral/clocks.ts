import { type AlarmHandlers, putAlarm } from "../alarms/service.ts";
import { type Away, whoIsThere } from "../capacity/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames, findWithPermission } from "../identity/service.ts";
import { notify, sendSms } from "../notices/service.ts";
import { localDay, parsePhone } from "../patients/service.ts";
import { giveBedBack } from "./bed-service.ts";
import { takeStep, tellOf, writeStep } from "./change.ts";
import { escalationRungs, type ReferralPolicy, rungAt } from "./domain.ts";
import { findFollowUp, updateFollowUp } from "./follow-up-repository.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { lookedUp, type RungPermission } from "./rung-lookup.ts";
import { giveSeatBack, releaseSeat, seatState } from "./seat-service.ts";
import { holdingStates } from "./states.ts";
import { tellUnanswered } from "./unanswered.ts";

/** Whom each rung tells, besides those below it. */
const rungPermissions = {
  desk: "referral.desk",
  head: "booking.manage",
  administrator: "alliance.view",
} as const satisfies Record<string, RungPermission>;

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
      const policy = await lookedUp(tx).policy(row.toInstitutionId!, localDay(now));
      const holder = await holderOf(tx, row, alarm.detail.holder, now);
      let rung = Math.min(Number(alarm.detail.rung ?? 0), escalationRungs.length);
      // After a standstill everybody up to the rung that is due hears it once, not once for each that was missed.
      for (
        let later = escalationRungs[rung + 1];
        later && rungAt(row.respondBy, later, policy) <= now;
        later = escalationRungs[rung + 1]
      )
        rung += 1;
      const reached = holder
        ? await remind(work, row, holder)
        : await ring(work, row, rung, policy.dutyPhone, options.vault);
      const nobody = nobodySince(row, policy);
      const silent = Number(alarm.detail.told ?? 0) > 0;
      const tellsNow = !silent && nobody <= now;
      if (tellsNow) await tellUnanswered(work, row, options.vault);
      const next = holder ? undefined : escalationRungs[reached + 1];
      const dueAt = next
        ? new Date(Math.max(rungAt(row.respondBy, next, policy).getTime(), now.getTime()))
        : new Date(now.getTime() + repeatMinutes[row.urgency] * 60_000);
      await putAlarm(tx, {
        kind: alarm.kind,
        entityId: row.id,
        key: alarm.key,
        // Whoever referred is told on time that nobody answers, whatever the distance of the alarms.
        dueAt: !silent && nobody > now && nobody < dueAt ? nobody : dueAt,
        detail: {
          rung: holder ? rung : Math.min(reached + 1, escalationRungs.length),
          holder: holder ?? null,
          told: silent || tellsNow ? 1 : 0,
        },
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
    "referral:seat-lost": async (alarm, { tx, now, actor }) => {
      const work: Work = { tx, now, actor, origin: { correlationId: alarm.kind, address: null } };
      const row = await repository.findReferral(tx, alarm.entityId);
      // Another number was booked in between, or nobody needs one any more.
      if (row?.state !== "booked" || !row.appointmentId) return;
      const seat = await seatState(work, row.appointmentId);
      if (seat === "no-show") {
        const missed = await takeStep(work, row, { action: "markNoShow", version: row.version });
        await tell(work, missed, [row.requesterId], "referral-no-show");
      } else if (seat === "lost") {
        const lost = await takeStep(work, row, {
          action: "loseSeat",
          version: row.version,
          change: { appointmentId: null },
        });
        const desk = await findWithPermission(tx, row.toInstitutionId!, "referral.desk", now);
        await tell(work, lost, [...desk, row.requesterId], "referral-seat-lost", now);
        await putAlarm(tx, {
          kind: "referral:unbooked",
          entityId: row.id,
          key: `referral:${row.id}:held`,
          dueAt: new Date(now.getTime() + 24 * 3_600_000),
        });
      }
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
    detail: { direction: row.direction, urgency: row.urgency, number: row.number },
    dedupeKey: `referral:${row.id}:${kind}:${row.version}${again ? `:${again.toISOString()}` : ""}`,
    at: work.now,
  });
}

/** After so many hours without an answer whoever referred, and the patient, have to know it. */
const unansweredHours = 24;

/** From when nobody answers: a day after it was asked, and not before the last rung was told. */
function nobodySince(row: ReferralRow, policy: ReferralPolicy): Date {
  const asked = (row.submittedAt ?? row.respondBy!).getTime() + unansweredHours * 3_600_000;
  return new Date(Math.max(asked, rungAt(row.respondBy!, "administrator", policy).getTime()));
}

/** Who has it in hand, as long as he is there: of somebody who is away the alarm goes on to the others. */
async function holderOf(
  tx: Work["tx"],
  row: ReferralRow,
  holder: unknown,
  now: Date,
): Promise<string | null> {
  if (typeof holder !== "string") return null;
  const { there } = await whoIsThere(tx, row.toInstitutionId!, [holder], now);
  return there.includes(holder) ? holder : null;
}

/** Somebody said that he has it in hand: he alone is reminded. @returns the last rung, after which alarms repeat */
async function remind(work: Work, row: ReferralRow, holder: string): Promise<number> {
  await notify(work.tx, {
    personIds: [holder],
    kind: "referral-in-hand",
    entityType: "referral",
    entityId: row.id,
    detail: { urgency: row.urgency, number: row.number },
    dedupeKey: `referral:${row.id}:in-hand:${row.version}:${work.now.toISOString().slice(0, 16)}`,
    at: work.now,
  });
  return escalationRungs.length - 1;
}

/**
 * One rung: everybody up to it who is there is told; where nobody of it is, the next one at once, which says so.
 * Of an emergency and an urgent one the duty telephone as well.
 * @returns the rung that was reached
 */
async function ring(
  work: Work,
  row: ReferralRow,
  rung: number,
  dutyPhone: string | null,
  vault: Vault,
): Promise<number> {
  const { tx, now } = work;
  const last = escalationRungs.length - 1;
  const people: string[] = [];
  const away: Away[] = [];
  let reached = -1;
  // Nobody of a rung is there: all of it are away. One that was never staffed has its time like any other.
  let empty = false;
  while (reached < Math.min(rung, last) || (empty && reached < last)) {
    reached += 1;
    const permission = rungPermissions[escalationRungs[reached]!];
    const found = await lookedUp(tx).people(row.toInstitutionId!, permission, now);
    people.push(...found.there);
    away.push(...found.away);
    empty = found.there.length === 0 && found.away.length > 0;
  }
  const level = reached + 1;
  const skipped = [...new Set(away.map((one) => one.personId))];
  if (row.escalationLevel < level) {
    await repository.setEscalation(tx, row.id, level);
    await writeStep(work, row, {
      action: "escalate",
      from: row.state,
      reason: escalationRungs[reached] ?? null,
    });
    if (skipped.length > 0)
      await writeStep(work, row, {
        action: "skipAway",
        from: row.state,
        reason: await namesOfAway(work, away),
      });
    await tellOf(work, row);
  }
  await notify(tx, {
    personIds: [...new Set([...people, row.requesterId])],
    kind: "referral-overdue",
    entityType: "referral",
    entityId: row.id,
    detail: {
      urgency: row.urgency,
      rung: escalationRungs[reached] ?? "",
      number: row.number,
      away: skipped.length,
    },
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
      institutionId: row.toInstitutionId,
    });
  return reached;
}

/** Names and last days: for the two houses. */
async function namesOfAway({ tx }: Work, away: readonly Away[]): Promise<string> {
  const names = await findPeopleNames(
    tx,
    away.map((one) => one.personId),
  );
  return [...new Set(away.map((one) => `${names.get(one.personId) ?? ""} ~${one.toDay}`))].join(
    "；",
  );
}

/**
 * Somebody of the house that was asked has an alarm in hand: it goes no higher, he alone is reminded until the
 * answer. Whoever referred may read it as well; that stops nothing.
 */
export async function hearOfAcknowledgement(
  work: Work<StaffActor>,
  notice: { kind: string; entityId: string },
): Promise<void> {
  if (notice.kind !== "referral-overdue") return;
  const row = await repository.findReferral(work.tx, notice.entityId);
  if (row?.state !== "submitted" || row.toInstitutionId !== work.actor.institutionId) return;
  await putAlarm(work.tx, {
    kind: "referral:respond",
    entityId: row.id,
    key: `referral:${row.id}:respond`,
    dueAt: new Date(work.now.getTime() + repeatMinutes[row.urgency] * 60_000),
    detail: { rung: row.escalationLevel, holder: work.actor.personId, told: 0 },
  });
  await writeStep(work, row, { action: "acknowledge", from: row.state });
  await tellOf(work, row);
}
