import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { extendChain, verifyChain } from "../../server/audit/service.ts";
import { consultStates, consultTransitions } from "../../server/consult/domain.ts";
import { demoActor } from "../../server/demo/load.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
let admin: postgres.Sql;
beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const staff = (login: string, institution?: string) => demoActor(test.ids, login, institution);
const count = (actor: Actor, table: string) =>
  test.services.db.withActor(actor, async (tx) =>
    Number(
      (await tx.execute<{ count: string }>(sql.raw(`select count(*) from ${table}`)))[0]!.count,
    ),
  );

/** Queries that forgot their WHERE: the rows decide. */
describe("row policies", () => {
  it("show nothing at all to a transaction that names no actor", async () => {
    const plain = postgres(test.database.app, { max: 1 });
    const tables = await admin<
      { tablename: string }[]
    >`select tablename from pg_tables where schemaname = 'public' and tablename <> 'consult_transition'`;
    for (const { tablename } of tables) {
      const [row] = await plain.unsafe(`select count(*)::int as count from ${tablename}`);
      expect(row!.count, tablename).toBe(0);
    }
    await plain.end();
  });

  it("are on and forced for every table, and bind the application's role", async () => {
    const open =
      await admin`select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)`;
    expect(open).toEqual([]);
    const [role] =
      await admin`select rolsuper, rolbypassrls from pg_roles where rolname = 'yilian_app'`;
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false });
    const owned =
      await admin`select 1 from pg_tables where schemaname = 'public' and tableowner <> 'yilian_owner'`;
    expect(owned).toHaveLength(0);
  });

  it("keep consults, patients, consents and files of other institutions out of sight", async () => {
    const hejing = staff("hejing");
    for (const table of [
      "consult",
      "patient",
      "patient_contact",
      "consult_consent",
      "consult_step",
      "consult_opinion",
      "attachment",
      "consult_message",
    ]) {
      expect(await count(hejing, table), table).toBe(0);
    }
    expect(await count(staff("danzeng"), "consult")).toBe(3);
    // The desk sees what was sent, not the drafts.
    expect(await count(staff("lijia"), "consult")).toBe(4);
    expect(await count(staff("danzeng"), "session")).toBe(0);
    expect(await count(staff("danzeng"), "staff_account")).toBe(0);
    expect(await count(staff("danzeng"), "sms_message")).toBe(0);
  });

  it("show a family its own child and nothing else", async () => {
    const phoneIndex = test.services.vault.blindIndex("phone", "13800138001");
    const family: Actor = {
      kind: "patient",
      phoneIndex,
      patientIds: [],
      sessionId: "s",
      language: "zh-CN",
    };
    expect(await count(family, "patient")).toBe(1);
    // The child's request is still a draft of the doctor.
    expect(await count(family, "consult")).toBe(0);
    expect(
      await count(
        { ...family, phoneIndex: test.services.vault.blindIndex("phone", "13800138099") },
        "patient",
      ),
    ).toBe(0);
  });

  it("refuse writes in another institution's name", async () => {
    const danzeng = staff("danzeng");
    const other = test.ids.institutions.get("xuhui-central")!;
    const insert = test.services.db.withActor(danzeng, (tx) =>
      tx.execute(
        sql`insert into patient (full_name, sex, managing_institution_id, updated_at) values ('x', 'male', ${other}, now())`,
      ),
    );
    await expect(insert).rejects.toMatchObject({ cause: { code: "42501" } });
  });
});

describe("the database decides", () => {
  it("holds the same state order as the domain", async () => {
    const rows = await admin<
      { from_state: string; to_state: string }[]
    >`select from_state, to_state from consult_transition`;
    const table = new Set(rows.map((row) => `${row.from_state}>${row.to_state}`));
    const domain = new Set(
      consultStates.flatMap((from) => consultTransitions[from].map((to) => `${from}>${to}`)),
    );
    expect(table).toEqual(domain);
  });

  it("refuses every illegal step, whoever asks", async () => {
    const [row] = await admin<
      { id: string; version: number }[]
    >`select id, version from consult where state = 'submitted' limit 1`;
    const illegal = consultStates.filter(
      (to) => to !== "submitted" && !consultTransitions.submitted.includes(to),
    );
    for (const to of illegal) {
      const step = test.services.db.withActor(systemActor("test"), (tx) =>
        tx.execute(
          sql`update consult set state = ${to}::consult_state, version = version + 1 where id = ${row!.id}`,
        ),
      );
      await expect(step, to).rejects.toMatchObject({
        cause: { constraint_name: "consult_state_order" },
      });
    }
    const jump = test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute(sql`update consult set complaint = 'x' where id = ${row!.id}`),
    );
    await expect(jump).rejects.toMatchObject({ cause: { constraint_name: "consult_version" } });
  });

  it("lets two desks accept at once: one wins, the other is told who", async () => {
    const lijia = await test.as("lijia");
    const queue = (await lijia.get("/api/consults?scope=desk")).body.consults as {
      id: string;
      state: string;
      version: number;
    }[];
    const open = queue.find((one) => one.state === "submitted")!;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        lijia.post(`/api/consults/${open.id}/actions`, { action: "accept", version: open.version }),
      ),
    );
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1);
    const lost = answers.filter((one) => one.status !== 200);
    expect(lost.map((one) => [one.status, one.body.code, one.body.params.by])).toEqual(
      lost.map(() => [409, "consult.changed-meanwhile", "李佳"]),
    );
  });

  it("never lets the application change or delete a trace", async () => {
    for (const statement of [
      "update audit_event set action = 'x'",
      "delete from audit_event",
      "delete from consult_step",
      "delete from audit_chain",
      "delete from consult",
    ]) {
      const attempt = test.services.db.withActor(systemActor("test"), (tx) =>
        tx.execute(sql.raw(statement)),
      );
      await expect(attempt, statement).rejects.toMatchObject({ cause: { code: "42501" } });
    }
  });
});

describe("the audit chain", () => {
  const asJob = <T>(
    work: (tx: Parameters<Parameters<typeof test.services.db.withActor>[1]>[0]) => Promise<T>,
  ) => test.services.db.withActor(systemActor("test"), work as never) as Promise<T>;

  it("verifies, reports the unchained tail, and names the first changed event", async () => {
    const before = await asJob((tx) => verifyChain(tx));
    expect(before.unchained).toBeGreaterThan(10);
    while ((await asJob((tx) => extendChain(tx, 20, 0))) > 0);
    const chained = await asJob((tx) => verifyChain(tx));
    expect(chained).toMatchObject({ brokenAt: null, unchained: 0 });
    expect(chained.checked).toBeGreaterThan(10);
    await admin`update audit_event set actor_name = 'nobody' where id = (select event_id from audit_chain where position = 7)`;
    expect((await asJob((tx) => verifyChain(tx))).brokenAt).toBe(7);
  });
});

describe("transactions under load", () => {
  it("are never lost beside plain statements", async () => {
    const { db } = test.services;
    const actor = staff("danzeng");
    const plain = async (index: number) =>
      (await db.plain<{ value: number }[]>`select ${index}::int as value`)[0]!.value === index;
    const inTransaction = () =>
      db.withActor(actor, async (tx) => {
        const [row] = await tx.execute<{ person: string }>(
          sql`select app.person()::text as person`,
        );
        return row!.person === actor.personId;
      });
    const right = await Promise.all(
      Array.from({ length: 1500 }, (_, index) =>
        index % 3 === 0 ? plain(index) : inTransaction(),
      ),
    );
    expect(right.filter((one) => !one)).toHaveLength(0);
  });
});
