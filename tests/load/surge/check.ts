import type postgres from "postgres";

export type Checked = {
  overCapacity: number;
  twice: number;
  unsampled: number;
  replayTwice: number;
  replayOver: number;
  replayDiffers: number;
  recallsMissing: number;
  recallsExtra: number;
  withoutAnswer: number;
  lateToLab: number;
  places: number;
};

/** What the database holds at the end, and the same once more from the log of what phones sent. */
export async function check(admin: postgres.Sql, surgeId: string): Promise<Checked> {
  const [rows] = await admin<Omit<Checked, "replayTwice" | "replayOver" | "replayDiffers">[]>`
    select
      (select count(*)::int from tube t where (select count(*) from tube_member m where m.tube_id = t.id) > t.size
         or t.count <> (select count(*) from tube_member m where m.tube_id = t.id)) as "overCapacity",
      (select count(*)::int from (select patient_id from tube_member where active group by patient_id having count(*) > 1) x) as twice,
      (select count(*)::int from test_registration where state <> 'sampled') as unsampled,
      (select count(*)::int from tube_member m join tube t on t.id = m.tube_id where (t.state = 'void' or (m.active and t.state in ('indeterminate', 'rejected')) or (t.state = 'positive' and t.size > 1))
         and not exists (select 1 from recall c where c.tube_id = m.tube_id and c.patient_id = m.patient_id)) as "recallsMissing",
      (select count(*)::int from recall c join tube t on t.id = c.tube_id where t.state = 'negative') as "recallsExtra",
      (select count(*)::int from tube_member m where m.active and not exists (select 1 from person_result p where p.tube_id = m.tube_id and p.patient_id = m.patient_id)
         and not exists (select 1 from recall c where c.tube_id = m.tube_id and c.patient_id = m.patient_id)) as "withoutAnswer",
      (select count(*)::int from tube t where t.received_at > t.lab_due_at) as "lateToLab",
      (select count(*)::int from surge_place where surge_id = ${surgeId} and state <> 'sampled') as places`;
  return { ...rows!, ...(await replay(admin)) };
}

/** The log alone, in the order in which things were done: nobody in two tubes, no tube too full. */
async function replay(
  admin: postgres.Sql,
): Promise<Pick<Checked, "replayTwice" | "replayOver" | "replayDiffers">> {
  const steps = await admin<
    { step: string; tube: string; registration: string | null }[]
  >`select step, tube_code as tube, registration_id as registration from sampling_op where problem is null
      order by at, case step when 'open' then 0 when 'sample' then 1 else 2 end`;
  const tubes = new Map<string, Set<string>>();
  const inTube = new Map<string, string>();
  let replayTwice = 0;
  let replayOver = 0;
  for (const { step, tube, registration } of steps) {
    if (step === "open") tubes.set(tube, new Set());
    const people = tubes.get(tube)!;
    if (step === "sample" && registration) {
      if (inTube.has(registration)) replayTwice += 1;
      inTube.set(registration, tube);
      people.add(registration);
      if (people.size > Number(tube.slice(2, 4))) replayOver += 1;
    }
    if (step === "void") {
      for (const one of people) inTube.delete(one);
      tubes.set(tube, new Set());
    }
  }
  const held = await admin<{ registration: string; code: string }[]>`
    select m.registration_id as registration, t.code from tube_member m join tube t on t.id = m.tube_id where m.active`;
  let replayDiffers = Math.abs(held.length - inTube.size);
  for (const { registration, code } of held)
    if (inTube.get(registration) !== code) replayDiffers += 1;
  return { replayTwice, replayOver, replayDiffers };
}
