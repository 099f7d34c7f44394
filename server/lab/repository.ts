/** Queries of the laboratory. Row policies say whose tubes they are. */
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { LabResultKind, TestPurpose, TubeSize, TubeState } from "../sampling/domain.ts";
import type { FindingState, PlateState, ReceptionProblem } from "./domain.ts";
import { labPolicy } from "./schema.ts";

export type TubeRow = {
  id: string;
  code: string;
  size: TubeSize;
  count: number;
  state: TubeState;
  purpose: TestPurpose;
  retest: boolean;
  runId: string | null;
  siteZh: string;
  siteEn: string | null;
  siteBo: string | null;
  firstSampledAt: string | null;
  labDueAt: string | null;
  resultDueAt: string | null;
  receivedAt: string | null;
  resultAt: string | null;
};

/** Tubes that this laboratory is to have or has, the nearest deadline first. */
export function findTubes(tx: Tx, where: SQL, limit = 2000): Promise<TubeRow[]> {
  return tx.execute<TubeRow>(sql`
    select t.id, t.code, t.size, t.count, t.state, t.purpose, t.retest, t.run_id as "runId", s.name_zh as "siteZh", s.name_en as "siteEn",
      s.name_bo as "siteBo", t.first_sampled_at as "firstSampledAt", t.lab_due_at as "labDueAt", t.result_due_at as "resultDueAt",
      t.received_at as "receivedAt", t.result_at as "resultAt"
    from tube t join sampling_site s on s.id = t.site_id where ${where}
    order by t.result_due_at nulls last, t.code limit ${limit}`);
}

/** Why a code is not one of this laboratory's sealed tubes; null in `problem` when it is. */
export function findTubeProblems(
  tx: Tx,
  codes: readonly string[],
): Promise<{ code: string; problem: TubeProblem | null }[]> {
  return tx.execute(sql`select code, problem from app.tube_states(${textArray(codes)})`);
}
export type TubeProblem = "format" | "unknown" | "foreign" | "void" | "unsealed";

/** A list as one parameter: drizzle would spread it. */
export const textArray = (values: readonly string[]): SQL =>
  sql`(select coalesce(array_agg(v), '{}') from jsonb_array_elements_text(${JSON.stringify(values)}::jsonb) v)::text[]`;

export type RunRow = {
  id: string;
  state: "in-transit" | "delivered";
  box: string;
  siteZh: string;
  siteEn: string | null;
  siteBo: string | null;
  courier: string;
  pickedUpAt: string;
  deliveredAt: string | null;
  receivedBy: string | null;
  receivedCount: number | null;
};

/** Boxes on their way here, and those whose tubes are not all accounted for. */
export function findRuns(tx: Tx, laboratoryId: string, since: Date): Promise<RunRow[]> {
  return tx.execute<RunRow>(sql`
    select r.id, r.state, r.box, s.name_zh as "siteZh", s.name_en as "siteEn", s.name_bo as "siteBo", c.name as courier,
      r.picked_up_at as "pickedUpAt", r.delivered_at as "deliveredAt", o.name as "receivedBy", r.received_count as "receivedCount"
    from courier_run r join sampling_site s on s.id = r.site_id join person c on c.id = r.courier_id left join person o on o.id = r.received_by
    where r.laboratory_id = ${laboratoryId} and (r.state = 'in-transit' or (r.state = 'delivered' and (r.delivered_at > ${since.toISOString()}
      or exists (select 1 from tube t where t.run_id = r.id and t.state = 'in-transit'))))
    order by r.state desc, r.picked_up_at limit 100`);
}

export type NoteRow = {
  id: string;
  runId: string | null;
  code: string;
  problem: ReceptionProblem;
  note: string;
  /** Late, and tested all the same; `by` answers for it. */
  accepted: boolean;
  at: string;
  by: string;
  settledAt: string | null;
};

