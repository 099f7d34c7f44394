import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import { findInstitutions } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify, sendSms } from "../notices/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { type TaskContext, type TaskList, task } from "../queue/task.ts";
import { criticalValueClockTask } from "./critical-service.ts";
import {
  addMinutes,
  criticalValueDueAt,
  highestEscalation,
  reminderAt,
  reportDueAt,
  reportOwner,
  reportSides,
} from "./domain.ts";
import { findOwners, reportClockTask } from "./report-service.ts";
import type { CriticalValueRow, ReportRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { settingOf } from "./settings.ts";
import { writeReportStep, writeValueStep } from "./tell.ts";
import { receiverPhoneContext } from "./view.ts";

/**
 * The clocks of critical values and reports. Each alarm looks at the row before it rings: what was
 * read back, done or filed stays silent, however late or often the job runs. Until then it rings again,
 * and wider: the second alarm reaches whoever oversees the institution.
 */
export function reportingTasks({ vault }: { vault: Vault }): TaskList {
  return {
    [criticalValueClockTask]: task(
      z.object({ criticalValueId: z.uuid() }),
      async ({ criticalValueId }, context) => {
        await inJob(context, criticalValueClockTask, async (work) => {
          const row = await repository.findCriticalValue(work.tx, criticalValueId);
          const dueAt = row && criticalValueDueAt(row);
          if (!row || !dueAt || work.now < dueAt) return;
          await ringForValue(work, vault, row);
        });
      },
    ),
    [reportClockTask]: task(z.object({ reportId: z.uuid() }), async ({ reportId }, context) => {
      await inJob(context, reportClockTask, async (work) => {
        const row = await repository.findReport(work.tx, reportId);
        if (!row || !reportDueAt(row) || work.now < reminderAt(row)) return;
        await ringForReport(work, vault, row);
      });
    }),
  };
}

async function ringForValue(work: Work, vault: Vault, row: CriticalValueRow): Promise<void> {
  const { tx, now } = work;
  const setting = await settingOf(tx, row.receiverInstitutionId, now);
  const level = Math.min(row.escalationLevel + 1, highestEscalation);
  const targets = [
    row.foundBy,
    ...(row.receiverId ? [row.receiverId] : []),
    ...(await findWithPermission(tx, row.receiverInstitutionId, "critical-value.receive", now)),
    ...(level === highestEscalation ? await overseers(work, row.receiverInstitutionId) : []),
  ];
  if (level > row.escalationLevel) {
    await repository.markCriticalValueEscalated(tx, row.id, level, now);
    await writeValueStep(work, row, { action: "escalate", from: row.state });
  }
  const dedupeKey = `critical-value:${row.id}:${row.state}:${round(now, setting.repeatMinutes)}`;
  await notify(tx, {
    personIds: targets,
    kind: "critical-value-overdue",
    entityType: "critical-value",
    entityId: row.id,
    detail: { state: row.state },
    dedupeKey,
    at: now,
  });
  const phones = [
    setting.dutyPhone,
    row.receiverPhoneCipher ? vault.open(receiverPhoneContext, row.receiverPhoneCipher) : null,
  ];
  await ringPhones(work, vault, { phones, from: row.institutionId, overdue: true, dedupeKey });
  await enqueue(tx, {
    task: criticalValueClockTask,
    payload: { criticalValueId: row.id },
    runAt: addMinutes(now, setting.repeatMinutes),
    jobKey: `critical-value:${row.id}:repeat`,
  });
}

/**
 * Before the time is up its owner is reminded; afterwards the next owner and the overseers hear of it
 * as well. The next owner learns that something is late, not of whom: the report itself was not sent on.
 */
async function ringForReport(work: Work, vault: Vault, row: ReportRow): Promise<void> {
  const { tx, now } = work;
  const owner = reportOwner[row.state]!;
  const overdue = now >= row.dueAt;
  const level = overdue ? highestEscalation : 1;
  const atOwner = owner === "cdc" ? row.cdcInstitutionId! : row.institutionId;
  const setting = await settingOf(tx, atOwner, now);
  const next = reportSides[reportSides.indexOf(owner) + 1];
  const targets = [
    ...(await findOwners(work, row, owner)),
    ...(overdue ? [row.reportedBy, ...(await overseers(work, row.institutionId))] : []),
  ];
  if (level > row.escalationLevel) {
    await repository.markReportEscalated(tx, row.id, level, now);
    await writeReportStep(work, row, {
      action: overdue ? "escalate" : "remind",
      from: row.state,
    });
  }
  const dedupeKey = `infectious-report:${row.id}:${row.version}:${level}:${overdue ? round(now, setting.repeatMinutes) : 0}`;
  await notify(tx, {
    personIds: targets,
    kind: overdue ? "infectious-report-overdue" : "infectious-report-due-soon",
    entityType: "infectious-report",
    entityId: row.id,
    dedupeKey,
    at: now,
  });
  if (overdue && next && !row.cdcInstitutionId) {
    const [from] = await findInstitutions(tx, [row.institutionId]);
    await notify(tx, {
      personIds: (await findOwners(work, row, next)).filter((one) => !targets.includes(one)),
      kind: "infectious-report-late-elsewhere",
      entityType: "infectious-report",
      entityId: row.id,
      detail: { institution: from?.name ?? "", phone: from?.phone ?? "" },
      dedupeKey,
      at: now,
    });
  }
  // Text messages only for what cannot wait: ordinary reports stay in the inbox.
  if (row.urgent) {
    const phones = [setting.dutyPhone];
    await ringPhones(work, vault, { phones, from: row.institutionId, overdue, dedupeKey });
  }
  await enqueue(tx, {
    task: reportClockTask,
    payload: { reportId: row.id },
    runAt: overdue ? addMinutes(now, setting.repeatMinutes) : row.dueAt,
    jobKey: `infectious-report:${row.id}:repeat`,
  });
}

const overseers = ({ tx, now }: Work, institutionId: string) =>
  findWithPermission(tx, institutionId, "alliance.view", now);

/** To call back, and nothing else: no name, no value, no disease. */
async function ringPhones(
  { tx, now }: Work,
  vault: Vault,
  alarm: { phones: readonly (string | null)[]; from: string; overdue: boolean; dedupeKey: string },
): Promise<void> {
  const [from] = await findInstitutions(tx, [alarm.from]);
  const callBack = from?.phone ? `，或回电 ${from.phone}` : "";
  for (const phone of new Set(alarm.phones)) {
    if (!phone) continue;
    await sendSms(tx, vault, {
      phone,
      kind: alarm.overdue ? "reporting-overdue" : "reporting-due-soon",
      text: `【医联】${from?.name ?? ""}有一件紧急事项${alarm.overdue ? "超时未处理" : "快到时限"}，请立即登录工作台处理${callBack}。`,
      dedupeKey: `${alarm.dedupeKey}:${vault.blindIndex("phone", phone).toString("hex").slice(0, 12)}`,
      at: now,
    });
  }
}

/** The same alarm in the same stretch of time is told once, however often the job runs. */
const round = (now: Date, minutes: number) => Math.floor(now.getTime() / (minutes * 60_000));

async function inJob(
  context: TaskContext,
  name: string,
  run: (work: Work) => Promise<void>,
): Promise<void> {
  const actor: Actor = { kind: "job", task: name, language: "zh-CN" };
  await context.asJob((tx) =>
    run({ tx, actor, origin: { correlationId: name, address: null }, now: context.clock() }),
  );
}
