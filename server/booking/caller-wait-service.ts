/**
 * Callers at the hour of release. Who telephones has the same one place as who holds a phone; who hangs up
 * gets the seat when the place is admitted, and hears of it by message or by a call.
 */
import { randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { trace } from "../audit/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { tellAppointment } from "./announce.ts";
import type { CallerWaitRow } from "./caller-wait-repository.ts";
import * as waits from "./caller-wait-repository.ts";
import * as repository from "./repository.ts";
import { appointment } from "./schema.ts";
import {
  callBefore,
  confirmedText,
  hospitalNames,
  missedText,
  noName,
  tellByPhone,
} from "./texts.ts";
import { bookingCode } from "./waiting.ts";

/** The job that takes seats for callers whose turn has come. */
export const callersTask = "release:callers";

/**
 * The caller hangs up and waits. Asking again changes nothing.
 * @throws DomainError `permission.denied`
 */
export async function waitForCaller(
  { tx, actor, origin, now }: Work<StaffActor>,
  input: {
    placeId: string;
    roomId: string;
    segmentId: string;
    patientId: string;
    relation: ContactRelation;
    /** Another time of the same clinic and day is as good. */
    anyTime: boolean;
  },
): Promise<void> {
  assertPermission(actor, "booking.assist");
  const row = await waits.insertWait(tx, {
    ...input,
    institutionId: actor.institutionId,
    askedBy: actor.personId,
    askedAt: now,
  });
  await trace(tx, actor, origin, {
    action: "caller-wait.ask",
    entityType: "caller-wait",
    entityId: row?.id ?? null,
    patientId: input.patientId,
    detail: { anyTime: input.anyTime },
  });
}

/** Callers of the own house who wait. */
export async function listCallersWaiting(
  tx: Tx,
  institutionId: string,
): Promise<{ id: string; patientId: string; startsAt: string; askedAt: string }[]> {
  const rows = await waits.findWaiting(tx, institutionId);
  return rows.map((row) => ({
    id: row.id,
    patientId: row.patientId,
    startsAt: row.startsAt.toISOString(),
    askedAt: row.askedAt.toISOString(),
  }));
}

/** The caller thinks otherwise. @throws DomainError `hotline.step` when it is over already */
export async function withdrawCaller(
  { tx, actor, origin, now }: Work<StaffActor>,
  id: string,
): Promise<{ ok: true }> {
  assertPermission(actor, "booking.assist");
  const known = await waits.findWait(tx, id);
  if (!known) throw new DomainError("request.not-found");
  if (known.state === "withdrawn") return { ok: true };
  const row = await waits.endWait(tx, id, "withdrawn", now);
  if (!row) throw new DomainError("hotline.step");
  await trace(tx, actor, origin, {
    action: "caller-wait.withdraw",
    entityType: "caller-wait",
    entityId: id,
    patientId: row.patientId,
  });
  return { ok: true };
}

/** What is for the callers now: seats for those whose turn it is, word for those who get none. Run by the clock. */
export async function serveCallers(tx: Tx, vault: Vault, now: Date): Promise<number> {
  const due = await waits.findDue(tx, now);
  for (const { id, turn } of due) {
    const row = await waits.findWait(tx, id);
    if (!row) continue;
    if (!turn) {
      await miss(tx, vault, row, now);
      continue;
    }
    const taken = await waits.takeForCaller(tx, id, bookingCode(randomBytes(6)), now);
    if (taken.appointmentId) await tellBooked(tx, vault, taken.appointmentId, now);
    // Booked otherwise meanwhile: there is nothing to be told.
    else if (taken.problem === "already-booked") await waits.endWait(tx, id, "withdrawn", now);
    // Another server has this one, or a code met another by chance: the next look finds it.
    else if (taken.problem && !["gone", "waiting-room", "code-taken"].includes(taken.problem))
      await miss(tx, vault, row, now);
  }
  return due.length;
}

async function tellBooked(tx: Tx, vault: Vault, appointmentId: string, now: Date): Promise<void> {
  const [row] = await repository.findAppointments(tx, sql`a.id = ${appointmentId}`, 1);
  if (!row) return;
  const names = await hospitalNames(tx, [row]);
  await tellByPhone(tx, vault, row, {
    kind: "booking-confirmed",
    words: confirmedText(row, names.get(row.institutionId) ?? noName, now),
    once: `confirmed:${row.segmentId}`,
    now,
    call: { kind: "release-booked", dueAt: callBefore(now, row.startsAt) },
  });
  await tx.update(appointment).set({ toldAt: now }).where(eq(appointment.id, row.id));
  await tellAppointment(tx, row);
}

async function miss(tx: Tx, vault: Vault, row: CallerWaitRow, now: Date): Promise<void> {
  const ended = await waits.endWait(tx, row.id, "missed", now);
  if (!ended) return;
  const [segment] = await tx.execute<{ starts_at: string }>(
    sql`select starts_at from segment where id = ${row.segmentId}`,
  );
  const startsAt = new Date(segment!.starts_at);
  await tellByPhone(
    tx,
    vault,
    { id: null, patientId: row.patientId, institutionId: row.institutionId },
    {
      kind: "booking-missed",
      words: missedText(startsAt),
      once: `caller-wait:${row.id}`,
      now,
      call: { kind: "release-missed", dueAt: callBefore(now, startsAt) },
    },
  );
}
