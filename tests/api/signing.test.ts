import { CompactSign, exportJWK, generateKeyPair, type JWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../server/errors/domain-error.ts";
import { KEY_PROOF_JWS_TYPE } from "../../server/signing/jws.ts";
import { keyThumbprint, type PublicSigningJwk } from "../../server/signing/public-key.ts";
import { signingRoutes } from "../../server/signing/routes.ts";
import { type Clone, cloneDatabase, createWorld, type World } from "./kit.ts";
import { buildKitApp, type KitApp } from "./kit-app.ts";

type Key = { publicJwk: JWK; privateKey: CryptoKey; kid: string };

let clone: Clone;
let world: World;
let kit: KitApp;
let stale = false;
let now = new Date("2026-11-22T04:00:00Z");
beforeAll(async () => {
  clone = await cloneDatabase();
  world = await createWorld(clone.db);
  kit = await buildKitApp({ db: clone.db, clock: () => now }, (app, services) =>
    signingRoutes(app, {
      services,
      requireRecentAuth: async () => {
        if (stale) throw new DomainError("auth.stale");
      },
    }),
  );
});
beforeEach(async () => {
  stale = false;
  await clone.admin`delete from signing_key`;
});
afterAll(async () => {
  await kit?.app.close();
  await clone.close();
});

async function newKey(alg = "ES256"): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return { publicJwk, privateKey, kid: await keyThumbprint(publicJwk as PublicSigningJwk) };
}
const proofOf = (key: Key, payload = key.kid, header: object = {}) =>
  new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: "ES256", kid: key.kid, typ: KEY_PROOF_JWS_TYPE, ...header })
    .sign(key.privateKey);
const register = async (
  key: Key,
  more: object = {},
  actor: World["attending"] | World["patient"] | null = world.specialist,
  headers = {},
) =>
  kit.app.inject({
    method: "POST",
    url: "/api/signing-keys",
    headers: { ...kit.as(actor), ...headers },
    payload: {
      publicJwk: { ...key.publicJwk, ext: true, key_ops: ["verify"] },
      label: "办公室电脑",
      proof: await proofOf(key),
      ...more,
    },
  });
const revoke = (kid: string, actor = world.specialist) =>
  kit.app.inject({
    method: "POST",
    url: `/api/signing-keys/${kid}/revoke`,
    headers: kit.as(actor),
    payload: { reason: "电脑丢了" },
  });
const list = async (actor = world.specialist) =>
  (await kit.app.inject({ url: "/api/signing-keys", headers: kit.as(actor) })).json<{
    keys: Record<string, unknown>[];
  }>().keys;

describe("who may not", () => {
  test("register: nobody without a session, no patient, no doctor who gives no opinions", async () => {
    const key = await newKey();
    expect((await register(key, {}, null)).statusCode).toBe(401);
    expect((await register(key, {}, world.patient)).statusCode).toBe(403);
    expect((await register(key, {}, world.attending)).json()).toMatchObject({
      code: "permission.denied",
    });
    expect(await clone.admin`select 1 from signing_key`).toHaveLength(0);
  });

  test("register: whoever has not just proved who they are", async () => {
    stale = true;
    expect((await register(await newKey())).json()).toMatchObject({
      code: "auth.stale",
      status: 403,
    });
  });

  test("revoke or list another's", async () => {
    const key = await newKey();
    await register(key);
    expect((await revoke(key.kid, world.outsider)).json()).toMatchObject({
      code: "request.not-found",
    });
    expect(await list(world.outsider)).toEqual([]);
    expect(await list()).toMatchObject([{ kid: key.kid, revokedAt: null }]);
  });

  test("the database itself refuses to add or change another's key", async () => {
    const key = await newKey();
    await register(key);
    await expect(
      clone.db.withActor(world.outsider, (tx) =>
        tx.execute(
          `insert into signing_key (kid, person_id, public_jwk, registered_at) values ('x', '${world.specialist.personId}', '{}', now())`,
        ),
      ),
    ).rejects.toThrow();
    await clone.db.withActor(world.outsider, (tx) =>
      tx.execute("update signing_key set revoked_at = now()"),
    );
    expect(await list()).toMatchObject([{ kid: key.kid, revokedAt: null }]);
  });
});

