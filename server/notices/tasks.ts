import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import { uuid } from "../http/contract.ts";
import { type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { lapseCalls } from "./call-service.ts";
import { isStillUseful, smsKeptDays } from "./domain.ts";
import * as repository from "./repository.ts";
import { deliverSmsTask, smsPhoneContext, smsTextContext } from "./service.ts";
import { type SmsProvider, SmsRefusedError } from "./sms-provider.ts";

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
        if (!row || row.sentAt || row.failedReason) return;
        const mark = (change: Parameters<typeof repository.updateSms>[2]) =>
          asJob((tx) => repository.updateSms(tx, messageId, change));
        if (!isStillUseful(row, clock())) return mark({ failedReason: "too-late" });
        try {
          await provider.send({
            id: row.id,
            phone: vault.open(smsPhoneContext, row.phoneCipher),
            text: vault.open(smsTextContext, row.textCipher),
          });
        } catch (error) {
          if (!(error instanceof SmsRefusedError)) throw error;
          log.warn({ messageId, reason: error.message }, "a text message was refused");
          return mark({ failedReason: "refused" });
        }
        await mark({ sentAt: clock() });
      },
    ),
    "calls:lapse": async (_, { asJob, clock }) => {
      await asJob((tx) => lapseCalls(tx, clock()));
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
];
