/**
 * A payment provider that moves no money, and behaves like one that does: people pay on its page, and it tells us of it
 * at once, late, twice, or never.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { and, eq, isNull, lt, lte, sql } from "drizzle-orm";
import type {
  OrderBody,
  OrderView,
  RefundBody,
  RefundView,
  StatementView,
} from "../billing/provider.ts";
import { signed } from "../billing/service.ts";
import type { Tx } from "../db/client.ts";
import type { Services } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { sandboxMessage, sandboxOrder, sandboxRefund } from "./schema.ts";

/** How what somebody did is told. */
export const tellings = ["at-once", "late", "twice", "never"] as const;
export type Telling = (typeof tellings)[number];
const LATE_MS = 2 * 60_000;
const MOST_ATTEMPTS = 20;
const TIMEOUT_MS = 5_000;

const asSandbox: Actor = { kind: "system", reason: "payment-sandbox", language: "zh-CN" };

type OrderRow = typeof sandboxOrder.$inferSelect;
export type Sandbox = ReturnType<typeof createSandbox>;

/** @param options.url where people find its page */
export function createSandbox(
  { db, clock }: Pick<Services, "db" | "clock">,
  options: { url: string; secret: string },
) {
  const within = <Result>(work: (tx: Tx) => Promise<Result>) => db.withActor(asSandbox, work);
  const find = async (tx: Tx, id: string): Promise<OrderRow | null> =>
    (await tx.select().from(sandboxOrder).where(eq(sandboxOrder.id, id)).for("update"))[0] ?? null;

  async function tell(
    tx: Tx,
    url: string,
    event: { type: string; id: string; reference: string; amountFen: number },
    how: Telling,
  ): Promise<void> {
    if (how === "never") return;
    const now = clock();
    const body = JSON.stringify({ eventId: randomUUID(), at: now.toISOString(), ...event });
    const dueAt = how === "late" ? new Date(now.getTime() + LATE_MS) : now;
    const row = { url, body, dueAt };
    await tx.insert(sandboxMessage).values(how === "twice" ? [row, row] : [row]);
  }

  return {
    secret: options.secret,
    clock,

    order: (body: OrderBody) =>
      within(async (tx) => {
        await tx
          .insert(sandboxOrder)
          .values({
            id: body.order,
            reference: `SB${randomBytes(8).toString("hex").toUpperCase()}`,
            amountFen: body.amountFen,
            subject: body.subject,
            notifyUrl: body.notifyUrl,
            returnUrl: body.returnUrl,
            expiresAt: new Date(body.expiresAt),
            state: "open",
          })
          .onConflictDoNothing();
        const row = (await find(tx, body.order))!;
        return { reference: row.reference, payUrl: `${options.url}/pay/${row.reference}` };
      }),

    view: (id: string): Promise<OrderView> =>
      within(async (tx) => {
        const row = await find(tx, id);
        if (!row) return { state: "unknown", reference: null, amountFen: null, paidAt: null };
        const isOver = row.state === "open" && row.expiresAt <= clock();
        return {
          state: isOver ? "expired" : row.state,
          reference: row.reference,
          amountFen: row.amountFen,
          paidAt: row.state === "paid" ? row.endedAt!.toISOString() : null,
        };
      }),

    byReference: (reference: string): Promise<OrderRow | null> =>
      within(
        async (tx) =>
          (await tx.select().from(sandboxOrder).where(eq(sandboxOrder.reference, reference)))[0] ??
          null,
      ),

    /** Somebody pays or declines on its page. @returns where they go on, or null when it is too late for it */
    end: (reference: string, state: "paid" | "declined", how: Telling): Promise<string | null> =>
      within(async (tx) => {
        const now = clock();
        const [row] = await tx
          .update(sandboxOrder)
          .set({ state, endedAt: now, ...(state === "paid" && { day: localDay(now) }) })
          .where(
            and(
              eq(sandboxOrder.reference, reference),
              eq(sandboxOrder.state, "open"),
              sql`${sandboxOrder.expiresAt} > ${now.toISOString()}`,
            ),
          )
          .returning();
        if (!row) return null;
        const type = state === "paid" ? "payment.succeeded" : "payment.failed";
        await tell(
          tx,
          row.notifyUrl,
          { type, id: row.id, reference: row.reference, amountFen: row.amountFen },
          how,
        );
        return row.returnUrl;
      }),

    refund: (body: RefundBody): Promise<RefundView> =>
      within(async (tx) => {
        const order = await find(tx, body.order);
        const [done] = await tx
          .select()
          .from(sandboxRefund)
          .where(eq(sandboxRefund.id, body.refund));
        if (done) return { state: "succeeded" };
        if (order?.state !== "paid") return { state: "refused" };
        const [given] = await tx
          .select({ fen: sql<string>`coalesce(sum(${sandboxRefund.amountFen}), 0)` })
          .from(sandboxRefund)
          .where(eq(sandboxRefund.orderId, order.id));
        if (Number(given!.fen) + body.amountFen > order.amountFen) return { state: "refused" };
        const at = clock();
        await tx.insert(sandboxRefund).values({
          id: body.refund,
          orderId: order.id,
          amountFen: body.amountFen,
          at,
          day: localDay(at),
        });
        await tell(
          tx,
          order.notifyUrl,
          {
            type: "refund.succeeded",
            id: body.refund,
            reference: order.reference,
            amountFen: body.amountFen,
          },
          "at-once",
        );
        return { state: "accepted" };
      }),

    viewRefund: (id: string): Promise<RefundView> =>
      within(async (tx) => {
        const [row] = await tx.select().from(sandboxRefund).where(eq(sandboxRefund.id, id));
        return { state: row ? "succeeded" : "unknown" };
      }),

    statement: (day: string): Promise<StatementView> =>
      within(async (tx) => {
        const paid = await tx.select().from(sandboxOrder).where(eq(sandboxOrder.day, day));
        const back = await tx.select().from(sandboxRefund).where(eq(sandboxRefund.day, day));
        return {
          day,
          rows: [
            ...paid.map((row) => ({
              kind: "payment" as const,
              id: row.id,
              amountFen: row.amountFen,
              at: row.endedAt!.toISOString(),
            })),
            ...back.map((row) => ({
              kind: "refund" as const,
              id: row.id,
              amountFen: row.amountFen,
              at: row.at.toISOString(),
            })),
          ],
        };
      }),

    /** Tell what is due. What is not heard is told again later. @returns how many were heard */
    deliver: async (): Promise<number> => {
      const now = clock();
      const waiting = await within((tx) =>
        tx
          .select()
          .from(sandboxMessage)
          .where(
            and(
              isNull(sandboxMessage.heardAt),
              lte(sandboxMessage.dueAt, now),
              lt(sandboxMessage.attempts, MOST_ATTEMPTS),
            ),
          )
          .orderBy(sandboxMessage.dueAt)
          .limit(100),
      );
      let heard = 0;
      for (const message of waiting) {
        const isHeard = await post(message.url, message.body);
        if (isHeard) heard += 1;
        await within((tx) =>
          tx
            .update(sandboxMessage)
            .set({ attempts: message.attempts + 1, ...(isHeard && { heardAt: clock() }) })
            .where(eq(sandboxMessage.id, message.id)),
        );
      }
      return heard;
    },
  };

  async function post(url: string, body: string): Promise<boolean> {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...signed(options.secret, body, clock()) },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return answer.ok;
    } catch {
      return false;
    }
  }
}

export const sandboxTasks = (sandbox: Sandbox | undefined): TaskList => ({
  "sandbox:tell": task(noPayload, async () => {
    await sandbox?.deliver();
  }),
});
export const sandboxSchedule: readonly ScheduledTask[] = [
  { task: "sandbox:tell", cron: "* * * * *" },
];