describe("registration", () => {
  test("keeps the public half under its thumbprint, leaves a trace and tells the owner", async () => {
    const key = await newKey();
    const answer = await register(key);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        kid: key.kid,
        label: "办公室电脑",
        registeredAt: now.toISOString(),
        revokedAt: null,
        replacedBy: null,
      },
    ]);
    const [row] = await clone.admin`select * from signing_key`;
    expect(row).toMatchObject({ kid: key.kid, person_id: world.specialist.personId });
    expect(Object.keys(row?.public_jwk as object).sort()).toEqual(["crv", "kty", "x", "y"]);
    expect(
      await clone.admin`select 1 from audit_event where action = 'signing-key.register' and entity_id = ${key.kid}`,
    ).toHaveLength(1);
    expect(
      await clone.admin`select 1 from notice where entity_id = ${key.kid} and person_id = ${world.specialist.personId}`,
    ).toHaveLength(1);
  });

  test("replaces the earlier key, which signs nothing new", async () => {
    const [first, second] = [await newKey(), await newKey()];
    await register(first);
    now = new Date(now.getTime() + 1000);
    await register(second);
    expect(await list()).toMatchObject([
      { kid: second.kid, revokedAt: null, replacedBy: null },
      { kid: first.kid, revokedAt: now.toISOString(), replacedBy: second.kid },
    ]);
  });

  test("repeated with the same request number gets the first answer; with another, that the key is known", async () => {
    const key = await newKey();
    const proof = await proofOf(key);
    const headers = { "idempotency-key": `register-${key.kid}` };
    const first = await register(key, { proof }, world.specialist, headers);
    const again = await register(key, { proof }, world.specialist, headers);
    expect(again.json()).toEqual(first.json());
    expect((await register(key)).json()).toMatchObject({
      code: "signature.key-exists",
      status: 409,
    });
  });

  test("of a key that is another's, or was revoked, is refused", async () => {
    const key = await newKey();
    await register(key);
    expect((await register(key, {}, world.outsider)).json()).toMatchObject({
      code: "signature.key-exists",
    });
    await revoke(key.kid);
    expect((await register(key)).json()).toMatchObject({ code: "signature.revoked-key" });
  });

  test("without proof of possession is refused", async () => {
    const [key, other] = [await newKey(), await newKey()];
    const wrong: [string, string][] = [
      ["by another key", await proofOf(other)],
      ["by another key under this name", await proofOf({ ...other, kid: key.kid }, key.kid)],
      ["over another thumbprint", await proofOf(key, other.kid)],
      ["of another purpose", await proofOf(key, key.kid, { typ: "yilian.opinion+jws" })],
      ["unsigned", `${(await proofOf(key)).split(".").slice(0, 2).join(".")}.`],
      ["nonsense", "a.b.c"],
    ];
    for (const [what, proof] of wrong) {
      const answer = await register(key, { proof });
      expect([what, answer.statusCode]).toEqual([what, 422]);
    }
    expect(await clone.admin`select 1 from signing_key`).toHaveLength(0);
  });

  test("of something that is no public P-256 key is refused, a private half above all", async () => {
    const key = await newKey();
    const wrong: object[] = [
      { ...key.publicJwk, d: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
      { kty: "oct", k: "AAAA" },
      { ...key.publicJwk, crv: "P-384" },
      { ...key.publicJwk, x: key.publicJwk.y },
      {},
    ];
    for (const publicJwk of wrong) {
      expect((await register(key, { publicJwk })).json()).toMatchObject({
        status: 422,
        code: "signature.bad",
      });
    }
    for (const payload of [
      { publicJwk: "x" },
      { label: "" },
      { label: "x".repeat(101) },
      { proof: "x".repeat(2001) },
      { more: 1 },
    ]) {
      expect((await register(key, payload)).statusCode).toBe(400);
    }
  });
});

describe("revocation", () => {
  test("holds from now on, with reason and trace, and doing it again changes nothing", async () => {
    const key = await newKey();
    await register(key);
    const revokedAt = now;
    expect((await revoke(key.kid)).json()).toMatchObject({
      kid: key.kid,
      revokedAt: revokedAt.toISOString(),
    });
    now = new Date(now.getTime() + 60_000);
    expect((await revoke(key.kid)).json()).toMatchObject({ revokedAt: revokedAt.toISOString() });
    expect(
      await clone.admin`select 1 from audit_event where action = 'signing-key.revoke' and entity_id = ${key.kid}`,
    ).toHaveLength(1);
    expect((await clone.admin`select revoked_reason from signing_key`)[0]?.revoked_reason).toBe(
      "电脑丢了",
    );
  });

  test("of something that is no key", async () => {
    expect((await revoke("x")).statusCode).toBe(400);
    expect((await revoke("A".repeat(43))).statusCode).toBe(404);
  });
});
