import { generate } from "otplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { person, roleAssignment, staffAccount } from "../../server/identity/schema.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { hashPassword } from "../../server/identity/staff-service.ts";
import { type Answer, buildTestApp, type TestApp } from "../support/app.ts";
import { type Authenticator, createAuthenticator } from "../support/authenticator.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

const password = "a good password";
let counter = 0;

/** A member of staff who is nobody of the demo, so that nothing goes without a second factor. */
async function addStaff(): Promise<string> {
  counter += 1;
  const loginName = `staff${counter}`;
  const passwordHash = await hashPassword(password);
  await test.services.db.withActor(systemActor("test"), async (tx) => {
    const [row] = await tx.insert(person).values({ name: "新医生" }).returning();
    await tx.insert(staffAccount).values({ personId: row!.id, loginName, passwordHash });
    await tx.insert(roleAssignment).values({
      personId: row!.id,
      institutionId: test.ids.institutions.get("sakya-chc")!,
      roleCode: "specialist",
    });
  });
  return loginName;
}

/** A browser that keeps its cookie. */
function browser() {
  let cookie = "";
  let csrfToken = "";
  const keep = (answer: Answer) => {
    const set = answer.headers["set-cookie"];
    if (set) cookie = String(set).split(";")[0]!;
    return answer;
  };
  const headers = () => ({
    ...(cookie ? { cookie } : {}),
    ...(csrfToken ? { "x-csrf-token": csrfToken } : {}),
  });
  const self = {
    session: async () => {
      const { body } = await test.anonymous.get("/api/session", headers());
      csrfToken = body.csrfToken ?? "";
      return body;
    },
    get: (url: string) => test.anonymous.get(url, headers()),
    post: async (url: string, body: object = {}) =>
      keep(await test.anonymous.post(url, body, headers())),
    delete: async (url: string) => {
      const raw = await test.app.inject({ method: "DELETE", url, headers: headers() });
      return { status: raw.statusCode, body: raw.json<{ code?: string }>() };
    },
    signIn: async (loginName: string) => {
      const answer = await self.post("/api/session/staff", { loginName, password });
      await self.session();
      return answer;
    },
    /** Asks for options, lets the authenticator answer them, and brings the answer. */
    assert: async (url: string, key: Authenticator) => {
      const { challengeId, options } = (await self.post(`${url}/options`)).body;
      return self.post(url, { challengeId, response: key.get(options) });
    },
    register: async (key: Authenticator) => {
      const { challengeId, options } = (await self.post("/api/account/passkeys/options")).body;
      return self.post("/api/account/passkeys", { challengeId, response: key.create(options) });
    },
  };
  return self;
}

/** Signed in, with a passkey as the only second factor. */
async function withPasskey() {
  const loginName = await addStaff();
  const page = browser();
  await page.signIn(loginName);
  const key = createAuthenticator();
  expect((await page.register(key)).status).toBe(200);
  await page.session();
  return { loginName, page, key };
}

describe("a passkey", () => {
  it("ends the wait for a second factor, and signs in alone", async () => {
    const { page, key } = await withPasskey();
    expect(await page.session()).toMatchObject({
      mustEnrol: false,
      proofs: ["passkey"],
      permissions: expect.arrayContaining(["consult.opinion"]),
    });
    const fresh = browser();
    const answer = await fresh.assert("/api/session/passkey", key);
    expect(answer.body).toEqual({ next: "done" });
    expect((await fresh.session()).person.name).toBe("新医生");
  });

  it("is asked for after the password as the second factor", async () => {
    const { loginName, key } = await withPasskey();
    const page = browser();
    const { body } = await page.signIn(loginName);
    expect(body).toMatchObject({ next: "second-factor", methods: ["passkey"] });
    expect((await page.session()).kind).toBe("none");
    const url = "/api/session/staff/passkey";
    const { options } = (await page.post(`${url}/options`, { challengeId: body.challengeId })).body;
    expect(options.userVerification).toBe("required");
    const response = key.get(options);
    const done = await page.post(`${url}/verify`, { challengeId: body.challengeId, response });
    expect(done.body).toEqual({ next: "done" });
    // The same answer once more: spent, and said so.
    const again = await browser().post(`${url}/verify`, {
      challengeId: body.challengeId,
      response,
    });
    expect(again.body).toMatchObject({ code: "auth.attempt-over", status: 401 });
  });

  it("is refused when it is unknown, copied, of another site, or has not checked the person", async () => {
    const { key } = await withPasskey();
    const url = "/api/session/passkey";
    const codeOf = async (one: Authenticator) => (await browser().assert(url, one)).body.code;
    expect(await codeOf(createAuthenticator())).toBe("auth.passkey-unknown");
    key.verifiesUser = false;
    expect(await codeOf(key)).toBe("auth.passkey-unknown");
    key.verifiesUser = true;
    expect((await browser().assert(url, key)).body.next).toBe("done");
    key.counter -= 2;
    expect(await codeOf(key)).toBe("auth.passkey-unknown");
    const elsewhere = createAuthenticator("https://evil.example");
    const page = browser();
    await page.signIn(await addStaff());
    expect((await page.register(elsewhere)).body.code).toBe("auth.passkey-unknown");
    const careless = createAuthenticator();
    careless.verifiesUser = false;
    expect((await page.register(careless)).body.code).toBe("auth.passkey-unknown");
  });

  it("answers a challenge of its own purpose and time only", async () => {
    const { page, key } = await withPasskey();
    const other = await withPasskey();
    const wanted = (await page.post("/api/session/reauthenticate/passkey/options")).body;
    const body = { challengeId: wanted.challengeId, response: key.get(wanted.options) };
    // To sign in with what was asked for to prove identity, or in another's session.
    expect((await browser().post("/api/session/passkey", body)).body.code).toBe(
      "auth.attempt-over",
    );
    const second = (await page.post("/api/session/reauthenticate/passkey/options")).body;
    expect(
      (
        await other.page.post("/api/session/reauthenticate/passkey", {
          challengeId: second.challengeId,
          response: key.get(second.options),
        })
      ).body.code,
    ).toBe("auth.attempt-over");
    const third = (await browser().post("/api/session/passkey/options")).body;
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 5 * 60_000 + 1000);
    const late = { challengeId: third.challengeId, response: key.get(third.options) };
    expect((await browser().post("/api/session/passkey", late)).body.code).toBe(
      "auth.attempt-over",
    );
    test.clock.now = before;
  });
});

