import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import { uuid } from "../http/contract.ts";
import { type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { lapseCalls } from "./call-service.ts";
import { deleteOld } from "./centre-repository.ts";
import { isStillUseful, smsKeptDays } from "./domain.ts";
import { defaultNoticePolicy } from "./quiet.ts";
import { releaseHeld } from "./release.ts";
import * as repository from "./repository.ts";
import { deliverSmsTask, smsPhoneContext, smsTextContext } from "./service.ts";
import { type SmsProvider, SmsRefusedError } from "./sms-provider.ts";
import { moveSms, releaseSms } from "./sms-service.ts";

/**
 * Delivery of text messages. The gateway is asked between two transactions, so that it does not hold
 * one open; a worker that dies in between sends again under the same id.
 */
export function noticeTasks({
  vault,
  provider,
}: {
  vault: Vault;
  provider: SmsProvider;
}): TaskList {
  return {
    [deliverSmsTask]: task(
      z.object({ messageId: uuid }),
      async ({ messageId }, { asJob, clock, log }) => {
        const row = await asJob((tx) => repository.findSms(tx, messageId));
        if (row?.state !== "queued") return;
        const move = (to: Parameters<typeof moveSms>[3]) =>
          asJob((tx) => moveSms(tx, vault, messageId, to, clock()));
        if (!isStillUseful(row, clock())) {
          await move({ state: "expired", reason: "too-late" });
          return;
        }
        try {
          await provider.send({
            id: row.id,
            phone: vault.open(smsPhoneContext, row.phoneCipher),
            text: vault.open(smsTextContext, row.textCipher),
          });
        } catch (error) {
          if (!(error instanceof SmsRefusedError)) throw error;
          log.warn({ messageId, reason: error.message }, "a text message was refused");
          await move({ state: "failed", reason: "refused" });
          return;
        }
        await move({ state: "sent" });
      },
    ),
    "calls:lapse": async (_, { asJob, clock }) => {
      await asJob((tx) => lapseCalls(tx, clock()));
    },
    "notices:release": async (_, { asJob, clock }) => {
      while ((await asJob((tx) => releaseHeld(tx, clock()))) > 0);
      while ((await asJob((tx) => releaseSms(tx, vault, clock()))) > 0);
    },
    "notices:clean": async (_, { asJob, clock }) => {
      await asJob((tx) => deleteOld(tx, clock(), defaultNoticePolicy.keptDays));
    },
    "sms:clean": async (_, { asJob, clock }) => {
      const before = new Date(clock().getTime() - smsKeptDays * 24 * 60 * 60_000);
      await asJob((tx) => repository.deleteSmsBefore(tx, before));
    },
  };
}

export const noticeSchedule: readonly ScheduledTask[] = [
  { task: "sms:clean", cron: "47 3 * * *" },
  { task: "calls:lapse", cron: "* * * * *" },
  { task: "notices:release", cron: "* * * * *" },
  { task: "notices:clean", cron: "17 3 * * *" },
];
