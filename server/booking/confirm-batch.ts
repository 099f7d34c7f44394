import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { FastifyRequest } from "fastify";
import type { Services } from "../http/context.ts";
import { type BatchRow, createBatch, type Sender, senderOf } from "./batch.ts";
import type { Confirmed } from "./contract.ts";

type Item = Sender & {
  key: string | null;
  hash: string;
  appointment: string;
  correlation: string;
  address: string | null;
};

/** Confirmations of the hour of release, many in one statement (app.confirm_seats). */
export function createConfirmBatch(
  services: Services,
): (request: FastifyRequest, appointmentId: string) => Promise<Confirmed> {
  const add = createBatch<Item, Confirmed>({
    order: (item) => item.appointment,
    run: (items) =>
      services.db.statement<BatchRow<Confirmed>>(
        sql`select place, problem, answer from app.confirm_seats(${JSON.stringify(items)}::jsonb, ${services.clock().toISOString()})`,
      ),
  });
  return async (request, appointmentId) => {
    const key = request.headers["idempotency-key"];
    return add({
      ...senderOf(services, request),
      key: typeof key === "string" && key.length >= 8 && key.length <= 100 ? key : null,
      hash: createHash("sha256").update(`${request.method} ${request.url}`).digest("hex"),
      appointment: appointmentId,
      correlation: request.id,
      address: request.ip,
    });
  };
}
