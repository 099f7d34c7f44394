import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { extendChain, verifyChain } from "../../server/audit/service.ts";
import {
  consultActions,
  consultStates,
  consultTransitions,
  defaultConsultClocks,
  nextConsultState,
  possibleActions,
} from "../../server/consult/domain.ts";
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

/** What the database makes of a statement of this actor; nothing of it stays. */
async function outcome(actor: Actor, ...statements: SQL[]): Promise<string> {
  const undo = new Error("undo");
  let touched = 0;
  try {
    await test.services.db.withActor(actor, async (tx) => {
      for (const statement of statements) {
        const answer = await tx.execute(statement);
        touched = (answer as unknown as { count: number }).count;
      }
      throw undo;
    });
  } catch (error) {
    if (error === undo) return touched > 0 ? "done" : "no row";
    const cause = (error as { cause?: { code?: string; constraint_name?: string } }).cause;
    return cause?.constraint_name ?? cause?.code ?? String(error);
  }
  return "";
}

const consultOf = async (patient: string) => {
  const [row] = await admin<{ id: string; version: number; state: string }[]>`
    select c.id, c.version, c.state from consult c join patient p on p.id = c.patient_id where p.full_name = ${patient}`;
  return row!;
};
const set = (id: string, changes: SQL) =>
  sql`update consult set ${changes}, version = version + 1 where id = ${id}`;

