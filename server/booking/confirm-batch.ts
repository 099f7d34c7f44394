import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { FastifyRequest } from "fastify";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { sessionCookie, systemActor } from "../identity/service.ts";
import type { Confirmed } from "./contract.ts";
import { codeOf } from "./problem.ts";

type Item = {
  token: string;
  csrf: string;
  key: string | null;
  hash: string;
  appointment: string;
  correlation: string;
  address: string | null;
};
type Waiting = {
  item: Item;
  resolve: (answer: Confirmed) => void;
  reject: (error: unknown) => void;
};

/** Enough that a rush needs few commits, few enough that nobody waits for a long one. */
const mostItems = 50;
const mostRunning = 2;

/**
 * Confirmations of the hour of release: those that arrive while the database is busy go together in
 * the next statement. Each is judged by itself (app.confirm_seats); a quiet hour has batches of one.
 */
export function createConfirmBatch(services: Services): {
  confirm: (request: FastifyRequest, appointmentId: string) => Promise<Confirmed>;
} {
  const queue: Waiting[] = [];
  let running = 0;

  const run = async (batch: Waiting[]) => {
    try {
      // In the order of appointments: two batches never wait for each other's rows crosswise.
      batch.sort((left, right) => (left.item.appointment < right.item.appointment ? -1 : 1));
      const rows = await services.db.withActor(systemActor("confirm"), (tx) =>
        tx.execute<{ place: number; problem: string | null; answer: Confirmed | null }>(
          sql`select place, problem, answer from app.confirm_seats(${JSON.stringify(batch.map((one) => one.item))}::jsonb, ${services.clock().toISOString()})`,
        ),
      );
      for (const row of rows) {
        const one = batch[row.place]!;
        if (row.problem) one.reject(new DomainError(codeOf(row.problem)));
        else one.resolve(row.answer!);
      }
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };
  const pump = () => {
    while (running < mostRunning && queue.length > 0) {
      running += 1;
      void run(queue.splice(0, mostItems)).finally(() => {
        running -= 1;
        pump();
      });
    }
  };

  return {
    confirm: (request, appointmentId) => {
      const secret = request.cookies[sessionCookie];
      if (!secret || secret.length > 200) return Promise.reject(new DomainError("auth.required"));
      const key = request.headers["idempotency-key"];
      const csrf = request.headers["x-csrf-token"];
      const item: Item = {
        token: services.vault.hashSecret(secret).toString("hex"),
        csrf: typeof csrf === "string" ? csrf : "",
        key: typeof key === "string" && key.length >= 8 && key.length <= 100 ? key : null,
        hash: createHash("sha256").update(`${request.method} ${request.url}`).digest("hex"),
        appointment: appointmentId,
        correlation: request.id,
        address: request.ip,
      };
      return new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject });
        pump();
      });
    },
  };
}
