/**
 * Nucleic-acid tests from swab to result, written as the laboratory's jobs would: through the tables with
 * their triggers, so that recalls, releases and corrections happen as the database decides.
 */
import { randomInt } from "node:crypto";
import type { Sql, TransactionSql } from "postgres";

export type SeededTube = {
  tubeId: string;
  /** By patient; none for a recall, or before a release. */
  results: Map<string, string>;
};
export type TubeResult = "negative" | "positive" | "grey-zone" | "rejected";

const minuteMilliseconds = 60_000;

/**
 * @param owner connection of the owner role
 * @param at institution of the site; the laboratory is `laboratory`, or the same
 */
export async function seedTest(
  owner: Sql,
  input: {
    institutionId: string;
    laboratoryId?: string;
    patientIds: readonly string[];
    size?: 1 | 5 | 10 | 20;
    sampledAt: Date;
    /** null: still at the laboratory */
    result: TubeResult | null;
    release?: boolean;
  },
): Promise<SeededTube> {
  const { institutionId, patientIds, size = 10, sampledAt, result } = input;
  const laboratoryId = input.laboratoryId ?? institutionId;
  const later = (minutes: number) => new Date(sampledAt.getTime() + minutes * minuteMilliseconds);
  return owner.begin(async (sql) => {
    await sql`select set_config('yilian.kind', 'job', true)`;
    const [person] = await sql`select id from person order by created_at limit 1`;
    const [site] = await sql`
      insert into sampling_site (institution_id, name_zh, name_en, place, opens_at, laboratory_id, fever_place)
      values (${institutionId}, '彭浦新村采样点', 'Pengpu sampling site', '门诊楼前', ${later(-60)}, ${laboratoryId}, '发热门诊') returning id`;
    const [station] = await sql`
      insert into sampling_station (site_id, number, state) values (${site!.id}, 1, 'open') returning id`;
    const [tube] = await sql`
      insert into tube (code, size, purpose, site_id, station_id, institution_id, laboratory_id, opened_by, opened_at)
      values (${`SEED-${randomInt(1e9)}`}, ${size}, 'voluntary', ${site!.id}, ${station!.id}, ${institutionId}, ${laboratoryId},
        ${person!.id}, ${sampledAt}) returning id`;
    const tubeId = tube!.id as string;
    for (const patientId of patientIds) {
      const [registration] = await sql`
        insert into test_registration (patient_id, site_id, institution_id, code, source, purpose, day, expected_at, state, arrived_at)
        values (${patientId}, ${site!.id}, ${institutionId}, ${`S${randomInt(1e9)}`}, 'walk-in', 'voluntary',
          (${sampledAt}::timestamptz at time zone 'Asia/Shanghai')::date, ${sampledAt}, 'waiting', ${sampledAt}) returning id`;
      await sql`
        insert into tube_member (tube_id, patient_id, size, position, registration_id, purpose, station_id, sampled_at, sampled_by)
        values (${tubeId}, ${patientId}, ${size}, 1, ${registration!.id}, 'voluntary', ${station!.id}, ${sampledAt}, ${person!.id})`;
    }
    const step = (set: ReturnType<typeof sql>) =>
      sql`update tube set ${set}, version = version + 1 where id = ${tubeId}`;
    await step(sql`state = 'sealed', sealed_at = ${later(10)}, sealed_by = ${person!.id}`);
    await step(sql`state = 'received', received_at = ${later(60)}, received_by = ${person!.id}`);
    await step(sql`state = 'testing', testing_at = ${later(70)}`);
    if (result) await report(sql, { tubeId, laboratoryId, result, at: later(240) });
    if (input.release)
      await sql`update person_result set released_at = ${later(250)}, released_by = ${person!.id} where tube_id = ${tubeId} and released_at is null`;
    return { tubeId, results: await resultsOf(sql, tubeId) };
  }) as Promise<SeededTube>;
}

/** The laboratory corrects what it said of a tube. */
export async function correctTest(
  owner: Sql,
  tubeId: string,
  result: TubeResult,
  at: Date,
): Promise<void> {
  await owner.begin(async (sql) => {
    await sql`select set_config('yilian.kind', 'job', true)`;
    const [last] = await sql`
      select r.id, r.laboratory_id from lab_result r where r.tube_id = ${tubeId}
        and not exists (select 1 from lab_result n where n.replaces_id = r.id)`;
    await report(sql, {
      tubeId,
      laboratoryId: last!.laboratory_id,
      result,
      at,
      replaces: last!.id,
    });
  });
}

async function report(
  sql: TransactionSql,
  input: {
    tubeId: string;
    laboratoryId: string;
    result: TubeResult;
    at: Date;
    replaces?: string;
  },
): Promise<void> {
  const [person] = await sql`select id from person order by created_at limit 1`;
  await sql`
    insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source, replaces_id, reason)
    values (${input.tubeId}, ${input.laboratoryId}, ${input.result}, 'RT-PCR', ${input.at}, ${person!.id}, ${input.at}, 'page',
      ${input.replaces ?? null}, ${input.replaces || input.result === "rejected" ? "复核" : null})`;
}

async function resultsOf(sql: TransactionSql, tubeId: string): Promise<Map<string, string>> {
  const rows = await sql`
    select id, patient_id from person_result where tube_id = ${tubeId} and withdrawn_at is null`;
  return new Map(rows.map((row) => [row.patient_id as string, row.id as string]));
}