describe("the sides of a consult", () => {
  it("change only what is theirs", async () => {
    const { id } = await consultOf("次仁");
    const attending = staff("danzeng");
    const desk = staff("lijia");
    const columns: [SQL, string, string][] = [
      [sql`complaint = 'x'`, "done", "consult_side"],
      [sql`vitals = '{"spo2Percent": 99}'`, "done", "consult_side"],
      [sql`callback_phone = '1'`, "done", "consult_side"],
      [
        sql`scheduled_start = now(), scheduled_end = now() + interval '1 hour'`,
        "consult_side",
        "done",
      ],
      [sql`accepted_by = ${desk.personId}`, "consult_side", "done"],
      [
        sql`department_id = null, accepted_by = ${attending.personId}`,
        "consult_side",
        "consult_side",
      ],
      [sql`acknowledged_at = now()`, "consult_stamp", "consult_side"],
      [sql`treatment_decision = 'x'`, "consult_stamp", "consult_side"],
      [sql`read_back = '{}'`, "consult_stamp", "consult_side"],
      [sql`signed_at = now()`, "consult_side", "consult_stamp"],
      [sql`urgency = 'routine'`, "consult_stamp", "consult_side"],
      [sql`archived_at = now()`, "consult_stamp", "consult_stamp"],
      [sql`escalated_at = now()`, "consult_side", "consult_side"],
      [sql`started_at = now()`, "consult_side", "consult_side"],
      [sql`requester_id = ${desk.personId}`, "consult_side", "consult_side"],
      [sql`number = 'x'`, "consult_side", "consult_side"],
      [sql`inviting_archived_at = now()`, "done", "consult_side"],
      [sql`invited_archived_at = now()`, "consult_side", "done"],
    ];
    for (const [index, [change, inviting, invited]] of columns.entries()) {
      expect(await outcome(attending, set(id, change)), `inviting ${index}`).toBe(inviting);
      expect(await outcome(desk, set(id, change)), `invited ${index}`).toBe(invited);
    }
    for (const other of ["hejing", "zhaxidunzhu", "wangjianguo"])
      expect(await outcome(staff(other), set(id, sql`complaint = 'x'`)), other).toBe("no row");
    // An ordinary request that was sent stands as it was sent.
    const sent = await consultOf("扎西");
    expect(await outcome(staff("zhaxidunzhu"), set(sent.id, sql`question = 'x'`))).toBe(
      "consult_content",
    );
  });

  it("take only their steps, the same as in the domain", async () => {
    const rows = await admin<
      { from_state: string; to_state: string; side: string }[]
    >`select from_state, to_state, side from consult_transition`;
    const table = new Set(rows.map((row) => `${row.from_state}>${row.to_state} ${row.side}`));
    const domain = new Set(
      consultStates.flatMap((from) =>
        possibleActions(from).map(
          (action) => `${from}>${nextConsultState(from, action)} ${consultActions[action].side}`,
        ),
      ),
    );
    expect(table).toEqual(domain);
    const { id } = await consultOf("次仁");
    const state = (to: string) => set(id, sql`state = ${to}::consult_state`);
    const attending = staff("danzeng");
    const desk = staff("lijia");
    expect(await outcome(desk, state("submitted"))).toBe("consult_side");
    expect(await outcome(attending, state("submitted"))).toBe("done");
    expect(await outcome(attending, state("declined"))).toBe("consult_side");
    expect(await outcome(desk, state("declined"))).toBe("done");
    expect(await outcome(desk, state("cancelled"))).toBe("consult_side");
    const done = await consultOf("洛桑");
    const archived = set(
      done.id,
      sql`state = 'archived', archived_at = now(), inviting_archived_at = now()`,
    );
    expect(await outcome(attending, archived)).toBe("consult_archive");
    const draft = sql`insert into consult (number, patient_id, inviting_institution_id, requester_id, updated_at, signed_at)
      select 'x', patient_id, inviting_institution_id, requester_id, now(), now() from consult where id = ${id}`;
    expect(await outcome(attending, draft)).toBe("consult_side");
  });

  it("have named every column of a consult", async () => {
    const [row] = await admin<{ columns: string[] }[]>`
      select array(select column_name::text from information_schema.columns where table_schema = 'public' and table_name = 'consult'
        except select unnest(app.consult_columns(part)) from unnest(array['content', 'request', 'decision', 'inviting', 'signature', 'invited', 'either']) part) as columns`;
    expect(row!.columns.sort()).toEqual([
      "created_at",
      "escalated_at",
      "id",
      "inviting_institution_id",
      "number",
      "patient_id",
      "requester_id",
      "started_at",
    ]);
  });

  it("do not let interpreters and observers of elsewhere change anything", async () => {
    const { id } = await consultOf("次仁");
    const hejing = staff("hejing");
    const join = sql`insert into consult_participant (consult_id, person_id, institution_id, role)
      values (${id}, ${hejing.personId}, ${hejing.institutionId}, 'interpreter')`;
    await test.services.db.withActor(systemActor("test"), (tx) => tx.execute(join));
    expect(await count(hejing, "consult")).toBe(1);
    expect(await outcome(hejing, set(id, sql`complaint = 'x'`))).toBe("no row");
    const own = sql`insert into consult_message (consult_id, by_person_id, by_institution_id, text, at)
      values (${id}, ${hejing.personId}, ${hejing.institutionId}, 'x', now())`;
    expect(await outcome(hejing, own)).toBe("42501");
    const away = sql`delete from consult_participant where person_id = ${hejing.personId}`;
    await test.services.db.withActor(systemActor("test"), (tx) => tx.execute(away));
  });

  it("leave consents and relatives to the inviting one", async () => {
    const { id } = await consultOf("次仁");
    const attending = staff("danzeng");
    const desk = staff("lijia");
    const consent = (by: string, kind = "observers", method = "fingerprint") =>
      sql`insert into consult_consent (consult_id, kind, given, method, language, text_version, signer_name, signer_relation, witness_name, reason, recorded_by, recorded_at)
        values (${id}, ${kind}::consent_kind, true, ${method}::consent_method, 'bo', '2026-01', 'x', 'mother', 'x', 'x', ${by}, now())`;
    expect(await outcome(desk, consent(desk.personId))).toBe("42501");
    expect(await outcome(attending, consent(desk.personId))).toBe("42501");
    expect(await outcome(attending, consent(attending.personId))).toBe("done");
    expect(await outcome(attending, consent(attending.personId, "observers", "emergency"))).toBe(
      "consent_emergency",
    );
    const withdraw = sql`update consult_consent set withdrawn_at = now() where consult_id = ${id}`;
    expect(await outcome(desk, withdraw)).toBe("no row");
    expect(await outcome(attending, withdraw)).toBe("done");
    expect(await outcome(attending, withdraw, withdraw)).toBe("consent_fixed");
    expect(
      await outcome(
        attending,
        sql`update consult_consent set signer_name = 'y' where consult_id = ${id}`,
      ),
    ).toBe("consent_fixed");
    const guest = (by: string) =>
      sql`insert into consult_guest (consult_id, name, relation, secret_hash, consent_id, invited_by, expires_at)
        select ${id}, 'x', 'x', '\\x00', c.id, ${by}, now() from consult_consent c where c.consult_id = ${id} order by c.kind desc limit 1`;
    expect(await outcome(desk, guest(desk.personId))).toBe("42501");
    // Not on a consent to something else.
    expect(await outcome(attending, guest(attending.personId))).toBe("42501");
    expect(
      await outcome(attending, consent(attending.personId, "relative"), guest(attending.personId)),
    ).toBe("done");
  });

  it("leave who takes part to the invited one, but for the attending doctor", async () => {
    const { id } = await consultOf("次仁");
    const join = (who: Actor, role: string, at: Actor = who, lead = false) =>
      who.kind === "staff" && at.kind === "staff"
        ? sql`insert into consult_participant (consult_id, person_id, institution_id, role, lead)
            values (${id}, ${who.personId}, ${at.institutionId}, ${role}::participant_role, ${lead})`
        : sql`select 1`;
    const attending = staff("danzeng");
    const desk = staff("lijia");
    const zhou = staff("zhouminhua");
    const observer = staff("sunxiao");
    expect(await outcome(attending, join(zhou, "specialist", zhou, true))).toBe("42501");
    expect(await outcome(staff("chenliming"), join(staff("chenliming"), "attending"))).toBe("done");
    expect(await outcome(desk, join(zhou, "specialist", zhou, true))).toBe("done");
    expect(await outcome(desk, join(zhou, "attending"))).toBe("42501");
    expect(await outcome(desk, join(staff("chenliming"), "specialist"))).toBe("participant_side");
    expect(await outcome(desk, join(staff("lazhen"), "interpreter", desk, true))).toBe(
      "participant_lead",
    );
    expect(await outcome(desk, join(observer, "observer"))).toBe("observer_consent");
    expect(await outcome(staff("hejing"), join(staff("hejing"), "interpreter"))).toBe("42501");
    const remove = sql`delete from consult_participant where consult_id = ${id}`;
    expect(await outcome(attending, remove)).toBe("no row");
    expect(await outcome(desk, remove)).toBe("no row");
    const done = await consultOf("洛桑");
    const specialists = sql`delete from consult_participant where consult_id = ${done.id} and role = 'specialist'`;
    expect(await outcome(desk, specialists)).toBe("no row");
  });

  it("take observers out with the consent, whichever query took it back", async () => {
    const { id } = await consultOf("次仁");
    const attending = staff("danzeng");
    const observer = staff("sunxiao");
    const system = systemActor("test");
    const consent = (given: boolean) =>
      sql`insert into consult_consent (consult_id, kind, given, method, language, text_version, signer_name, signer_relation, witness_name, reason, recorded_by, recorded_at)
        values (${id}, 'observers', ${given}, 'fingerprint', 'bo', '2026-01', 'x', 'mother', 'x', 'x', ${attending.personId}, now())`;
    const join = sql`insert into consult_participant (consult_id, person_id, institution_id, role)
      values (${id}, ${observer.personId}, ${observer.institutionId}, 'observer')`;
    const there = sql`update consult_participant set created_at = created_at where consult_id = ${id} and role = 'observer'`;
    const withdraw = sql`update consult_consent set withdrawn_at = now() where consult_id = ${id} and kind = 'observers'`;
    expect(await outcome(system, consent(true), join, there)).toBe("done");
    expect(await outcome(system, consent(true), join, withdraw, there)).toBe("no row");
    expect(await outcome(system, consent(true), join, consent(false), there)).toBe("no row");
    // By the inviting side itself, whose policies let only these leave.
    await test.services.db.withActor(system, async (tx) => {
      await tx.execute(consent(true));
      await tx.execute(join);
    });
    const observers = async () =>
      (
        await admin`select 1 from consult_participant where consult_id = ${id} and role = 'observer'`
      ).length;
    const leave = sql`delete from consult_participant where consult_id = ${id} and role = 'observer'`;
    expect(await outcome(attending, leave)).toBe("no row");
    expect(await observers()).toBe(1);
    await test.services.db.withActor(attending, (tx) => tx.execute(withdraw));
    expect(await observers()).toBe(0);
  });

  it("leave the opinion to its specialists, and the signature to the one who leads", async () => {
    const { id } = await consultOf("次仁");
    const system = systemActor("test");
    const zhou = staff("zhouminhua");
    const wu = staff("wuqihang");
    await test.services.db.withActor(system, (tx) =>
      tx.execute(sql`insert into consult_participant (consult_id, person_id, institution_id, role, lead)
        values (${id}, ${zhou.personId}, ${zhou.institutionId}, 'specialist', true), (${id}, ${wu.personId}, ${wu.institutionId}, 'specialist', false)`),
    );
    const begin = sql`insert into consult_opinion (consult_id, updated_at) values (${id}, now())`;
    const write = (by: string) =>
      sql`update consult_opinion set plan = 'x', edited_by = ${by} where consult_id = ${id}`;
    const signed = (by: string) =>
      sql`update consult_opinion set jws = 'x', kid = 'x', signed_at = now(), signed_by = ${by} where consult_id = ${id}`;
    for (const other of ["danzeng", "lijia", "lazhen"])
      expect(await outcome(staff(other), begin), other).toBe("42501");
    expect(await outcome(zhou, begin, write(zhou.personId))).toBe("done");
    expect(await outcome(zhou, begin, write(wu.personId))).toBe("opinion_author");
    expect(await outcome(wu, begin, write(wu.personId))).toBe("done");
    expect(await outcome(wu, begin, signed(wu.personId))).toBe("opinion_author");
    expect(await outcome(zhou, begin, signed(wu.personId))).toBe("opinion_author");
    expect(await outcome(zhou, begin, signed(zhou.personId))).toBe("done");
    await test.services.db.withActor(system, (tx) =>
      tx.execute(
        sql`delete from consult_participant where consult_id = ${id} and role = 'specialist'`,
      ),
    );
  });

  it("write steps, messages and traces in the own name", async () => {
    const { id } = await consultOf("次仁");
    const danzeng = staff("danzeng");
    const lijia = staff("lijia");
    const step = (who: typeof danzeng, name = who.name) =>
      sql`insert into consult_step (consult_id, action, to_state, by_person_id, by_institution_id, by_name, at)
        values (${id}, 'x', 'submitted', ${who.personId}, ${who.institutionId}, ${name}, now())`;
    const message = (who: typeof danzeng) =>
      sql`insert into consult_message (consult_id, by_person_id, by_institution_id, text, at)
        values (${id}, ${who.personId}, ${who.institutionId}, 'x', now())`;
    const trace = (who: typeof danzeng, kind = "staff", name = who.name) =>
      sql`insert into audit_event (actor_kind, actor_id, actor_name, institution_id, action, entity_type)
        values (${kind}, ${who.personId}, ${name}, ${who.institutionId}, 'x', 'x')`;
    for (const write of [step, message, trace]) {
      expect(await outcome(danzeng, write(danzeng)), write.name).toBe("done");
      expect(await outcome(danzeng, write(lijia)), write.name).toBe("42501");
      expect(
        await outcome(danzeng, write({ ...danzeng, institutionId: lijia.institutionId })),
        write.name,
      ).toBe("42501");
    }
    expect(await outcome(danzeng, step(danzeng, lijia.name))).toBe("42501");
    expect(await outcome(danzeng, trace(danzeng, "system"))).toBe("42501");
    expect(await outcome(danzeng, trace(danzeng, "staff", lijia.name))).toBe("42501");
    const presence = sql`insert into consult_presence (event_id, consult_id, type, at) values ('x', ${id}, 'peer-joined', now())`;
    expect(await outcome(danzeng, presence)).toBe("42501");
  });

  it("show the patient the opinion after the attending doctor, or after the delay", async () => {
    const { id } = await consultOf("洛桑");
    const luosang: Actor = {
      kind: "patient",
      phoneIndex: test.services.vault.blindIndex("phone", "13800138004"),
      patientIds: [],
      sessionId: "s",
      language: "zh-CN",
    };
    expect(await count(luosang, "consult_opinion")).toBe(1);
    expect(await count(luosang, "signing_key")).toBe(1);
    const [before] = await admin<
      { at: Date }[]
    >`select acknowledged_at as at from consult where id = ${id}`;
    const stamp = (acknowledged: Date | null, signed: string) =>
      admin.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`update consult set acknowledged_at = ${acknowledged} where id = ${id}`;
        await tx`update consult_opinion set signed_at = clock_timestamp() - ${signed}::interval where consult_id = ${id}`;
      });
    await stamp(null, "47 hours");
    expect(await count(luosang, "consult_opinion")).toBe(0);
    expect(await count(luosang, "signing_key")).toBe(0);
    await stamp(null, "49 hours");
    expect(await count(luosang, "consult_opinion")).toBe(1);
    await stamp(before!.at, "1 hour");
    expect(await count(luosang, "consult_opinion")).toBe(1);
    const [delay] = await admin<
      { minutes: number }[]
    >`select (extract(epoch from app.patient_sees_after()) / 60)::int as minutes`;
    expect(delay!.minutes).toBe(defaultConsultClocks.patientSeesAfterMinutes);
  });

  it("look nothing up in schemas that a caller could fill", async () => {
    const loose =
      await admin`select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'app' and p.prosecdef and not coalesce('search_path=public, app, pg_temp' = any (p.proconfig), false)`;
    expect(loose).toEqual([]);
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
