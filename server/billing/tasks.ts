/** What is done about money by the clock. */
import type { Services } from "../http/context.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { ASK_AFTER_MS } from "./domain.ts";
import { askAfter } from "./payment-service.ts";
import type { PaymentProvider, PaymentProviders } from "./provider.ts";
import { dayBefore, reconcileDay } from "./reconcile-service.ts";
import { sendRefund } from "./refund-service.ts";
import * as repository from "./repository.ts";

export const billingTasks = (services: Services, providers: PaymentProviders): TaskList => ({
  /** Attempts and refunds of which nothing was heard: one that fails does not hold up the others. */
  "billing:ask": task(noPayload, async (_payload, { asJob, log, clock }) => {
    const before = new Date(clock().getTime() - ASK_AFTER_MS);
    const { payments, refunds } = await asJob(async (tx) => ({
      payments: await repository.findSilentPayments(tx, before),
      refunds: await repository.findSilentRefunds(tx, before),
    }));
    const asks = [
      ...payments.map((row) => ({
        name: row.provider,
        ask: (provider: PaymentProvider) => askAfter(services, provider, row),
      })),
      ...refunds.map(({ refund, provider: name }) => ({
        name,
        ask: (provider: PaymentProvider) => sendRefund(services, provider, refund),
      })),
    ];
    for (const { name, ask } of asks) {
      const provider = providers.get(name);
      if (!provider) continue;
      await ask(provider).catch((error: unknown) =>
        log.warn({ err: error, provider: name }, "a provider could not be asked"),
      );
    }
  }),
  "billing:reconcile": task(noPayload, async (_payload, { clock }) => {
    for (const provider of providers.values())
      await reconcileDay(services, provider, dayBefore(clock()));
  }),
});

export const billingSchedule: readonly ScheduledTask[] = [
  { task: "billing:ask", cron: "* * * * *" },
  // 02:30 in Shanghai.
  { task: "billing:reconcile", cron: "30 18 * * *", catchUpHours: 24 },
];
