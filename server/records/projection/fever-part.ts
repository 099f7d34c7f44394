/** Visits to a fever clinic, from triage on. */
import { and, asc, eq, gt, inArray } from "drizzle-orm";
import { toFhirVisit } from "../../../fhir-mappings/visit.ts";
import { feverVisit } from "../../fever/schema.ts";
import { findPeopleNames } from "../../identity/service.ts";
import { ended, type Projected, type ProjectionPart, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";

export const feverPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: feverVisit.id })
      .from(feverVisit)
      .where(and(eq(feverVisit.institutionId, institutionId), gt(feverVisit.id, after || least)))
      .orderBy(asc(feverVisit.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId }, ids) => {
    const rows = await tx
      .select()
      .from(feverVisit)
      .where(and(eq(feverVisit.institutionId, institutionId), inArray(feverVisit.id, [...ids])));
    const names = await findPeopleNames(tx, [...new Set(rows.flatMap((row) => row.seenBy ?? []))]);
    return rows.map((row): Projected => {
      // Who is not triaged yet, or was sent to an ordinary clinic, has not visited it.
      if (row.state === "to-triage" || row.state === "ordinary") return ended("Encounter", row.id);
      const name = row.seenBy ? names.get(row.seenBy) : undefined;
      return shown(
        toFhirVisit({
          id: row.id,
          status: row.endedAt ? "finished" : "in-progress",
          patientId: row.patientId,
          institutionId,
          appointmentId: row.appointmentId,
          kind: "fever-clinic",
          name: "发热门诊",
          reason: row.complaint,
          doctor: row.seenBy && name ? { id: row.seenBy, name } : null,
          start: row.arrivedAt,
          end: row.endedAt,
        }),
      );
    });
  },
};
