/** A provider's callbacks in a storm: doubled, out of order and forged ones among them, and a server that dies in the middle. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type postgres from "postgres";
import { signed } from "../../../server/billing/service.ts";
import { type BenchServer, startServer } from "../booking/server.ts";
import { type BenchResult, result } from "../suite.ts";

export const PROVIDER = "bench";
export const PROVIDER_SECRET = "the bench and the server sign with it";
const AT_ONCE = 24;
const OWN_FEN = 300;
const TOTAL_FEN = 1_000;
const RETRY_MS = 200;

type Told = { id: string; body: string; forged: boolean };

/** Invoices of one house, each with an attempt that waits for its provider; the books say what is owed. */
async function issue(admin: postgres.Sql, count: number): Promise<string[]> {
  const rows = await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    const [house] = await tx<{ id: string }[]>`
      insert into institution (slug, kind, level) values ('bench', 'community-centre', 'primary') returning id`;
    const [patient] = await tx<{ id: string }[]>`
      insert into patient (full_name, sex, managing_institution_id, updated_at) values ('测试', 'female', ${house!.id}, now()) returning id`;
    const [cost] = await tx<{ id: string }[]>`
      insert into price (institution_id, code, category, name, unit_fen, insured, valid_from)
      values (${house!.id}, 'visit', 'consultation', '{"zh":"诊","en":"visit","bo":"བ"}', ${TOTAL_FEN}, true, '2026-01-01') returning id`;
    await tx`with i as (insert into invoice (number, institution_id, patient_id, encounter_kind, encounter_id, scheme, total_fen, insurance_fen, own_fen, due_at, issued_at)
        select 'ZD' || n, ${house!.id}::uuid, ${patient!.id}::uuid, 'appointment'::billed_encounter, gen_random_uuid(), 'resident'::coverage_scheme, ${TOTAL_FEN}::bigint, ${TOTAL_FEN - OWN_FEN}::bigint, ${OWN_FEN}::bigint, now(), now()
        from generate_series(1, ${count}::integer) n returning id),
      l as (insert into invoice_line (invoice_id, position, price_id, code, category, name, unit_fen, quantity, insured, total_fen, insurance_fen, own_fen)
        select id, 0, ${cost!.id}::uuid, 'visit', 'consultation'::price_category, '{"zh":"诊","en":"visit","bo":"བ"}'::jsonb, ${TOTAL_FEN}::bigint, 1, true, ${TOTAL_FEN}::bigint, ${TOTAL_FEN - OWN_FEN}::bigint, ${OWN_FEN}::bigint from i),
      e as (insert into ledger_entry (institution_id, kind, source_id, at) select ${house!.id}::uuid, 'invoice-issued'::ledger_entry_kind, id, now() from i returning id),
      w as (insert into ledger_line (entry_id, account, fen) select e.id, a.account::ledger_account, a.fen from e,
        (values ('patients', ${OWN_FEN}::bigint), ('insurance', ${TOTAL_FEN - OWN_FEN}::bigint), ('income-consultation', ${-TOTAL_FEN}::bigint)) a (account, fen))
      insert into payment (invoice_id, institution_id, provider, amount_fen, state, expires_at, updated_at)
      select id, ${house!.id}::uuid, ${PROVIDER}::text, ${OWN_FEN}::bigint, 'pending'::payment_state, now() + interval '1 hour', now() from i`;
    return tx<{ id: string }[]>`select id from payment`;
  });
  await admin`vacuum analyze`;
  return rows.map((row) => row.id);
}

/** Of each hundred: ten once more, ten with a failure told too late or too early, one that somebody else made up. */
function tell(ids: readonly string[]): Told[] {
  const event = (id: string, type: string) => ({
    id,
    forged: false,
    body: JSON.stringify({
      eventId: randomUUID(),
      type,
      id,
      reference: "BENCH",
      amountFen: OWN_FEN,
      at: new Date().toISOString(),
    }),
  });
  const said: Told[] = [];
  for (const [place, id] of ids.entries()) {
    const paid = event(id, "payment.succeeded");
    const failed = event(id, "payment.failed");
    if (place % 10 === 3) said.push(...(place % 20 === 3 ? [failed, paid] : [paid, failed]));
    else if (place % 10 === 7) said.push(paid, paid);
    else said.push(paid);
    if (place % 100 === 50) said.push({ ...event(id, "payment.succeeded"), forged: true });
  }
  return said;
}

/**
 * @param server dies half-way by SIGKILL and comes back
 * @returns results, and the server that runs at the end
 */
export async function benchCallbacks(input: {
  admin: postgres.Sql;
  server: BenchServer;
  options: Parameters<typeof startServer>[0];
  count: number;
  log: (line: string) => void;
}): Promise<{ results: BenchResult[]; server: BenchServer }> {
  const { admin, count, log } = input;
  const told = tell(await issue(admin, Math.round(count / 1.21)));
  log(`${told.length} callbacks; the server dies in the middle.`);
  let { server } = input;
  let believed = 0;
  let next = 0;
  let answered = 0;
  const begun = performance.now();
  let downMs = 0;
  let restart: Promise<void> | undefined;
  const send = async ({ body, forged }: Told): Promise<void> => {
    for (;;) {
      const secret = forged ? "somebody else's secret, also long enough" : PROVIDER_SECRET;
      try {
        const answer = await fetch(`${server.url}/api/payments/callbacks/${PROVIDER}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...signed(secret, body, new Date()) },
          body,
        });
        await answer.arrayBuffer();
        if (forged && answer.ok) believed += 1;
        if (answer.ok || (forged && answer.status === 401)) return;
      } catch {
        // Nobody is there: a provider tells it again.
      }
      await delay(RETRY_MS);
    }
  };
  const worker = async () => {
    while (next < told.length) {
      await send(told[next++]!);
      answered += 1;
      if (answered === Math.floor(told.length / 2))
        restart = (async () => {
          const died = performance.now();
          await server.kill();
          server = await startServer(input.options);
          downMs = performance.now() - died;
        })();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await restart;
  const seconds = (performance.now() - begun - downMs) / 1000;
  const [books] = await admin<
    {
      unpaid: number;
      twice: number;
      wrong: number;
      patients: number;
      provider: number;
      owed: number;
    }[]
  >`select (select count(*) from invoice where state <> 'balanced')::int as unpaid,
      (select count(*) from payment where surplus)::int as twice,
      (select count(*) from (select 1 from ledger_line group by entry_id having sum(fen) <> 0) w)::int as wrong,
      (select sum(fen) from ledger_line where account = 'patients')::int as patients,
      (select sum(fen) from ledger_line where account = 'provider')::int as provider,
      (select sum(own_fen) from invoice)::int as owed`;
  const { unpaid, twice, wrong, patients, provider, owed } = books!;
  return {
    server,
    results: [
      result("payment callbacks: invoices not paid at the end", unpaid, "invoices", "== 0"),
      result("payment callbacks: invoices booked twice", twice, "invoices", "== 0"),
      result("payment callbacks: forged ones believed", believed, "callbacks", "== 0"),
      result("ledger: entries that do not come to nothing", wrong, "entries", "== 0"),
      result("ledger: what patients still owe", patients, "fen", "== 0"),
      result("ledger: received beside what was billed", provider - owed, "fen", "== 0"),
      result("payment callbacks taken", told.length / seconds, "1/s"),
    ],
  };
}
