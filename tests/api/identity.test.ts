import { generate } from "otplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoPassword } from "../../server/demo/load.ts";
import { person, roleAssignment, staffAccount } from "../../server/identity/schema.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { hashPassword } from "../../server/identity/staff-service.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

const signIn = (loginName: string, password: string) =>
  test.anonymous.post("/api/session/staff", { loginName, password });
const cookieOf = (answer: { headers: Record<string, unknown> }) =>
  String(answer.headers["set-cookie"]).split(";")[0]!;
const sessionOf = async (cookie: string) =>
  (await test.anonymous.get("/api/session", { cookie })).body;

describe("sessions", () => {
  it("live in a cookie that scripts cannot read, bound to this host", async () => {
    const answer = await signIn("danzeng", demoPassword);
    const cookie = String(answer.headers["set-cookie"]);
    expect(cookie).toMatch(/^__Host-yilian=/);
    for (const part of ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"])
      expect(cookie).toContain(part);
    expect(cookie).not.toContain("Domain");
  });

  it("refuse a write without the session's token, or from another site", async () => {
    const danzeng = await test.as("danzeng");
    const url = "/api/patients";
    const body = { fullName: "试", sex: "male" };
    const { cookie } = danzeng;
    expect((await test.anonymous.post(url, body, { cookie })).body.code).toBe("auth.csrf");
    expect((await test.anonymous.post(url, body, { cookie, "x-csrf-token": "x" })).body.code).toBe(
      "auth.csrf",
    );
    expect((await danzeng.post(url, body, { origin: "https://evil.example" })).body.code).toBe(
      "auth.csrf",
    );
    expect((await danzeng.post(url, body, { origin: "http://localhost:8080" })).status).toBe(200);
    const loginFromElsewhere = await test.anonymous.post(
      "/api/session/staff",
      { loginName: "danzeng", password: demoPassword },
      { origin: "https://evil.example" },
    );
    expect(loginFromElsewhere.body.code).toBe("auth.csrf");
  });

  it("end at once when signed out, and when another person takes over this browser", async () => {
    const first = cookieOf(await signIn("danzeng", demoPassword));
    const over = await test.anonymous.post(
      "/api/session/staff",
      { loginName: "deji", password: demoPassword },
      { cookie: first },
    );
    expect((await sessionOf(first)).kind).toBe("none");
    expect((await sessionOf(cookieOf(over))).person.name).toBe("德吉");
  });

  it("end by the clock", async () => {
    const danzeng = await test.as("danzeng");
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 12.1 * 3_600_000);
    expect((await danzeng.get("/api/consults")).status).toBe(401);
    test.clock.now = before;
  });
});

describe("passwords", () => {
  it("answer alike for unknown names and wrong passwords, and rest after five", async () => {
    expect((await signIn("nobody", "x")).body.code).toBe("auth.wrong");
    for (let index = 0; index < 4; index += 1)
      expect((await signIn("hejing", "x")).body.code).toBe("auth.wrong");
    expect((await signIn("hejing", "x")).body).toMatchObject({
      code: "auth.locked",
      status: 429,
      params: { minutes: 15 },
    });
    expect((await signIn("hejing", demoPassword)).body.code).toBe("auth.locked");
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 15 * 60_000 + 1000);
    expect((await signIn("hejing", demoPassword)).body.next).toBe("done");
    test.clock.now = before;
  });
});

describe("a second factor", () => {
  it("must be set up before anything may be done, is asked for from then on, and a code works once", async () => {
    const personId = await addStaff("newdoctor", "a good password");
    const cookie = cookieOf(await signIn("newdoctor", "a good password"));
    const session = await sessionOf(cookie);
    expect(session).toMatchObject({ mustEnrol: true, permissions: [] });
    const headers = { cookie, "x-csrf-token": session.csrfToken };
    expect((await test.anonymous.get("/api/patients?q=x", { cookie })).status).toBe(403);
    const { secret } = (await test.anonymous.post("/api/account/totp", {}, headers)).body;
    const code = await generate({ secret, epoch: Math.floor(test.clock.now.getTime() / 1000) });
    expect((await test.anonymous.post("/api/account/totp/confirm", { code }, headers)).status).toBe(
      200,
    );
    expect((await sessionOf(cookie)).permissions).toContain("consult.request");

    const second = await signIn("newdoctor", "a good password");
    expect(second.body).toMatchObject({ next: "second-factor", methods: ["totp"] });
    const used = await test.anonymous.post("/api/session/staff/totp", {
      challengeId: second.body.challengeId,
      code,
    });
    expect(used.body.code).toBe("auth.code-used");
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 60_000);
    const fresh = await generate({ secret, epoch: Math.floor(test.clock.now.getTime() / 1000) });
    const done = await test.anonymous.post("/api/session/staff/totp", {
      challengeId: second.body.challengeId,
      code: fresh,
    });
    expect(done.body.next).toBe("done");
    expect((await sessionOf(cookieOf(done))).person.id).toBe(personId);
    test.clock.now = before;
  });
});

