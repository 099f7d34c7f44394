/** A person's result of a test, once somebody released it; one that was taken back is not there any more. */
import { sql } from "drizzle-orm";
import { toFhirPersonResult } from "../../../fhir-mappings/person-result.ts";
import type { PersonResultKind } from "../../sampling/domain.ts";
import { ended, type Projected, type ProjectionPart, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";

type Row = {
  id: string;
  patient_id: string;
  result: PersonResultKind;
  size: number;
  code: string;
  sampled_at: string;
  released_at: string | null;
  withdrawn_at: string | null;
  tested_at: string;
  laboratory_id: string;
  method: string;
};

export const resultPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx.execute<{ id: string }>(sql`select p.id from person_result p
      join test_registration r on r.id = p.registration_id and r.institution_id = ${institutionId}
      where p.released_at is not null and p.id > ${after || least}::uuid order by p.id limit ${limit}`);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId }, ids, gap) => {
    const rows =
      await tx.execute<Row>(sql`select p.id, p.patient_id, p.result, p.size, t.code, p.sampled_at,
        p.released_at, p.withdrawn_at, l.tested_at, l.laboratory_id, l.method
      from person_result p
      join test_registration r on r.id = p.registration_id and r.institution_id = ${institutionId}
      join tube t on t.id = p.tube_id join lab_result l on l.id = p.lab_result_id
      where p.id = any (${sql.param([...ids])}::uuid[])`);
    return rows.flatMap((row): Projected[] => {
      if (!row.released_at || row.withdrawn_at)
        return [
          ended("DiagnosticReport", row.id),
          ended("Observation", row.id),
          ended("Specimen", row.id),
        ];
      try {
        const { report, observation, specimen } = toFhirPersonResult({
          id: row.id,
          patientId: row.patient_id,
          result: row.result,
          pooledCount: row.size,
          // Whose swabs were in one tube is nobody's to find out.
          tubeCode: row.size === 1 ? row.code : null,
          method: row.method,
          sampledAt: new Date(row.sampled_at),
          testedAt: new Date(row.tested_at),
          releasedAt: new Date(row.released_at),
          laboratoryId: row.laboratory_id,
        });
        return [shown(specimen), shown(observation), shown(report)];
      } catch (error) {
        gap(row.id, error);
        return [];
      }
    });
  },
};
