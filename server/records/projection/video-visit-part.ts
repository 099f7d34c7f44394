/** Video visits, from when both were in the room; one that never began is none. */
import { and, asc, eq, gt, inArray, isNotNull } from "drizzle-orm";
import { toFhirVideoVisit, type VideoVisitStatus } from "../../../fhir-mappings/video-visit.ts";
import type { VisitState } from "../../visit/domain.ts";
import { visit } from "../../visit/schema.ts";
import { practitioners } from "./directory-part.ts";
import { ended, type Projected, type ProjectionPart, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";

/** As the record says it, once both have met; null: there was no meeting. */
const status: Readonly<Record<VisitState, VideoVisitStatus | null>> = {
  requested: null,
  waiting: null,
  called: null,
  "in-visit": "in-progress",
  ended: "finished",
  // They met, and it went on elsewhere.
  redirected: "finished",
  cancelled: "cancelled",
  missed: null,
};

export const videoVisitPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: visit.id })
      .from(visit)
      .where(
        and(
          eq(visit.institutionId, institutionId),
          isNotNull(visit.startedAt),
          gt(visit.id, after || least),
        ),
      )
      .orderBy(asc(visit.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId }, ids, gap) => {
    const rows = await tx
      .select()
      .from(visit)
      .where(and(eq(visit.institutionId, institutionId), inArray(visit.id, [...ids])));
    const items: Projected[] = [
      ...(await practitioners(tx, [...new Set(rows.flatMap((row) => row.doctorId ?? []))])),
    ];
    for (const row of rows) {
      const said = status[row.state];
      try {
        items.push(
          said && row.startedAt && row.doctorId
            ? shown(
                toFhirVideoVisit({
                  id: row.id,
                  number: row.number,
                  status: said,
                  patientId: row.patientId,
                  institutionId,
                  doctorId: row.doctorId,
                  reason: row.condition,
                  start: row.startedAt,
                  end: row.endedAt,
                }),
              )
            : ended("Encounter", row.id),
        );
      } catch (error) {
        gap(row.id, error);
      }
    }
    return items;
  },
};
