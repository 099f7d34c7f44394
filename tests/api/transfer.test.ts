import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgetPositions } from "../../server/transfer/repository.ts";
import { transferTransitions } from "../../server/transfer/states.ts";
import { openPacket } from "../../web/packet/open-packet.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let wang: Client;
let qin: Client;
let danzeng: Client;
let referralId: string;
let id: string;
let token: string;

const system = { kind: "system", reason: "test", language: "zh-CN" } as const;
const inSystem = <Row extends Record<string, unknown>>(query: ReturnType<typeof sql>) =>
  test.services.db.withActor(system, async (tx) => [...(await tx.execute<Row>(query))]);
const house = (slug: string) => test.ids.institutions.get(slug)!;
const later = (minutes: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + minutes * 60_000);
};
const now = () => test.clock.now.toISOString();
const read = async (client = wang) => (await client.get(`/api/transfers/${id}`)).body;
const act = async (client: Client, body: object, version?: number) =>
  client.post(`/api/transfers/${id}/actions`, {
    version: version ?? (await read()).version,
    ...body,
  });
const crew = (what: string, body: object, secret = token) =>
  test.anonymous.post(`/api/escort/${what}`, { token: secret, ...body });
const vehicle = {
  action: "assign",
  plate: "沪A·120XX",
  vehicle: "ordinary",
  escortName: "马师傅",
  escortPhone: "13900000001",
};
const referralState = async () => (await wang.get(`/api/referrals/${referralId}`)).body.state;

