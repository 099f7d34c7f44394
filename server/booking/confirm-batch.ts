import { sql } from "drizzle-orm";
import type { FastifyRequest } from "fastify";
import type { Services } from "../http/context.ts";
import { type Asked, askedBy, type BatchRow, createBatch } from "./batch.ts";
import type { Confirmed } from "./contract.ts";

type Item = Asked & { appointment: string };

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
  return async (request, appointmentId) =>
    add({ ...askedBy(services, request), appointment: appointmentId });
}