describe("an account whose only second factor is a passkey", () => {
  it("opens a locked screen by it, and never by the password", async () => {
    const { page, key } = await withPasskey();
    const other = await withPasskey();
    expect((await page.post("/api/session/lock")).status).toBe(200);
    expect(await page.session()).toMatchObject({ locked: true, permissions: [] });
    expect((await page.post("/api/session/reauthenticate", { password })).body).toMatchObject({
      code: "auth.passkey-needed",
      status: 403,
    });
    const url = "/api/session/reauthenticate/passkey";
    expect((await page.assert(url, other.key)).body.code).toBe("auth.passkey-unknown");
    expect((await page.session()).locked).toBe(true);
    expect((await page.assert(url, key)).status).toBe(200);
    expect((await page.session()).locked).toBe(false);
  });

  it("proves itself by it before a signing key is registered", async () => {
    const { page, key } = await withPasskey();
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 6 * 60_000);
    const publicJwk = { kty: "EC", crv: "P-256", x: "a".repeat(43), y: "a".repeat(43) };
    const register = () =>
      page.post("/api/signing-keys", { publicJwk, label: "Chrome", proof: "a.b.c" });
    expect((await register()).body.code).toBe("auth.stale");
    await page.post("/api/session/reauthenticate", { password });
    expect((await register()).body.code).toBe("auth.stale");
    expect((await page.assert("/api/session/reauthenticate/passkey", key)).status).toBe(200);
    // Past the proof of identity: now it is the key itself that is no key.
    expect((await register()).body.code).toBe("signature.bad");
    test.clock.now = before;
  });

  it("may use either once an authenticator app is there too, but never the password alone", async () => {
    const { page, key } = await withPasskey();
    const { secret } = (await page.post("/api/account/totp")).body;
    const codeAt = (offset: number) =>
      generate({ secret, epoch: Math.floor(test.clock.now.getTime() / 1000) + offset });
    await page.post("/api/account/totp/confirm", { code: await codeAt(0) });
    expect((await page.session()).proofs).toEqual(["passkey", "password-and-code"]);
    const prove = (totp?: string) =>
      page.post("/api/session/reauthenticate", { password, ...(totp ? { totp } : {}) });
    expect((await prove()).body.code).toBe("auth.code-missing");
    expect((await prove(await codeAt(0))).body.code).toBe("auth.code-used");
    expect((await prove("000000")).body.code).toBe("auth.totp-wrong");
    expect((await prove(await codeAt(30))).status).toBe(200);
    expect((await page.assert("/api/session/reauthenticate/passkey", key)).status).toBe(200);
  });
});

describe("second factors of an account", () => {
  it("are added and removed only after a fresh proof, and never from a locked screen", async () => {
    const { page } = await withPasskey();
    const [{ id }] = (await page.get("/api/account/factors")).body.passkeys;
    await page.post("/api/session/lock");
    for (const url of ["/api/account/passkeys/options", "/api/account/totp"])
      expect((await page.post(url)).body.code, url).toBe("auth.stale");
    expect((await page.get("/api/account/factors")).body.code).toBe("auth.stale");
    expect((await page.delete(`/api/account/passkeys/${id}`)).body.code).toBe("auth.stale");
  });

  it("are mine alone, and the last one stays", async () => {
    const { page } = await withPasskey();
    const other = await withPasskey();
    const [theirs] = (await other.page.get("/api/account/factors")).body.passkeys;
    expect((await page.delete(`/api/account/passkeys/${theirs.id}`)).body.code).toBe(
      "request.not-found",
    );
    const [own] = (await page.get("/api/account/factors")).body.passkeys;
    expect((await page.delete(`/api/account/passkeys/${own.id}`)).body.code).toBe(
      "auth.last-factor",
    );
    const second = createAuthenticator();
    expect((await page.register(second)).status).toBe(200);
    expect((await page.delete(`/api/account/passkeys/${own.id}`)).status).toBe(200);
    expect((await page.get("/api/account/factors")).body).toMatchObject({
      totpSince: null,
      passkeys: [{ id: expect.not.stringMatching(own.id) }],
    });
    expect((await other.page.get("/api/account/factors")).body.passkeys).toHaveLength(1);
  });
});