/** What was not as it was sent: open ones and the latest. */
export function findNotes(tx: Tx, since: Date): Promise<NoteRow[]> {
  return tx.execute<NoteRow>(sql`
    select n.id, n.run_id as "runId", n.code, n.problem, n.note, n.accepted, n.at, p.name as "by", n.settled_at as "settledAt"
    from lab_reception_note n join person p on p.id = n.by
    where n.at > ${since.toISOString()} or (n.problem = 'missing' and n.settled_at is null) order by n.at desc limit 200`);
}

/** @returns false when the same is noted already */
export async function insertNote(
  tx: Tx,
  row: {
    laboratoryId: string;
    runId: string | null;
    tubeId: string | null;
    code: string;
    problem: ReceptionProblem;
    note: string;
    accepted: boolean;
    at: Date;
    by: string;
  },
): Promise<boolean> {
  const made = await tx.execute(sql`
    insert into lab_reception_note (laboratory_id, run_id, tube_id, code, problem, note, accepted, at, by)
    values (${row.laboratoryId}, ${row.runId}, ${row.tubeId}, ${row.code}, ${row.problem}, ${row.note}, ${row.accepted}, ${row.at.toISOString()}, ${row.by})
    on conflict (tube_id, problem) do nothing returning id`);
  return made.length > 0;
}

/** A tube that was missing is here, or is given up. */
export async function settleMissing(tx: Tx, tubeId: string, by: string, at: Date): Promise<void> {
  await tx.execute(sql`update lab_reception_note set settled_at = ${at.toISOString()}, settled_by = ${by}
    where tube_id = ${tubeId} and problem = 'missing' and settled_at is null`);
}

export type PlateRow = {
  id: string;
  code: string;
  state: PlateState;
  version: number;
  source: "page" | "csv" | "fhir";
  openedAt: string;
  openedBy: string;
  releasedAt: string | null;
  releasedBy: string | null;
  waiting: number;
  entered: number;
  toConfirm: number;
  released: number;
  dueAt: string | null;
};

/** Plates with what is on them, the one that is due first on top; released ones after. */
export function findPlates(tx: Tx, where: SQL, limit = 60): Promise<PlateRow[]> {
  return tx.execute<PlateRow>(sql`
    select p.id, p.code, p.state, p.version, p.source, p.opened_at as "openedAt", o.name as "openedBy", p.released_at as "releasedAt", r.name as "releasedBy",
      count(f.id) filter (where f.state = 'waiting')::int as waiting,
      count(f.id) filter (where f.state in ('entered', 'confirmed'))::int as entered,
      count(f.id) filter (where f.state = 'entered' and app.needs_second(f.result, f.replaces_id is not null))::int as "toConfirm",
      count(f.id) filter (where f.state = 'released')::int as released,
      min(t.result_due_at) filter (where f.state in ('waiting', 'entered', 'confirmed')) as "dueAt"
    from lab_plate p join person o on o.id = p.opened_by left join person r on r.id = p.released_by
      left join lab_finding f on f.plate_id = p.id left join tube t on t.id = f.tube_id
    where ${where} group by p.id, o.name, r.name
    order by p.state, min(t.result_due_at) filter (where f.state in ('waiting', 'entered', 'confirmed')) nulls last, p.opened_at desc limit ${limit}`);
}

export type FindingRow = {
  id: string;
  plateId: string;
  tubeId: string;
  tubeCode: string;
  size: TubeSize;
  count: number;
  purpose: TestPurpose;
  retest: boolean;
  resultDueAt: string | null;
  receivedAt: string | null;
  state: FindingState;
  version: number;
  result: LabResultKind | null;
  method: string | null;
  detail: Record<string, unknown>;
  testedAt: string | null;
  enteredById: string;
  enteredBy: string;
  enteredAt: string;
  secondBy: string | null;
  secondAt: string | null;
  source: "page" | "csv" | "fhir";
  sourceRef: string | null;
  reason: string | null;
  replacesId: string | null;
  labResultId: string | null;
};