async function refer(urgency: string, patient: string, slug = "medicine") {
  const [unit] = await inSystem<{ id: string }>(
    sql`select id from department where institution_id = ${house("zhabei-central")} and slug = ${slug}`,
  );
  const made = await wang.post("/api/referrals", {
    patientId: test.ids.patients.get(patient)!,
    direction: "up",
    content: {
      urgency,
      toInstitutionId: house("zhabei-central"),
      toDepartmentId: unit!.id,
      requesterPhone: "021-56914949",
      reason: "胸痛 2 小时，大汗",
      impression: [{ code: "I21.9", text: "急性心肌梗死？" }],
      presentHistory: "胸骨后压榨样疼痛 2 小时",
      pastHistory: "高血压 12 年",
      treatmentSoFar: "阿司匹林 300 mg 嚼服，吸氧",
      allergies: "青霉素",
      criteria: [{ code: "acute", evidence: null }],
      vitals: { systolicMmHg: 92, diastolicMmHg: 60, pulsePerMinute: 118 },
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body.id as string;
}

beforeAll(async () => {
  test = await buildTestApp();
  // The institutions' records are read through their own endpoints.
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  [wang, qin, danzeng] = await Promise.all([
    test.as("wangjianguo"),
    test.as("qinxuemei"),
    test.as("danzeng"),
  ]);
  referralId = await refer("emergency", "zhou");
});
afterAll(() => test.close());

describe("who may", () => {
  it("opens no channel for a draft, for another house's referral, or for nobody", async () => {
    const body = { referralId, kind: "emergency" };
    expect((await test.anonymous.post("/api/transfers", body)).status).toBe(401);
    expect((await danzeng.post("/api/transfers", body)).status).toBe(404);
    expect((await wang.post("/api/transfers", body)).body.code).toBe("transfer.of-referral");
    const sent = await wang.post(`/api/referrals/${referralId}/actions`, {
      action: "submit",
      version: 1,
    });
    expect(sent.status, JSON.stringify(sent.body)).toBe(200);
    // The receiver does not send.
    expect((await qin.post("/api/transfers", body)).status).toBeGreaterThanOrEqual(403);
    // No fever room has seen this patient.
    const infectious = await wang.post("/api/transfers", { referralId, kind: "infectious" });
    expect(infectious.body.code).toBe("transfer.of-referral");
    const begun = await Promise.all([
      wang.post("/api/transfers", body),
      wang.post("/api/transfers", body),
    ]);
    expect(begun.map(({ status }) => status)).toEqual([200, 200]);
    id = begun[0].body.id;
    expect(begun[1].body.id).toBe(id);
    expect(
      (await read()).steps.filter((one: { action: string }) => one.action === "begin"),
    ).toHaveLength(1);
  });

  it("shows it to both houses and to no third one", async () => {
    expect((await read()).side).toBe("from");
    expect((await read(qin)).side).toBe("to");
    expect((await danzeng.get(`/api/transfers/${id}`)).status).toBe(404);
    expect((await danzeng.get("/api/transfers")).body.transfers).toEqual([]);
    expect(
      (await qin.get("/api/transfers")).body.transfers.map((one: { id: string }) => one.id),
    ).toEqual([id]);
    for (const [path, body] of [
      ["actions", { ...vehicle, version: 1 }],
      ["link", {}],
      ["calls", { with: "a", said: "b", readBack: "c", at: now() }],
      ["packet", {}],
    ] as const)
      expect([path, (await danzeng.post(`/api/transfers/${id}/${path}`, body)).status]).toEqual([
        path,
        404,
      ]);
    // Rows too, whatever a service forgot.
    const rows = await test.services.db.withActor(
      {
        kind: "staff",
        personId: test.ids.people.get("danzeng")!,
        institutionId: house("sakya-chc"),
        permissions: new Set(["referral.request", "referral.desk"]),
        sessionId: "00000000-0000-4000-8000-000000000000",
        name: "x",
        language: "zh-CN",
      },
      (tx) => tx.execute(sql`select 1 from transfer`),
    );
    expect([...rows]).toEqual([]);
  });

  it("keeps each side to its own steps, and one vehicle on one journey", async () => {
    expect((await act(qin, vehicle)).body.code).toBe("transfer.illegal-step");
    expect((await act(wang, { action: "pickUp" })).body.code).toBe("transfer.illegal-step");
    expect((await wang.post(`/api/transfers/${id}/link`)).body.code).toBe("transfer.illegal-step");
    const both = await Promise.all([
      act(wang, vehicle, 1),
      act(wang, { ...vehicle, plate: "沪B" }, 1),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const given = await act(wang, {
      ...vehicle,
      expectedAt: new Date(test.clock.now.getTime() + 40 * 60_000).toISOString(),
    });
    expect(given.body.escort).toEqual({ name: "马师傅", phone: "13900000001" });
    const [row] = await inSystem<{ escort_phone_cipher: string }>(
      sql`select escort_phone_cipher from transfer where id = ${id}`,
    );
    expect(row!.escort_phone_cipher).not.toContain("13900000001");
    const other = await refer("emergency", "shen");
    await wang.post(`/api/referrals/${other}/actions`, { action: "submit", version: 1 });
    const second = (await wang.post("/api/transfers", { referralId: other })).body;
    const taken = await wang.post(`/api/transfers/${second.id}/actions`, {
      ...vehicle,
      plate: "沪a·120xx",
      version: 1,
    });
    expect(taken.body.code).toBe("transfer.vehicle-busy");
    // The referral is called off: its journey is too, in the same moment.
    const off = await wang.post(`/api/referrals/${other}/actions`, {
      action: "cancel",
      version: 2,
      reason: "家属改送",
    });
    expect(off.status, JSON.stringify(off.body)).toBe(200);
    expect((await wang.get(`/api/transfers/${second.id}`)).body.state).toBe("cancelled");
  });
});

describe("the database decides", () => {
  it("holds the same state order and sides as the pages", async () => {
    const rows = await inSystem<{ one: string }>(
      sql`select kind || ' ' || from_state || ' ' || to_state || ' ' || side as one from transfer_transition`,
    );
    expect(rows.map(({ one }) => one).sort()).toEqual(
      [...new Set(transferTransitions.map((t) => `${t.kind} ${t.from} ${t.to} ${t.side}`))].sort(),
    );
  });
});

describe("the crew's phone", () => {
  it("opens by its secret link alone, and shows the road but nothing of the patient", async () => {
    const first = (await wang.post(`/api/transfers/${id}/link`)).body.url;
    token = (await wang.post(`/api/transfers/${id}/link`)).body.url.split("/").at(-1);
    const replaced = first.split("/").at(-1);
    for (const wrong of [replaced, "A".repeat(43), id, "nothing", "扫错了"])
      expect((await crew("view", {}, wrong)).body.code).toBe("transfer.link");
    const seen = await crew("view", {});
    expect(seen.body).toMatchObject({ state: "vehicle-assigned", actions: ["pickUp", "arrive"] });
    expect(seen.body.from.doctorPhone).toBe("021-56914949");
    expect(JSON.stringify(seen.body)).not.toMatch(/周桂英|胸痛|青霉素|I21/);
    // What the link opens, it opens nowhere else.
    expect((await test.anonymous.get(`/api/transfers/${id}`)).status).toBe(401);
    const [kept] = await inSystem<{ hash: string }>(
      sql`select encode(token_hash, 'hex') as hash from transfer where id = ${id}`,
    );
    expect(kept!.hash).not.toContain(token);
  });

  it("drives referral and transfer together; told twice or late it counts once, at its own time", async () => {
    expect((await crew("steps", { action: "depart", at: now() })).body.code).toBe(
      "transfer.illegal-step",
    );
    later(5);
    const pressed = now();
    later(12);
    const twice = await Promise.all([
      crew("steps", { action: "pickUp", at: pressed }),
      crew("steps", { action: "pickUp", at: pressed }),
    ]);
    expect(twice.map(({ status }) => status)).toEqual([200, 200]);
    expect(await referralState()).toBe("submitted");
    const left = now();
    later(20);
    expect((await crew("steps", { action: "depart", at: left })).body.state).toBe("in-transit");
    expect(await referralState()).toBe("on-the-way");
    const seen = await read(qin);
    expect(seen.departedAt).toBe(left);
    const pickUps = seen.steps.filter((one: { action: string }) => one.action === "pickUp");
    expect(pickUps).toMatchObject([{ at: pressed, by: "" }]);
    expect(pickUps[0].toldAt > pressed).toBe(true);
  });

  it("shares positions only as asked, each once, none from the future", async () => {
    const at = (minutes: number) =>
      new Date(test.clock.now.getTime() + minutes * 60_000).toISOString();
    const here = { latitude: 31.25, longitude: 121.44, accuracyMetres: 12 };
    const positions = [
      { ...here, at: at(-3) },
      { ...here, latitude: 31.26, at: at(-1) },
      { ...here, at: at(90) },
    ];
    for (let n = 0; n < 2; n += 1)
      expect((await crew("positions", { positions })).status).toBe(200);
    expect(
      (await crew("positions", { positions: [{ ...here, latitude: 91, at: now() }] })).status,
    ).toBe(400);
    const seen = await read(qin);
    expect(seen.positions.map((one: { at: string }) => one.at)).toEqual([at(-1), at(-3)]);
    expect(seen.last.toGoMetres).toBeGreaterThan(0);
    expect((await read()).last).toEqual(seen.last);
  });
});

describe("the receiving team", () => {
  it("ticks what is ready; the sender sees it and ticks nothing", async () => {
    expect(
      (await wang.put(`/api/transfers/${id}/ready`, { code: "oxygen", ready: true })).status,
    ).toBe(403);
    expect(
      (await qin.put(`/api/transfers/${id}/ready`, { code: "isolation-bed", ready: true })).status,
    ).toBe(400);
    for (let n = 0; n < 2; n += 1)
      expect(
        (await qin.put(`/api/transfers/${id}/ready`, { code: "oxygen", ready: true })).status,
      ).toBe(200);
    expect((await read()).ready).toEqual({ done: 1, all: 4 });
    expect(
      (
        await wang.put("/api/transfers/ready-list", {
          items: [{ code: "x", zh: "x", en: "x", bo: "x" }],
          version: 0,
        })
      ).status,
    ).toBe(403);
    // A list that is changed while the vehicle is on its way is for the next ones.
    test.clock.now = new Date(test.clock.now.getTime() + 1000);
    const saved = await qin.put("/api/transfers/ready-list", {
      items: [{ code: "x", zh: "x", en: "x", bo: "x" }],
      version: 0,
    });
    expect(saved.body).toMatchObject({ own: true, version: 1 });
    expect((await read()).ready).toEqual({ done: 1, all: 4 });
  });
  it("hears by telephone, doctor to doctor, with what was said back", async () => {
    expect(
      (
        await qin.post(`/api/transfers/${id}/calls`, {
          with: "王建国",
          said: "一",
          readBack: "",
          at: now(),
        })
      ).status,
    ).toBe(400);
    const noted = await qin.post(`/api/transfers/${id}/calls`, {
      with: "王建国医生",
      said: "血压 92/60，已嚼服阿司匹林 300 mg",
      readBack: "92/60，阿司匹林 300 已用",
      at: now(),
    });
    expect(noted.body.calls).toHaveLength(1);
    expect((await read()).calls[0].said).toContain("92/60");
  });
});

describe("the sealed record", () => {
  it("is made by the sender alone, its code is kept nowhere, its opening is seen", async () => {
    expect((await qin.post(`/api/transfers/${id}/packet`)).status).toBe(403);
    const key = { "idempotency-key": "packet-made-once" };
    const made = (await wang.post(`/api/transfers/${id}/packet`, {}, key)).body;
    expect(made.code).toMatch(/^\d{8}$/);
    expect(made.url).not.toContain(made.code);
    expect(await openPacket(made.text, "00000000")).toBe("refused");
    const record = await openPacket(made.text, made.code);
    if (typeof record === "string") throw new Error(record);
    expect(record).toMatchObject({
      allergies: "青霉素",
      doctor: "王建国",
      vitals: { systolicMmHg: 92 },
    });
    const kept = await inSystem<{ n: number }>(
      sql`select count(*)::int as n from idempotency_key where key = 'packet-made-once'`,
    );
    expect(kept[0]!.n).toBe(0);
    const [row] = await inSystem<{ all: string }>(
      sql`select row_to_json(p)::text as all from transfer_packet p where transfer_id = ${id}`,
    );
    expect(row!.all).not.toContain(made.code);
    expect((await read()).packets).toMatchObject([{ openedAt: null }]);
    for (const proof of ["x".repeat(24), record.proof, record.proof])
      expect((await test.anonymous.post("/api/packets/opened", { proof })).status).toBe(200);
    expect((await read()).packets[0].openedAt).toBe(now());
  });

  it("carries what the institutions hold as far as consent or an opened emergency goes, and names what is missing", async () => {
    const summary = async () => {
      const made = (await wang.post(`/api/transfers/${id}/packet`)).body;
      expect(made.parts.length).toBeLessThanOrEqual(8);
      const record = await openPacket(made.text, made.code);
      if (typeof record === "string") throw new Error(record);
      // Whoever makes it reads the same sentences as whoever opens it: he can still ask or ring.
      const { missing, gaps, more } = record.summary!;
      expect(made.lacking).toEqual({ missing, gaps, more });
      return record.summary!;
    };
    const xuhui = "徐汇区中心医院";
    // Nothing was opened to Pengpu: not even a title leaves the house that holds it.
    expect(await summary()).toEqual({
      emergency: false,
      missing: null,
      items: [],
      gaps: [{ name: xuhui, why: "withheld" }],
      more: 0,
    });
    const patientId = test.ids.patients.get("zhou")!;
    const emergencies = async () =>
      (
        await inSystem<{ n: number }>(
          sql`select count(*)::int as n from record_emergency where patient_id = ${patientId}`,
        )
      )[0]!.n;
    const before = await emergencies();
    const opened = await wang.post(`/api/patients/${patientId}/record/emergency`, {
      reason: "胸痛休克，无法询问",
    });
    expect(opened.status).toBe(200);
    const told = await summary();
    expect(told).toMatchObject({ emergency: true, missing: null });
    expect(told.items.map(({ section, text }) => [section, text])).toContainEqual([
      "problems",
      "原发性高血压 · I10",
    ]);
    // The newest of a series stands for it.
    const results = told.items.filter((one) => one.section === "results");
    expect(results.filter((one) => one.text.startsWith("收缩压"))).toHaveLength(1);
    expect(told.items.every((one) => one.from.includes(xuhui))).toBe(true);
    // It was opened once, by the doctor; no packet opens it or tells the family again.
    expect(await emergencies()).toBe(before + 1);
    const keeper = await test.as("luweihong");
    const paused = (is: boolean) =>
      keeper.post("/api/record-stores/xuhui-central/paused", { paused: is });
    expect((await paused(true)).status).toBe(200);
    const without = await summary();
    expect(without.items).toEqual([]);
    expect(without.gaps).toEqual([{ name: xuhui, why: "no-answer" }]);
    await paused(false);
  });
});

describe("the hand-over", () => {
  it("arrives with the referral, is signed by the receiver, and ends the link", async () => {
    const signed = {
      action: "handOver",
      receiverName: "顾明远",
      condition: "神清，胸痛减轻",
      vitals: { systolicMmHg: 104 },
    };
    expect((await act(qin, signed)).body.code).toBe("transfer.illegal-step");
    // Crew and desk press at once: one of them did it, both see it done.
    const at = await read();
    const together = await Promise.all([
      crew("steps", { action: "arrive", at: now() }),
      act(qin, { action: "arrive" }, at.version),
    ]);
    expect(together.some(({ status }) => status === 200)).toBe(true);
    expect((await read()).state).toBe("arrived");
    expect(await referralState()).toBe("arrived");
    expect((await act(wang, signed)).body.code).toBe("transfer.illegal-step");
    expect((await act(qin, { ...signed, receiverName: " " })).status).toBe(400);
    const over = await act(qin, signed);
    expect(over.body).toMatchObject({ state: "handed-over", handOver: { receiver: "顾明远" } });
    for (const what of ["view", "steps", "positions"])
      expect(
        (
          await crew(
            what,
            what === "view"
              ? {}
              : what === "steps"
                ? { action: "arrive", at: now() }
                : {
                    positions: [{ at: now(), latitude: 31, longitude: 121, accuracyMetres: 1 }],
                  },
          )
        ).body.code,
      ).toBe("transfer.link");
    expect(
      (await act(qin, { action: "disinfect", disinfection: "紫外线 60 分钟" })).body.code,
    ).toBe("transfer.illegal-step");
  });

  it("forgets where the vehicle was a day later, and not before", async () => {
    const forget = (before: Date) =>
      test.services.db.withActor(
        { kind: "job", task: "transfer:forget", language: "zh-CN" },
        (tx) => forgetPositions(tx, before),
      );
    const handed = new Date((await read()).handedOverAt);
    expect(await forget(new Date(handed.getTime() - 1))).toBe(0);
    expect(await forget(new Date(handed.getTime() + 1))).toBe(2);
    expect((await read()).positions).toEqual([]);
    // Nobody but the job may.
    expect((await read()).steps.length).toBeGreaterThan(4);
  });
});

describe("a suspected infection", () => {
  it("travels under negative pressure to a held isolation bed, and frees its vehicle only when disinfected", async () => {
    const patient = test.ids.patients.get("shen")!;
    const up = await refer("emergency", "shen", "fever");
    await wang.post(`/api/referrals/${up}/actions`, { action: "submit", version: 1 });
    const ask = { referralId: up, kind: "infectious" };
    // Only from a fever room that has seen the patient.
    expect((await wang.post("/api/transfers", ask)).body.code).toBe("transfer.of-referral");
    const offered = async (client = wang) => (await client.get(`/api/transfers/of/${up}`)).body;
    expect(await offered()).toEqual({ transferId: null, fromFeverRoom: false });
    const visit = await wang.post("/api/fever/visits", { patientId: patient });
    expect(visit.status, JSON.stringify(visit.body)).toBe(200);
    // Who is in the fever room is known there alone.
    expect([await offered(), await offered(qin), await offered(danzeng)]).toEqual([
      { transferId: null, fromFeverRoom: true },
      { transferId: null, fromFeverRoom: false },
      { transferId: null, fromFeverRoom: false },
    ]);
    const begun = await wang.post("/api/transfers", ask);
    expect(begun.status, JSON.stringify(begun.body)).toBe(200);
    id = begun.body.id;
    expect(begun.body).toMatchObject({ isolationBed: true, reports: [] });
    const beds = await inSystem<{ kind: string; purpose: string }>(
      sql`select u.kind, h.purpose from bed_hold h join bed_unit u on u.id = h.unit_id where h.reference_id = ${up} and h.outcome is null`,
    );
    expect(beds).toMatchObject([{ kind: "isolation", purpose: "infectious" }]);

    const car = { ...vehicle, plate: "沪A·N0001" };
    expect((await act(wang, car)).body.code).toBe("transfer.negative-pressure");
    await expect(
      inSystem(
        sql`update transfer set vehicle_kind = 'ordinary', version = version + 1 where id = ${id}`,
      ),
    ).rejects.toThrow();
    expect((await act(wang, { ...car, vehicle: "negative-pressure" })).status).toBe(200);
    // A visit that nobody has seen yet is moved by nobody's vehicle; both houses read where it stands.
    expect((await read(qin)).feverState).toBe("to-triage");
    const { rooms } = (await wang.get("/api/fever/desk")).body;
    const room = rooms.find((one: { state: string }) => one.state === "free");
    for (const body of [
      { action: "to-fever" },
      { action: "to-room", roomId: room.id },
      { action: "see" },
    ]) {
      const { version } = (await wang.get(`/api/fever/visits/${visit.body.id}`)).body;
      const moved = await wang.post(`/api/fever/visits/${visit.body.id}/actions`, {
        version,
        ...body,
      });
      expect([body.action, moved.status]).toEqual([body.action, 200]);
    }
    // From here on the visit goes where the vehicle goes.
    for (const [client, body, fever] of [
      [wang, { action: "pickUp" }, "awaiting-transfer"],
      [wang, { action: "depart" }, "in-transfer"],
      [qin, { action: "arrive" }, "in-transfer"],
      [
        qin,
        { action: "handOver", receiverName: "何敏", condition: "神清", vitals: {} },
        "handed-over",
      ],
    ] as const) {
      const moved = await act(client, body);
      expect([body.action, moved.status, moved.body.feverState]).toEqual([body.action, 200, fever]);
    }
    const register = (await wang.get(`/api/fever/visits/${visit.body.id}`)).body;
    expect(register.state).toBe("handed-over");
    expect(register.transfer).toMatchObject({
      vehicle: "沪A·N0001",
      received: { receiver: "何敏" },
    });

    const next = await refer("emergency", "zhou", "fever");
    await wang.post(`/api/referrals/${next}/actions`, { action: "submit", version: 1 });
    const waiting = (await wang.post("/api/transfers", { referralId: next })).body;
    const take = () =>
      wang.post(`/api/transfers/${waiting.id}/actions`, {
        ...car,
        vehicle: "negative-pressure",
        version: waiting.version,
      });
    expect((await take()).body.code).toBe("transfer.vehicle-busy");
    expect((await act(wang, { action: "disinfect", disinfection: " " })).status).toBe(400);
    const clean = await act(wang, { action: "disinfect", disinfection: "过氧化氢喷雾 60 分钟" });
    expect(clean.body).toMatchObject({ state: "disinfected", feverState: "disinfected" });
    expect((await take()).status).toBe(200);
  });
  it("takes no vehicle to another house than the fever clinic has ordered one to", async () => {
    const patient = test.ids.patients.get("xu")!;
    const visit = (await wang.post("/api/fever/visits", { patientId: patient })).body;
    const go = async (body: object) => {
      const { version } = (await wang.get(`/api/fever/visits/${visit.id}`)).body;
      const moved = await wang.post(`/api/fever/visits/${visit.id}/actions`, { version, ...body });
      expect(moved.status, JSON.stringify(moved.body)).toBe(200);
      return moved.body;
    };
    const { rooms } = (await wang.get("/api/fever/desk")).body;
    const room = rooms.find((one: { state: string }) => one.state === "free");
    for (const body of [
      { action: "to-fever" },
      { action: "to-room", roomId: room.id },
      { action: "see" },
    ])
      await go(body);
    const up = await refer("emergency", "xu", "fever");
    await wang.post(`/api/referrals/${up}/actions`, { action: "submit", version: 1 });
    const begun = await wang.post("/api/transfers", { referralId: up, kind: "infectious" });
    expect(begun.status, JSON.stringify(begun.body)).toBe(200);
    // Meanwhile somebody at the fever room orders one elsewhere.
    await go({
      action: "order-transfer",
      toName: "市级定点医院",
      vehicle: "沪A·9921",
      crew: "李师傅",
    });
    const refused = await wang.post(`/api/transfers/${begun.body.id}/actions`, {
      ...vehicle,
      plate: "沪A·N0002",
      vehicle: "negative-pressure",
      version: begun.body.version,
    });
    expect([refused.status, refused.body.code]).toEqual([409, "transfer.fever-elsewhere"]);
    // Nothing was assigned, and the visit stays with the vehicle that it has.
    const still = (await wang.get(`/api/transfers/${begun.body.id}`)).body;
    expect(still).toMatchObject({ state: "requested", plate: null, version: begun.body.version });
    const kept = (await wang.get(`/api/fever/visits/${visit.id}`)).body;
    expect(kept).toMatchObject({ state: "awaiting-transfer", transfer: { vehicle: "沪A·9921" } });
  });
  it("says how many run when the list is cut, the running ones first", async () => {
    const all = (await wang.get("/api/transfers")).body;
    expect(all.total).toBe(all.transfers.length);
    expect(all.total).toBeGreaterThan(1);
    const cut = (await wang.get("/api/transfers?limit=1")).body;
    expect(cut.transfers).toHaveLength(1);
    expect(cut.total).toBe(all.total);
    expect(all.transfers.map((one: { state: string }) => one.state)).toContain("disinfected");
    expect(["requested", "vehicle-assigned"]).toContain(cut.transfers[0].state);
    expect((await danzeng.get("/api/transfers?limit=1")).body).toEqual({ transfers: [], total: 0 });
    expect((await wang.get("/api/transfers?limit=0")).status).toBe(400);
  });
});
