import { and, asc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { asServer } from "./as-server.ts";
import type { seriesAttendance } from "./contract.ts";
import { teachingCertificate } from "./credit-schema.ts";
import { teachingAttendance } from "./live-schema.ts";
import * as repository from "./repository.ts";
import { teachingSession } from "./schema.ts";
import { changes } from "./series-service.ts";
import { houseNames } from "./view.ts";

const unknown = { zh: "—", en: null, bo: null };

/**
 * Who was there across a course, for who gives it and for who manages teaching in its house.
 * @throws DomainError `request.not-found`, `permission.denied`
 */
export async function readSeriesAttendance(
  work: Work<StaffActor>,
  id: string,
): Promise<z.input<typeof seriesAttendance>> {
  const { tx, actor, origin } = work;
  const [course] = await repository.findSeries(tx, [id]);
  if (!course) throw new DomainError("request.not-found");
  if (!changes(actor, course)) throw new DomainError("permission.denied");
  await trace(tx, actor, origin, {
    action: "teaching.series-attendance",
    entityType: "teaching-series",
    entityId: id,
  });
  return asServer(work, async () => {
    const sessions = await tx
      .select()
      .from(teachingSession)
      .where(and(eq(teachingSession.seriesId, id), isNull(teachingSession.cancelledAt)))
      .orderBy(asc(teachingSession.startsAt));
    const counted = await tx
      .select({
        personId: teachingAttendance.personId,
        institutionId: teachingAttendance.institutionId,
        name: teachingAttendance.name,
        attended: sql<number>`count(*)::integer`,
      })
      .from(teachingAttendance)
      .innerJoin(teachingSession, eq(teachingSession.id, teachingAttendance.sessionId))
      .where(and(eq(teachingSession.seriesId, id), isNotNull(teachingSession.endedAt)))
      .groupBy(
        teachingAttendance.personId,
        teachingAttendance.institutionId,
        teachingAttendance.name,
      );
    const earned = await tx
      .select({ personId: teachingCertificate.personId, sessions: sql<number>`count(*)::integer` })
      .from(teachingCertificate)
      .innerJoin(teachingSession, eq(teachingSession.id, teachingCertificate.sessionId))
      .where(and(eq(teachingSession.seriesId, id), isNull(teachingCertificate.revokedAt)))
      .groupBy(teachingCertificate.personId);
    const certified = await tx
      .select({ personId: teachingCertificate.personId })
      .from(teachingCertificate)
      .where(and(eq(teachingCertificate.seriesId, id), isNull(teachingCertificate.revokedAt)));
    const names = await findPeopleNames(
      tx,
      counted.flatMap((one) => one.personId ?? []),
    );
    const houses = await houseNames(
      tx,
      counted.map((one) => one.institutionId),
    );
    const of = <Row extends { personId: string | null }>(
      rows: readonly Row[],
      who: string | null,
    ) => (who === null ? undefined : rows.find((row) => row.personId === who));
    return {
      sessions: sessions.map((one) => ({
        id: one.id,
        title: { zh: one.title, bo: one.titleBo, en: one.titleEn },
        startsAt: (one.liveAt ?? one.startsAt)?.toISOString() ?? null,
        held: one.endedAt !== null,
      })),
      held: sessions.filter((one) => one.endedAt !== null).length,
      people: counted
        .map((one) => ({
          personId: one.personId,
          name: (one.personId ? names.get(one.personId) : one.name) ?? "—",
          institution: houses.get(one.institutionId) ?? unknown,
          attended: one.attended,
          earned: of(earned, one.personId)?.sessions ?? 0,
          certified: of(certified, one.personId) !== undefined,
        }))
        .toSorted(
          (left, right) =>
            right.attended - left.attended || left.name.localeCompare(right.name, "zh-CN"),
        ),
    };
  });
}