describe("a locked screen", () => {
  it("shows and does nothing in any tab until the person proves who it is", async () => {
    const doctor = await test.as("danzeng");
    const write = (url: string, body: object = {}) =>
      test.anonymous.post(url, body, { cookie: doctor.cookie, "x-csrf-token": doctor.csrfToken });
    expect((await write("/api/session/lock")).status).toBe(200);
    expect(await sessionOf(doctor.cookie)).toMatchObject({ locked: true, permissions: [] });
    expect((await doctor.get("/api/consults")).status).toBe(403);
    expect((await doctor.get("/api/patients?q=x")).status).toBe(403);
    expect((await write("/api/session/reauthenticate", { password: "wrong" })).status).toBe(401);
    const back = await write("/api/session/reauthenticate", { password: demoPassword });
    expect((await sessionOf(cookieOf(back))).locked).toBe(false);
  });

  it("keeps a session whose new token was lost on the way", async () => {
    const doctor = await test.as("lijia");
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 61 * 60_000);
    const rotated = await test.anonymous.get("/api/session", { cookie: doctor.cookie });
    expect(String(rotated.headers["set-cookie"])).toContain("__Host-yilian=");
    test.clock.now = new Date(before.getTime() + 120 * 60_000);
    expect((await sessionOf(doctor.cookie)).kind).toBe("staff");
    expect((await sessionOf(cookieOf(rotated))).kind).toBe("staff");
    // Once the new one has come back, the old one is over.
    expect((await sessionOf(doctor.cookie)).kind).toBe("none");
    test.clock.now = before;
  });
});

describe("a doctor of two institutions", () => {
  it("switches, and sees what the other post may see", async () => {
    const chen = await test.as("chenliming");
    const session = await sessionOf(chen.cookie);
    expect(session.institutions).toHaveLength(2);
    const other = session.institutions.find(
      (one: { id: string }) => one.id !== session.institution.id,
    );
    const switched = await chen.post("/api/session/institution", { institutionId: other.id });
    expect(switched.body.institution.id).toBe(other.id);
    expect(switched.body.permissions).not.toEqual(session.permissions);
    const stranger = test.ids.institutions.get("huadong");
    expect((await chen.post("/api/session/institution", { institutionId: stranger })).status).toBe(
      403,
    );
  });
});

describe("patients by phone", () => {
  it("sign in by a code that dies after five wrong tries", async () => {
    const phone = "13800138001";
    const sent = await test.anonymous.post("/api/session/phone-code", { phone });
    expect(sent.body).toMatchObject({ sentTo: "138****8001" });
    const wrong = sent.body.demoCode === "000000" ? "000001" : "000000";
    for (let index = 0; index < 5; index += 1)
      expect(
        (await test.anonymous.post("/api/session/phone", { phone, code: wrong })).body.code,
      ).toBe("auth.code-wrong");
    expect(
      (await test.anonymous.post("/api/session/phone", { phone, code: sent.body.demoCode })).body
        .code,
    ).toBe("auth.code-wrong");
    const again = await test.anonymous.post("/api/session/phone-code", { phone });
    const done = await test.anonymous.post("/api/session/phone", {
      phone,
      code: again.body.demoCode,
    });
    const session = await sessionOf(cookieOf(done));
    expect(session.patients).toEqual([
      expect.objectContaining({ name: "达娃", relation: "mother" }),
    ]);
    // Their hospital helps by telephone.
    expect(session.help).toEqual({
      name: "萨迦县卫生服务中心",
      phone: expect.stringMatching(/^0892-0000-\d{4}$/),
    });
  });

  it("sees who looked, and nothing of the staff's API", async () => {
    await (await test.as("danzeng")).get("/api/patients?q=达娃");
    await (await test.as("danzeng")).get(`/api/patients/${test.ids.patients.get("dawa")}`);
    const family = await test.as("13800138001");
    const { entries } = (await family.get("/api/my/access")).body;
    expect(entries[0]).toMatchObject({
      who: "旦增",
      institution: "萨迦县卫生服务中心",
      action: "patient.read",
    });
    for (const url of ["/api/consults", "/api/patients?q=x", "/api/directory/institutions"])
      expect((await family.get(url)).status, url).toBe(403);
  });
});

