/**
 * Money over the real application: prices, invoices, a payment at the sandbox over HTTP with all that providers do
 * (late, twice, lost, out of order, forged), refunds, and books that balance after every test.
 */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { invoiceSteps, paymentSteps, refundSteps } from "../../server/billing/domain.ts";
import { signed } from "../../server/billing/service.ts";
import { billingTasks } from "../../server/billing/tasks.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { createPayments } from "../../server/payments.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { testStart } from "../support/cluster.ts";
import { freePorts } from "../support/stack.ts";
import { silent } from "./kit.ts";

let test: TestApp;
let owner: postgres.Sql;
let cashier: Client;
let second: Client;
let wang: Client;
let gui: Client;
let stranger: Client;
let payments: ReturnType<typeof createPayments>;
let visit: { id: string; patientId: string };
const secret = () => payments.sandbox!.secret;

beforeAll(async () => {
  const port = await freePorts(1);
  const localUrl = `http://127.0.0.1:${port}`;
  test = await buildTestApp({
    payments: (services) =>
      (payments = createPayments(services, { localUrl, cookieSecret: "a secret of the tests" })),
  });
  await test.app.listen({ port, host: "127.0.0.1" });
  owner = postgres(test.database.admin, { max: 2, onnotice: () => {} });
  const patientId = test.ids.patients.get("zhou")!;
  const [row] = await owner<{ id: string }[]>`
    insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel, relation, called_at)
    select 'B1LL3D', g.id, g.schedule_id, g.institution_id, g.department_id, ${patientId}, g.day, g.starts_at, g.ends_at,
      'TB1LL3D', 'in-consultation', 'window', 'self', ${test.clock.now}
    from segment g where g.institution_id = ${test.ids.institutions.get("pengpu")!} order by g.starts_at limit 1 returning id`;
  visit = { id: row!.id, patientId };
});
/** Sessions of another day are over. */
const enter = async (now: Date) => {
  test.clock.now = now;
  [cashier, second, wang, gui, stranger] = (await Promise.all(
    ["yaominzhen", "gaolifang", "wangjianguo", "13800138003", "13800138004"].map((who) =>
      test.as(who),
    ),
  )) as [Client, Client, Client, Client, Client];
};
const start = new Date(testStart);
beforeEach(() => enter(start));
afterAll(async () => {
  await owner.end({ timeout: 1 });
  await test.close();
});
/** Whatever a test did: every entry comes to nothing, and nobody is owed or owes more than the invoices say. */
afterEach(async () => {
  const [sums] = await owner<{ wrong: string; patients: string; open: string }[]>`
    select (select count(*) from (select entry_id from ledger_line group by entry_id having sum(fen) <> 0) w) as wrong,
      (select coalesce(sum(fen), 0) from ledger_line where account = 'patients') as patients,
      (select coalesce(sum(own_fen), 0) from invoice where state = 'issued') as open`;
  expect(sums!.wrong).toBe("0");
  expect(sums!.patients).toBe(sums!.open);
});

