/** People whom a testing site leads away: the fever desk knows of them before they stand there. */
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { trace } from "../audit/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { findPatients } from "../patients/service.ts";
import type { DeskView } from "./contract.ts";
import { addHours } from "./domain.ts";
import { feverAnnouncement } from "./schema.ts";
import { viewPerson } from "./visit-view.ts";

/** What the person says yes to; the sampler reads it out. */
export const announcedWords = "可以先把我的名字和发热告诉发热门诊";
/** Who has not come after so long is not coming. */
const expectedHours = 12;

/**
 * Tell the fever desk of the site's house, or the nearest one, that somebody is on the way. Who was led away
 * and agreed; telling it twice changes nothing. @returns whether a desk knows
 */
export async function announceFever(
  { tx, actor, origin, now }: Work<StaffActor>,
  registrationId: string,
): Promise<boolean> {
  const [row] = await tx.execute<{
    id: string;
    institution_id: string;
    patient_id: string;
    fresh: boolean;
  }>(
    sql`select id, institution_id, patient_id, fresh from app.announce_fever(${registrationId}, ${announcedWords}, ${now.toISOString()})`,
  );
  if (!row) return false;
  if (row.fresh) {
    await trace(tx, actor, origin, {
      action: "fever.announce",
      entityType: "fever-announcement",
      entityId: row.id,
      patientId: row.patient_id,
      purpose: "treatment",
      detail: { to: row.institution_id },
    });
    await announce(
      tx,
      { topic: "fever", id: row.id, version: 0 },
      { institutionIds: [row.institution_id] },
    );
  }
  return true;
}

/** Who is on the way to the own desk, the first announced first. */
export async function listAnnounced(
  services: Services,
  { tx, actor, now }: Work<StaffActor>,
): Promise<DeskView["announced"]> {
  const rows = await tx
    .select({
      row: feverAnnouncement,
      by: sql<string>`(select p.name from person p where p.id = ${feverAnnouncement.announcedBy})`,
    })
    .from(feverAnnouncement)
    .where(
      and(
        eq(feverAnnouncement.institutionId, actor.institutionId),
        isNull(feverAnnouncement.endedAt),
        gt(feverAnnouncement.announcedAt, addHours(now, -expectedHours)),
      ),
    )
    .orderBy(asc(feverAnnouncement.announcedAt));
  const people = await findPatients(tx, [...new Set(rows.map(({ row }) => row.patientId))]);
  return rows.flatMap(({ row, by }) => {
    const record = people.find((one) => one.row.id === row.patientId);
    if (!record) return [];
    return [
      {
        id: row.id,
        patient: viewPerson(services.vault, record, now),
        from: { zh: row.fromZh, en: row.fromEn, bo: row.fromBo },
        by: by ?? "",
        at: row.announcedAt.toISOString(),
      },
    ];
  });
}

/** The announcement of somebody who stands at the desk now. @returns its id, null for who just came */
export async function findAnnounced(
  { tx, actor, now }: Work<StaffActor>,
  patientId: string,
): Promise<string | null> {
  const [row] = await tx
    .select({ id: feverAnnouncement.id })
    .from(feverAnnouncement)
    .where(
      and(
        eq(feverAnnouncement.institutionId, actor.institutionId),
        eq(feverAnnouncement.patientId, patientId),
        isNull(feverAnnouncement.endedAt),
        gt(feverAnnouncement.announcedAt, addHours(now, -expectedHours)),
      ),
    );
  return row?.id ?? null;
}

/** He has come. */
export async function endAnnounced(
  { tx, now }: Work<StaffActor>,
  id: string,
  visitId: string,
): Promise<void> {
  await tx
    .update(feverAnnouncement)
    .set({ endedAt: now, visitId })
    .where(eq(feverAnnouncement.id, id));
}