describe("without demo data", () => {
  it("offers no accounts, no codes on the page and no story", async () => {
    const real = await buildTestApp({ demo: false });
    expect((await real.anonymous.get("/api/demo/accounts")).status).toBe(404);
    expect((await real.anonymous.post("/api/session/demo", { loginName: "danzeng" })).status).toBe(
      404,
    );
    const sent = await real.anonymous.post("/api/session/phone-code", { phone: "13800138001" });
    expect(sent.body.demoCode).toBeUndefined();
    expect(
      (await real.anonymous.post("/api/session/phone-code", { phone: "13800138001" })).status,
    ).toBe(429);
    await real.close();
  });
});

describe("refusals", () => {
  it("are problem documents in the caller's language, with a correlation id and no inner detail", async () => {
    const answer = await test.anonymous.get("/api/consults", { "accept-language": "bo" });
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.body).toMatchObject({
      code: "auth.required",
      status: 401,
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.body.detail).toMatch(/[\u0F00-\u0FFF]/);
    const invalid = await test.anonymous.post("/api/session/staff", { loginName: 1 });
    expect(invalid.body).toMatchObject({
      code: "request.invalid",
      errors: expect.arrayContaining([expect.objectContaining({ path: "loginName" })]),
    });
  });
});

async function addStaff(loginName: string, password: string): Promise<string> {
  const passwordHash = await hashPassword(password);
  return test.services.db.withActor(systemActor("test"), async (tx) => {
    const [row] = await tx.insert(person).values({ name: "新医生" }).returning();
    await tx.insert(staffAccount).values({ personId: row!.id, loginName, passwordHash });
    await tx.insert(roleAssignment).values({
      personId: row!.id,
      institutionId: test.ids.institutions.get("sakya-chc")!,
      roleCode: "attending-doctor",
    });
    return row!.id;
  });
}

describe("a relative's link", () => {
  it("keeps the browser that used it, and is another person in another browser", async () => {
    const consultId = await openRoomOfStory();
    const danzeng = await test.as("danzeng");
    const consent = {
      kind: "relative",
      given: true,
      method: "fingerprint",
      language: "bo",
      textVersion: "2026-01",
      signerName: "央金",
      signerRelation: "mother",
      witnessName: "德吉",
      reason: "不会写字",
      relativeName: "姑姑",
    };
    const invited = await danzeng.post(`/api/consults/${consultId}/guests`, {
      name: "姑姑",
      relation: "姑姑",
      consent,
    });
    expect(invited.status).toBe(200);
    const secret = invited.body.url.split("/").at(-1);
    const first = await test.anonymous.post("/api/session/guest", { secret });
    const cookie = cookieOf(first);
    const again = await test.anonymous.post("/api/session/guest", { secret }, { cookie });
    expect(again.headers["set-cookie"]).toBeUndefined();
    const second = await test.anonymous.post("/api/session/guest", { secret });
    expect(cookieOf(second)).not.toBe(cookie);

    // Taken back: link and sessions die at once.
    const revoked = await danzeng.post(
      `/api/consults/${consultId}/guests/${invited.body.guestId}/revoke`,
    );
    expect(revoked.status).toBe(200);
    expect((await sessionOf(cookie)).kind).toBe("none");
    expect((await test.anonymous.post("/api/session/guest", { secret })).body.code).toBe(
      "auth.link-dead",
    );
  });
});

async function openRoomOfStory(): Promise<string> {
  return (await test.anonymous.post("/api/demo/story/room")).body.consultId;
}