const items = [
  { code: "visit-general", quantity: 1 },
  { code: "amlodipine-5", quantity: 28 },
];
const bill = async (more: Record<string, unknown> = {}) => {
  const shown = await wang.post("/api/billing/preview", { patientId: visit.patientId, items });
  expect(shown.status, JSON.stringify(shown.body)).toBe(200);
  const answer = await wang.post("/api/billing/invoices", {
    patientId: visit.patientId,
    items,
    encounterKind: "appointment",
    encounterId: visit.id,
    expectedOwnFen: shown.body.ownFen,
    ...more,
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.invoice as { id: string; ownFen: number; insuranceFen: number };
};
const see = async (id: string) => {
  const answer = await cashier.get("/api/billing/invoices");
  return answer.body.invoices.find((one: { id: string }) => one.id === id);
};
const begin = async (id: string) => {
  const answer = await gui.post(`/api/my/invoices/${id}/pay`, { provider: "sandbox" });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body as { paymentId: string; payUrl: string };
};
/** Press a button of the sandbox's page, as a browser does. */
const press = async ({ payUrl }: { payUrl: string }, state: string, told: string) => {
  const path = new URL(payUrl).pathname;
  const page = await test.app.inject({ method: "GET", url: path });
  expect(page.body).toContain(`do=${state}&amp;told=${told}`);
  return test.app.inject({
    method: "POST",
    url: `${path}?do=${state}&told=${told}`,
    // A browser sends our cookie along, and its form carries no token of ours.
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      cookie: gui.cookie,
      origin: "http://localhost:8080",
    },
  });
};
/** Everything that is due is told, until nothing is waiting. */
const heard = async () => {
  await payments.sandbox!.deliver();
  const [row] = await owner<{ waiting: string }[]>`
    select count(*) as waiting from sandbox_message where heard_at is null and due_at <= ${test.clock.now}`;
  return Number(row!.waiting);
};
const untilHeard = () => expect.poll(heard, { timeout: 15_000 }).toBe(0);
const callback = (event: Record<string, unknown>, headers?: Record<string, string>) => {
  const body = JSON.stringify(event);
  return test.app.inject({
    method: "POST",
    url: "/api/payments/callbacks/sandbox",
    headers: {
      "content-type": "application/json",
      ...(headers ?? signed(secret(), body, test.clock.now)),
    },
    payload: body,
  });
};
const told = (id: string, amountFen: number, type = "payment.succeeded") => ({
  eventId: randomUUID(),
  type,
  id,
  reference: "SBTEST",
  amountFen,
  at: test.clock.now.toISOString(),
});
const run = async (name: "billing:ask" | "billing:reconcile") =>
  billingTasks(test.services, payments.providers)[name]!(
    {},
    {
      db: test.services.db,
      clock: test.services.clock,
      log: silent,
      asJob: (work) => test.services.db.withActor(systemActor("test"), work),
    },
  );

describe("who may what", () => {
  it("is nothing for strangers, other patients and other houses", async () => {
    const { id } = await bill();
    const zhou = await test.as("zhouminhua");
    for (const who of [test.anonymous, stranger, zhou]) {
      for (const [method, url, body] of [
        ["post", `/api/my/invoices/${id}/pay`, { provider: "sandbox" }],
        ["get", `/api/my/invoices/${visit.patientId}`, undefined],
        ["post", `/api/billing/invoices/${id}/cash`, {}],
        ["post", `/api/billing/invoices/${id}/cancel`, { reason: "x" }],
        ["post", `/api/billing/invoices/${id}/refunds`, { amountFen: 1, reason: "goodwill" }],
        ["get", "/api/billing/ledger", undefined],
      ] as const) {
        const answer = method === "get" ? await who.get(url) : await who.post(url, body as object);
        expect([401, 403, 404], `${method} ${url}`).toContain(answer.status);
      }
    }
    // Who bills takes no money.
    expect((await wang.post(`/api/billing/invoices/${id}/cash`, {})).status).toBe(403);
    expect((await wang.get("/api/billing/ledger")).status).toBe(403);
    expect((await gui.post(`/api/billing/invoices/${id}/cash`, {})).status).toBe(403);
    expect(
      (await cashier.post(`/api/billing/invoices/${id}/cancel`, { reason: "测试" })).status,
    ).toBe(200);
  });

  it("is not even the application's: the database keeps books, amounts and order by itself", async () => {
    const { id } = await bill();
    const tries = [
      `update invoice set own_fen = 0, total_fen = insurance_fen where id = '${id}'`,
      `update invoice set state = 'balanced', balanced_at = now() where id = '${id}'`,
      `delete from invoice where id = '${id}'`,
      `update invoice_line set own_fen = 0 where invoice_id = '${id}'`,
      "update ledger_line set fen = fen + 1",
      "delete from ledger_entry",
      `insert into ledger_line (entry_id, account, fen) select id, 'provider', 5 from ledger_entry where source_id = '${id}'`,
      `insert into payment (invoice_id, institution_id, provider, amount_fen, expires_at, updated_at) select id, institution_id, 'sandbox', 1, now(), now() from invoice where id = '${id}'`,
    ];
    for (const statement of tries)
      await expect(owner.unsafe(statement), statement).rejects.toThrow();
    await cashier.post(`/api/billing/invoices/${id}/cash`, {});
  });

  it("follows the state tables that the database holds too", async () => {
    const rows = await owner<{ of: string; from_state: string; to_state: string }[]>`
      select * from billing_transition`;
    const ours = [
      ...invoiceSteps.map((step) => `invoice ${step.join(" ")}`),
      ...paymentSteps.map((step) => `payment ${step.join(" ")}`),
      ...refundSteps.map((step) => `refund ${step.join(" ")}`),
    ];
    expect(rows.map((row) => `${row.of} ${row.from_state} ${row.to_state}`).toSorted()).toEqual(
      ours.toSorted(),
    );
  });
});

describe("what is to be billed", () => {
  it("is filled in from the visit, and is gone once it is billed", async () => {
    const find = async () =>
      (await cashier.get("/api/billing/unbilled")).body.encounters.find(
        (one: { id: string }) => one.id === visit.id,
      );
    // The tests above have billed and paid this visit.
    expect(await find()).toBeUndefined();
    expect((await wang.get("/api/billing/unbilled")).status).toBe(200);
    expect((await gui.get("/api/billing/unbilled")).status).toBe(403);
    const [other] = await owner<{ id: string }[]>`
      insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel, relation, called_at)
      select 'B2LL3D', g.id, g.schedule_id, g.institution_id, g.department_id, ${test.ids.patients.get("xu")!}, g.day, g.starts_at, g.ends_at,
        'TB2LL3D', 'in-consultation', 'window', 'self', ${test.clock.now}
      from segment g where g.institution_id = ${test.ids.institutions.get("pengpu")!} order by g.starts_at limit 1 returning id`;
    const listed = (await cashier.get("/api/billing/unbilled")).body.encounters.find(
      (one: { id: string }) => one.id === other!.id,
    );
    expect(listed).toMatchObject({
      kind: "appointment",
      items: [{ code: "visit-general", quantity: 1 }],
      unpriced: [],
      scheme: "self-pay",
    });
  });
});

describe("prices", () => {
  const proposal = {
    code: "ecg-12",
    category: "test",
    name: { zh: "十二导联心电图", en: "12-lead ECG", bo: "སྙིང་གི་གློག་རིས།" },
    unitFen: 2_600,
    insured: true,
    validFrom: "2026-12-01",
  };
  it("are proposed by one and approved by another; the one before ends that day", async () => {
    const first = await cashier.post("/api/billing/prices", {
      ...proposal,
      validFrom: "2026-11-01",
    });
    expect(first.status).toBe(200);
    const find = (
      answer: { body: { prices: { code: string; unitFen: number; id: string }[] } },
      fen: number,
    ) => answer.body.prices.find((one) => one.code === proposal.code && one.unitFen === fen)!;
    const { id } = find(first, 2_600);
    expect(
      (await cashier.post(`/api/billing/prices/${id}`, { verdict: "approved" })).body.code,
    ).toBe("billing.second-person");
    expect((await wang.post(`/api/billing/prices/${id}`, { verdict: "approved" })).status).toBe(
      403,
    );
    expect((await second.post(`/api/billing/prices/${id}`, { verdict: "approved" })).status).toBe(
      200,
    );
    const dearer = find(
      await cashier.post("/api/billing/prices", { ...proposal, unitFen: 3_000 }),
      3_000,
    );
    const list = await second.post(`/api/billing/prices/${dearer.id}`, { verdict: "approved" });
    expect(find(list, 2_600)).toMatchObject({ validUntil: "2026-12-01", state: "approved" });
    // Today it costs what it costs today, and in December what was approved for December.
    const costs = async () =>
      (
        await wang.post("/api/billing/preview", {
          patientId: visit.patientId,
          items: [{ code: "ecg-12", quantity: 1 }],
        })
      ).body.totalFen;
    expect(await costs()).toBe(2_600);
    await enter(new Date("2026-12-02T02:00:00Z"));
    expect(await costs()).toBe(3_000);
  });

  it("that changed between the showing and the billing bill nothing", async () => {
    const answer = await wang.post("/api/billing/invoices", {
      patientId: visit.patientId,
      items,
      encounterKind: "appointment",
      encounterId: visit.id,
      expectedOwnFen: 1,
    });
    expect(answer.body.code).toBe("billing.price-changed");
  });

  it("are asked of what has one, of this patient's own visit", async () => {
    const ask = (more: object) =>
      wang.post("/api/billing/invoices", {
        patientId: visit.patientId,
        items,
        encounterKind: "appointment",
        encounterId: visit.id,
        expectedOwnFen: 2_260,
        ...more,
      });
    expect((await ask({ items: [{ code: "nothing-of-ours", quantity: 1 }] })).body.code).toBe(
      "billing.no-price",
    );
    expect((await ask({ items: [{ code: "visit-general", quantity: -1 }] })).status).toBe(400);
    const { ownFen } = (
      await wang.post("/api/billing/preview", { patientId: visit.patientId, items })
    ).body;
    expect((await ask({ encounterId: randomUUID(), expectedOwnFen: ownFen })).body.code).toBe(
      "billing.no-encounter",
    );
  });

  it("are split by the insurance that the card shows, which is kept with the invoice", async () => {
    const shown = async (scheme?: string) =>
      (
        await wang.post("/api/billing/preview", {
          patientId: visit.patientId,
          items,
          ...(scheme && { scheme }),
        })
      ).body;
    expect(await shown()).toMatchObject({ scheme: "self-pay", insuranceFen: 0 });
    const { totalFen, insuranceFen, ownFen } = await shown("resident");
    expect(insuranceFen).toBeGreaterThan(totalFen / 2);
    expect(insuranceFen + ownFen).toBe(totalFen);
    expect(await shown()).toMatchObject({ scheme: "self-pay" });
    const { id } = await bill({ scheme: "resident", expectedOwnFen: ownFen });
    expect(await shown()).toMatchObject({ scheme: "resident", ownFen });
    await cashier.post(`/api/billing/invoices/${id}/cash`, {});
  });
});

describe("paying", () => {
  it("goes by the provider's page, and what it tells balances the invoice", async () => {
    const due = await bill();
    const order = await begin(due.id);
    expect(await begin(due.id)).toEqual(order);
    const done = await press(order, "paid", "at-once");
    expect(done.statusCode).toBe(303);
    await untilHeard();
    expect(await see(due.id)).toMatchObject({
      state: "balanced",
      payments: [{ state: "succeeded", amountFen: due.ownFen, surplus: false }],
    });
    expect(
      (await gui.post(`/api/my/invoices/${due.id}/pay`, { provider: "sandbox" })).body.code,
    ).toBe("billing.nothing-due");
    // The page again, by its back button: it is over.
    expect(
      (await test.app.inject({ method: "GET", url: new URL(order.payUrl).pathname })).body,
    ).toContain("已结束");
  });

  it("is booked once when it is told twice, and once more with other words is not believed", async () => {
    const due = await bill();
    const order = await begin(due.id);
    await press(order, "paid", "twice");
    await untilHeard();
    const again = told(order.paymentId, due.ownFen);
    expect((await callback(again)).statusCode).toBe(200);
    expect((await callback(again)).statusCode).toBe(200);
    expect((await callback({ ...again, amountFen: 1 })).statusCode).toBe(401);
    expect(await see(due.id)).toMatchObject({ state: "balanced", payments: [{ surplus: false }] });
    const [entries] = await owner`
      select count(*)::int as n from ledger_entry where source_id = ${order.paymentId}`;
    expect(entries).toEqual({ n: 1 });
  });

  it("is asked after when nothing is told, and heard late when it is told late", async () => {
    const lost = await bill();
    await press(await begin(lost.id), "paid", "never");
    const late = await bill();
    await press(await begin(late.id), "paid", "late");
    await untilHeard();
    expect((await see(lost.id)).state).toBe("issued");
    expect((await see(late.id)).state).toBe("issued");
    test.clock.now = new Date(start.getTime() + 61_000);
    await run("billing:ask");
    expect((await see(lost.id)).state).toBe("balanced");
    test.clock.now = new Date(start.getTime() + 125_000);
    await untilHeard();
    expect(await see(late.id)).toMatchObject({ state: "balanced", payments: [{ surplus: false }] });
  });

  it("that was declined may be tried anew; a failure told after the money changes nothing", async () => {
    const due = await bill();
    const refused = await begin(due.id);
    await press(refused, "declined", "at-once");
    await untilHeard();
    expect((await see(due.id)).payments).toMatchObject([{ state: "failed" }]);
    const next = await begin(due.id);
    expect(next.paymentId).not.toBe(refused.paymentId);
    await press(next, "paid", "at-once");
    await untilHeard();
    await callback(told(next.paymentId, due.ownFen, "payment.failed"));
    expect(await see(due.id)).toMatchObject({ state: "balanced" });
    expect((await see(due.id)).payments[1].state).toBe("succeeded");
  });

  it("twice at the same time gives the second back by itself", async () => {
    const due = await bill();
    const first = await begin(due.id);
    await press(first, "paid", "never");
    // Nothing was heard, so somebody pays at the desk.
    expect((await cashier.post(`/api/billing/invoices/${due.id}/cash`, {})).status).toBe(200);
    await callback(told(first.paymentId, due.ownFen));
    const seen = await see(due.id);
    expect(seen.payments.filter((one: { surplus: boolean }) => one.surplus)).toHaveLength(1);
    expect(seen.refunds).toMatchObject([{ reason: "surplus", amountFen: due.ownFen }]);
    expect(seen.refundedFen).toBe(0);
    test.clock.now = new Date(start.getTime() + 61_000);
    await run("billing:ask");
    await untilHeard();
    expect((await see(due.id)).refunds).toMatchObject([{ state: "succeeded" }]);
  });

  it("a cancelled invoice gives everything back that still comes", async () => {
    const due = await bill();
    const order = await begin(due.id);
    await cashier.post(`/api/billing/invoices/${due.id}/cancel`, { reason: "开错了" });
    await callback(told(order.paymentId, due.ownFen));
    expect(await see(due.id)).toMatchObject({
      state: "cancelled",
      refunds: [{ reason: "surplus", amountFen: due.ownFen }],
    });
  });

  it("is believed from nobody else", async () => {
    const due = await bill();
    const order = await begin(due.id);
    const event = told(order.paymentId, due.ownFen);
    const body = JSON.stringify(event);
    for (const headers of [
      {},
      signed("another secret", body, test.clock.now),
      signed(secret(), `${body} `, test.clock.now),
      signed(secret(), body, new Date(test.clock.now.getTime() - 3_600_000)),
    ])
      expect((await callback(event, headers)).statusCode).toBe(401);
    const wrong = await callback({ ...event, amountFen: due.ownFen - 1 });
    expect(wrong.statusCode).toBe(200);
    expect((await callback(told(randomUUID(), 5))).statusCode).toBe(404);
    expect((await callback({ ...event, eventId: "x", type: "payment.stolen" })).statusCode).toBe(
      400,
    );
    expect((await see(due.id)).state).toBe("issued");
    const elsewhere = await test.app.inject({
      method: "POST",
      url: "/api/payments/callbacks/nobody",
      headers: { "content-type": "application/json" },
      payload: "{}",
    });
    expect(elsewhere.statusCode).toBe(404);
    await press(order, "paid", "at-once");
    await untilHeard();
  });
});

describe("giving back", () => {
  it("is some, then the rest, and never more", async () => {
    const due = await bill();
    await press(await begin(due.id), "paid", "at-once");
    await untilHeard();
    const ask = (amountFen: number) =>
      cashier.post(`/api/billing/invoices/${due.id}/refunds`, {
        amountFen,
        reason: "medicine-returned",
      });
    expect((await ask(due.ownFen + 1)).body.code).toBe("billing.too-much");
    expect((await ask(100)).status).toBe(200);
    expect((await ask(due.ownFen - 100)).status).toBe(200);
    expect((await ask(1)).body.code).toBe("billing.too-much");
    test.clock.now = new Date(start.getTime() + 61_000);
    await run("billing:ask");
    await untilHeard();
    expect((await see(due.id)).refunds.map((one: { state: string }) => one.state)).toEqual([
      "succeeded",
      "succeeded",
    ]);
    const [left] = await owner`
      select coalesce(sum(l.fen), 0)::int as fen from ledger_line l join ledger_entry e on e.id = l.entry_id
      where l.account = 'refunds'
        and e.source_id in (select r.id from refund r join payment p on p.id = r.payment_id where p.invoice_id = ${due.id})`;
    expect(left).toEqual({ fen: 0 });
  });

  it("of what nobody paid is refused; cash is given back in the hand", async () => {
    const due = await bill();
    const ask = () =>
      cashier.post(`/api/billing/invoices/${due.id}/refunds`, {
        amountFen: 100,
        reason: "goodwill",
      });
    expect((await ask()).body.code).toBe("billing.nothing-paid");
    await cashier.post(`/api/billing/invoices/${due.id}/cash`, {});
    const both = await Promise.all([ask(), ask()]);
    expect(both.map((one) => one.status)).toEqual([200, 200]);
    expect((await see(due.id)).refunds).toMatchObject([
      { state: "succeeded" },
      { state: "succeeded" },
    ]);
    expect(
      (await cashier.post(`/api/billing/invoices/${due.id}/cancel`, { reason: "x" })).body.code,
    ).toBe("billing.illegal-step");
  });
});

describe("a day", () => {
  it("is compared with the provider's: what was lost is taken over, what differs is listed and cleared up", async () => {
    await enter(new Date("2026-11-25T02:00:00Z"));
    const lost = await bill();
    await press(await begin(lost.id), "paid", "never");
    const other = await bill();
    const order = await begin(other.id);
    // The provider never heard of this one, and somebody with its secret says it was paid.
    await callback(told(order.paymentId, other.ownFen));
    await enter(new Date("2026-11-25T19:00:00Z"));
    await run("billing:reconcile");
    expect((await see(lost.id)).state).toBe("balanced");
    const ledger = (await cashier.get("/api/billing/ledger")).body;
    const day = ledger.days.find((one: { day: string }) => one.day === "2026-11-25");
    expect(day.differences).toMatchObject([
      { movementId: order.paymentId, kind: "only-here", oursFen: other.ownFen, clearedAt: null },
    ]);
    const clear = () =>
      cashier.post("/api/billing/differences", {
        reconciliationId: day.id,
        movementId: order.paymentId,
        note: "已与支付方核对",
      });
    expect((await clear()).status).toBe(200);
    expect((await clear()).status).toBe(404);
    // Compared once more, what a person cleared up stays so.
    await run("billing:reconcile");
    const again = (await cashier.get("/api/billing/ledger")).body.days.find(
      (one: { day: string }) => one.day === "2026-11-25",
    );
    expect(again.differences).toMatchObject([{ clearedNote: "已与支付方核对" }]);
  });

  it("without the provider takes no money and says so", async () => {
    const due = await bill();
    const [name, provider] = [...payments.providers][0]!;
    const away = createPayments(
      { ...test.services, publicUrl: "http://127.0.0.1:9" },
      { localUrl: "http://127.0.0.1:9", cookieSecret: "x" },
    ).providers.get("sandbox")!;
    (payments.providers as Map<string, typeof provider>).set(name, away);
    const answer = await gui.post(`/api/my/invoices/${due.id}/pay`, { provider: "sandbox" });
    expect(answer.body.code).toBe("billing.provider-away");
    (payments.providers as Map<string, typeof provider>).set(name, provider);
    await press(await begin(due.id), "paid", "at-once");
    await untilHeard();
    expect((await see(due.id)).state).toBe("balanced");
  });
});
