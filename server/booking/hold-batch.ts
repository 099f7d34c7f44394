import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { type Asked, askedBy, type BatchRow, createBatch } from "./batch.ts";
import type { appointmentView, holdBody } from "./contract.ts";
import { codeAttempts, findAppointments } from "./repository.ts";
import { viewAppointments } from "./view.ts";
import { bookingCode } from "./waiting.ts";

type Wish = z.infer<typeof holdBody>;
type View = z.input<typeof appointmentView>;
type Item = Asked & {
  segment: string;
  patient: string;
  relation: Wish["relation"];
  /** Six letters meet by chance now and then: the next one is taken, and nobody notices. */
  codes: readonly string[];
};

/**
 * Holds by phone, many in one statement (app.hold_seats) and one reading: at the hour of release they
 * come by the hundred. Rules and refusals are those of {@link import("./hold-service.ts").hold}.
 */
export function createHoldBatch(
  services: Services,
): (request: FastifyRequest, wish: Wish) => Promise<{ appointment: View }> {
  const add = createBatch<Item, View>({
    order: (item) => item.patient,
    run: async (items) => {
      const now = services.clock();
      const rows = await services.db.statement<BatchRow<{ id: string }>>(
        sql`select place, problem, answer, detail from app.hold_seats(${JSON.stringify(items)}::jsonb, ${now.toISOString()})`,
      );
      const ids = rows.flatMap((row) => (row.answer ? [row.answer.id] : []));
      const views = await readViews(services, ids, now);
      return rows.map((row) => ({ ...row, answer: row.answer ? views.get(row.answer.id)! : null }));
    },
  });
  return async (request, wish) => ({
    appointment: await add({
      ...askedBy(services, request),
      segment: wish.segmentId,
      patient: wish.patientId,
      relation: wish.relation,
      codes: Array.from({ length: codeAttempts }, () => bookingCode(randomBytes(6))),
    }),
  });
}

async function readViews(
  { db }: Services,
  ids: string[],
  now: Date,
): Promise<ReadonlyMap<string, View>> {
  if (ids.length === 0) return new Map();
  const views = await db.withActor(systemActor("hold"), async (tx) => {
    const wanted = sql`a.id = any(${sql.param(ids)}::uuid[])`;
    return viewAppointments(tx, await findAppointments(tx, wanted, ids.length), now);
  });
  return new Map(views.map((view) => [view.id, view]));
}