export function findFindings(tx: Tx, where: SQL, limit = 6000): Promise<FindingRow[]> {
  return tx.execute<FindingRow>(sql`
    select f.id, f.plate_id as "plateId", f.tube_id as "tubeId", t.code as "tubeCode", t.size, t.count, t.purpose, t.retest, t.result_due_at as "resultDueAt",
      t.received_at as "receivedAt", f.state, f.version, f.result, f.method, f.detail, f.tested_at as "testedAt", f.entered_by as "enteredById",
      e.name as "enteredBy", f.entered_at as "enteredAt", s.name as "secondBy", f.second_at as "secondAt", f.source, f.source_ref as "sourceRef",
      f.reason, f.replaces_id as "replacesId", f.lab_result_id as "labResultId"
    from lab_finding f join tube t on t.id = f.tube_id join person e on e.id = f.entered_by left join person s on s.id = f.second_by
    where ${where} order by f.created_at, t.code limit ${limit}`);
}

export type ResultRow = {
  id: string;
  tubeId: string;
  tubeCode: string;
  result: LabResultKind;
  method: string;
  detail: Record<string, unknown>;
  testedAt: string;
  reportedAt: string;
  reportedBy: string;
  source: "page" | "csv" | "fhir";
  sourceRef: string | null;
  reason: string | null;
  replacesId: string | null;
  /** Another row replaced it. */
  replaced: boolean;
};

/** What was said of tubes, oldest first. */
export function findResults(tx: Tx, where: SQL): Promise<ResultRow[]> {
  return tx.execute<ResultRow>(sql`
    select r.id, r.tube_id as "tubeId", t.code as "tubeCode", r.result, r.method, r.detail, r.tested_at as "testedAt", r.reported_at as "reportedAt",
      p.name as "reportedBy", r.source, r.source_ref as "sourceRef", r.reason, r.replaces_id as "replacesId",
      exists (select 1 from lab_result n where n.replaces_id = r.id) as replaced
    from lab_result r join tube t on t.id = r.tube_id join person p on p.id = r.reported_by where ${where} order by r.reported_at, r.created_at`);
}

export function findPolicies(tx: Tx) {
  return tx.select().from(labPolicy);
}

export type LabCounts = {
  /** Sealed at a site and not yet taken by a courier. */
  atSite: number;
  inTransit: number;
  /** Of those in transit, past the two hours. */
  transitLate: number;
  /** Received or testing. */
  atLab: number;
  /** Of those at the laboratory, past their deadline. */
  overdue: number;
  /** Results that are due, by the hour in which they are (start of the hour, UTC), with tubes and people. */
  due: { hour: string; tubes: number; people: number }[];
};

/**
 * Where the tubes of some sites are and when their results are due, for the surge board. Row policies
 * apply: a site's lead sees those of the own institution, a laboratory those that come to it.
 */
export async function countTubes(
  tx: Tx,
  scope: { siteIds: readonly string[] } | { laboratoryId: string },
  now: Date,
): Promise<LabCounts> {
  const where =
    "siteIds" in scope
      ? sql`t.site_id::text = any (${textArray(scope.siteIds)})`
      : sql`t.laboratory_id = ${scope.laboratoryId}`;
  const at = now.toISOString();
  const [counts] = await tx.execute<Omit<LabCounts, "due">>(sql`
    select count(*) filter (where t.state = 'sealed')::int as "atSite",
      count(*) filter (where t.state = 'in-transit')::int as "inTransit",
      count(*) filter (where t.state = 'in-transit' and t.lab_due_at < ${at})::int as "transitLate",
      count(*) filter (where t.state in ('received', 'testing'))::int as "atLab",
      count(*) filter (where t.state in ('received', 'testing') and t.result_due_at < ${at})::int as overdue
    from tube t where ${where} and t.state in ('sealed', 'in-transit', 'received', 'testing')`);
  const due = await tx.execute<LabCounts["due"][number]>(sql`
    select date_trunc('hour', t.result_due_at) as hour, count(*)::int as tubes, sum(t.count)::int as people
    from tube t where ${where} and t.state in ('sealed', 'in-transit', 'received', 'testing') and t.result_due_at is not null
    group by 1 order by 1`);
  return {
    ...counts!,
    due: due.map((one) => ({ ...one, hour: new Date(one.hour).toISOString() })),
  };
}
