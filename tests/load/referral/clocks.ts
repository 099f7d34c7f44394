/** Clocks of 5,000 open referrals, due spread over some minutes, with a machine that dies in the middle. */
import { setTimeout as delay } from "node:timers/promises";
import type postgres from "postgres";
import { type BenchServer, startServer } from "../booking/server.ts";
import { type BenchResult, result } from "../suite.ts";
import type { ReferralWorld } from "./world.ts";

type Fired = { late_ms: number; at: Date; due: Date };

/**
 * @param server dies half-way by SIGKILL and comes back
 * @returns results, and the server that runs at the end
 */
export async function benchClocks(input: {
  admin: postgres.Sql;
  world: ReferralWorld;
  server: BenchServer;
  options: Parameters<typeof startServer>[0];
  count: number;
  seconds: number;
  log: (line: string) => void;
}): Promise<{ results: BenchResult[]; server: BenchServer }> {
  const { admin, world, count, seconds, log } = input;
  const firstIn = 8;
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`with e as (select id, patient_id, row_number() over (order by number) as n from episode limit ${count}),
        made as (insert into referral (number, episode_id, patient_id, direction, urgency, state, version, from_institution_id, requester_id, requester_phone,
          to_institution_id, reason, submitted_at, respond_by, updated_at)
        select 'ZC' || e.n, e.id, e.patient_id, 'up', 'urgent', 'submitted', 2, ${world.senderId}, ${world.doctorId}, '021-56914949', ${world.deskId}, '头晕', now(),
          now() + make_interval(secs => ${firstIn} + e.n * ${seconds}::double precision / ${count}), now() from e returning id, respond_by)
      insert into alarm (kind, entity_id, key, due_at, detail) select 'referral:respond', id, 'referral:' || id || ':respond', respond_by, '{"rung": 0}' from made`;
  });
  const begun = Date.now();
  log(`${count} clocks fall due over ${seconds} s; the server dies in the middle.`);
  await delay((firstIn + seconds / 2) * 1000);
  await input.server.kill();
  const died = new Date();
  // Long enough that clocks fall due while nobody is there.
  await delay(3_000);
  const server = await startServer(input.options);
  const back = new Date();
  await delay(Math.max(0, begun + (firstIn + seconds) * 1000 - Date.now()) + 8_000);
  const fired = await admin<Fired[]>`
    select extract(epoch from n.at - r.respond_by) * 1000 as late_ms, n.at, r.respond_by as due
    from referral r join notice n on n.entity_id = r.id::text and n.kind = 'referral-overdue' and n.person_id = ${world.coordinatorId}
    where r.number like 'ZC%'`;
  const [{ once = 0 } = {}] = await admin<{ once: number }[]>`
    select count(*)::int as once from (select r.id from referral r join notice n on n.entity_id = r.id::text and n.kind = 'referral-overdue'
      and n.person_id = ${world.coordinatorId} where r.number like 'ZC%' group by r.id having count(*) = 1) x`;
  const down = (one: Fired) => one.due >= new Date(died.getTime() - 600) && one.due <= back;
  const ordinary = fired.filter((one) => !down(one));
  const missed = fired.filter(down);
  const sorted = ordinary.map((one) => Number(one.late_ms)).sort((a, b) => a - b);
  const inTime = sorted.filter((ms) => ms <= 2_000).length;
  const caughtUp = missed.map((one) => (one.at.getTime() - back.getTime()) / 1000);
  return {
    server,
    results: [
      result(
        "clocks fired within 2 s of their time",
        (100 * inTime) / Math.max(1, ordinary.length),
        "%",
        "== 100",
      ),
      result(
        "clocks, lateness p99",
        sorted[Math.floor(sorted.length * 0.99)] ?? 0,
        "ms",
        "<= 2000",
      ),
      result("clocks fired once", once, "clocks", `== ${count}`),
      result(
        "clocks lost",
        count - new Set(fired.map((one) => one.due.getTime())).size,
        "clocks",
        "== 0",
      ),
      result("clocks that fell due while the server was dead", missed.length, "clocks"),
      result("the last of them fired after the restart", Math.max(0, ...caughtUp), "s", "<= 5"),
    ],
  };
}
