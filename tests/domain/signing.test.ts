import {
  createHash,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  webcrypto,
} from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { canonicalJson, contentHash } from "../../server/signing/canonical.ts";
import {
  KEY_PROOF_JWS_TYPE,
  OPINION_JWS_TYPE,
  verifyKeyProof,
  verifyOpinionJws,
} from "../../server/signing/jws.ts";
import {
  keyThumbprint,
  type PublicSigningJwk,
  parsePublicSigningJwk,
  type RegisteredKey,
} from "../../server/signing/public-key.ts";
import { SignatureError } from "../../server/signing/signature-error.ts";
import { opinionFixture, specialistId } from "./opinion-fixture.ts";

const now = new Date("2026-11-22T03:30:00.000Z");
const registeredAt = new Date("2026-11-01T00:00:00.000Z");
const document = opinionFixture();
const base64url = (text: string | Buffer) => Buffer.from(text).toString("base64url");

/** As the browser does it: a non-extractable WebCrypto key. */
async function browserKey() {
  const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  const exported = await webcrypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = parsePublicSigningJwk(exported);
  if (!jwk) throw new Error("WebCrypto key not understood");
  const kid = await keyThumbprint(jwk);
  const sign = async (header: object, payload: string) => {
    const input = `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
    const signature = await webcrypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      pair.privateKey,
      Buffer.from(input),
    );
    return `${input}.${base64url(Buffer.from(signature))}`;
  };
  return { pair, jwk, kid, sign };
}

let key: Awaited<ReturnType<typeof browserKey>>;
let registered: RegisteredKey;
let jws: string;

beforeAll(async () => {
  key = await browserKey();
  registered = {
    kid: key.kid,
    publicJwk: key.jwk,
    personId: specialistId,
    registeredAt,
    revokedAt: null,
  };
  jws = await key.sign(
    { alg: "ES256", kid: key.kid, typ: OPINION_JWS_TYPE },
    canonicalJson(document),
  );
});

const reasonOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "valid";
  } catch (error) {
    if (error instanceof SignatureError) return error.reason;
    throw error;
  }
};

describe("canonical JSON (RFC 8785)", () => {
  it("reproduces the examples of sections 3.2.2 and 3.2.3", () => {
    const value: unknown = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    // Members are ordered by UTF-16 code units: a surrogate pair before U+FB33.
    expect(
      canonicalJson({ "€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\u0080": 6, ö: 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it("does not depend on the order of members and survives a round trip", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        let text: string;
        try {
          text = canonicalJson(value);
        } catch {
          return; // lone surrogates are refused
        }
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        if (value !== null && typeof value === "object" && !Array.isArray(value)) {
          const reversed = Object.fromEntries(Object.entries(value).reverse());
          if (!("__proto__" in reversed)) expect(contentHash(reversed)).toBe(contentHash(value));
        }
      }),
    );
  });

  it.each([
    ["undefined member", { a: undefined }],
    ["NaN", [Number.NaN]],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["big integer", 1n],
    ["Date", { at: new Date(0) }],
    ["lone surrogate", "\ud800"],
    ["Map", new Map()],
  ])("refuses %s instead of dropping it", (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe("keys", () => {
  it("names a key by its RFC 7638 thumbprint", async () => {
    const members = `{"crv":"P-256","kty":"EC","x":"${key.jwk.x}","y":"${key.jwk.y}"}`;
    expect(key.kid).toBe(createHash("sha256").update(members).digest("base64url"));
  });

  it("takes public P-256 keys only", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(parsePublicSigningJwk(publicKey.export({ format: "jwk" }))).toBeDefined();
    expect(parsePublicSigningJwk(privateKey.export({ format: "jwk" }))).toBeUndefined();
    const other = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({
      format: "jwk",
    });
    expect(parsePublicSigningJwk(other)).toBeUndefined();
    expect(parsePublicSigningJwk({ ...key.jwk, x: "A".repeat(43) })).toBeUndefined();
    expect(parsePublicSigningJwk({ ...key.jwk, alg: "ES384" })).toBeUndefined();
    for (const value of [null, "x", 3, [], {}])
      expect(parsePublicSigningJwk(value)).toBeUndefined();
  });

  it("asks the registrant to prove possession", async () => {
    const header = { alg: "ES256", kid: key.kid, typ: KEY_PROOF_JWS_TYPE };
    expect(
      await verifyKeyProof({ proof: await key.sign(header, key.kid), publicJwk: key.jwk }),
    ).toBe(key.kid);
    const other = await browserKey();
    const stolen = other.sign({ ...header, kid: key.kid }, key.kid);
    expect(await reasonOf(verifyKeyProof({ proof: await stolen, publicJwk: key.jwk }))).toBe(
      "bad-signature",
    );
    const elsewhere = key.sign(header, other.kid);
    expect(await reasonOf(verifyKeyProof({ proof: await elsewhere, publicJwk: key.jwk }))).toBe(
      "altered-content",
    );
    const wrongType = key.sign({ ...header, typ: OPINION_JWS_TYPE }, key.kid);
    expect(await reasonOf(verifyKeyProof({ proof: await wrongType, publicJwk: key.jwk }))).toBe(
      "malformed",
    );
  });
});

describe("a signed opinion", () => {
  it("is valid as signed, whatever order the database returns", async () => {
    const stored: unknown = JSON.parse(
      JSON.stringify(Object.fromEntries(Object.entries(document).reverse())),
    );
    expect(await verifyOpinionJws({ jws, document: stored, keys: [registered], now })).toEqual({
      kid: key.kid,
      personId: specialistId,
      contentHash: createHash("sha256").update(canonicalJson(document)).digest("hex"),
      signatureHash: createHash("sha256").update(jws).digest("hex"),
      keyRevokedAt: null,
    });
  });

  it("is verified by node:crypto alone, and we verify what node:crypto signs", async () => {
    const [header, payload, signature] = jws.split(".") as [string, string, string];
    const publicKey = createPublicKey({ key: key.jwk, format: "jwk" });
    const good = createVerify("sha256")
      .update(`${header}.${payload}`)
      .verify({ key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
    expect(good).toBe(true);
    expect(Buffer.from(payload, "base64url").toString("utf8")).toBe(canonicalJson(document));

    const pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
    });
    const jwk = parsePublicSigningJwk(pair.publicKey.export({ format: "jwk" })) as PublicSigningJwk;
    const kid = await keyThumbprint(jwk);
    const input = `${base64url(JSON.stringify({ typ: OPINION_JWS_TYPE, kid, alg: "ES256" }))}.${base64url(canonicalJson(document))}`;
    const made = createSign("sha256")
      .update(input)
      .sign({ key: pair.privateKey, dsaEncoding: "ieee-p1363" });
    const result = await verifyOpinionJws({
      jws: `${input}.${base64url(made)}`,
      document,
      keys: [{ ...registered, kid, publicJwk: jwk }],
      now,
    });
    expect(result.kid).toBe(kid);
  });

  it("shows any later change of any text", async () => {
    for (const field of [
      "plan",
      "diagnosticOpinion",
      "question",
      "plainWords",
      "missingData",
    ] as const) {
      const changed = { ...document, [field]: `${document[field]}。` };
      expect(
        await reasonOf(verifyOpinionJws({ jws, document: changed, keys: [registered], now })),
      ).toBe("altered-content");
    }
    const dose = { ...document, plan: document.plan.replace("1 mg", "10 mg") };
    expect(await reasonOf(verifyOpinionJws({ jws, document: dose, keys: [registered], now }))).toBe(
      "altered-content",
    );
    for (const broken of [null, {}, "text", { ...document, schema: "yilian.opinion/9" }]) {
      expect(
        await reasonOf(verifyOpinionJws({ jws, document: broken, keys: [registered], now })),
      ).toBe("altered-content");
    }
  });

  it("shows any change of a single character of the signature text", async () => {
    const positions = fc.integer({ min: 0, max: jws.length - 1 });
    await fc.assert(
      fc.asyncProperty(positions, fc.constantFrom(..."ABCDabcd0189-_.="), async (at, character) => {
        fc.pre(jws[at] !== character);
        const changed = jws.slice(0, at) + character + jws.slice(at + 1);
        expect(
          await reasonOf(verifyOpinionJws({ jws: changed, document, keys: [registered], now })),
        ).not.toBe("valid");
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["algorithm", { alg: "none", kid: "KID", typ: OPINION_JWS_TYPE }],
    ["algorithm", { alg: "HS256", kid: "KID", typ: OPINION_JWS_TYPE }],
    ["malformed", { alg: "ES256", kid: "KID", typ: KEY_PROOF_JWS_TYPE }],
    ["malformed", { alg: "ES256", kid: "KID" }],
    ["malformed", { alg: "ES256", typ: OPINION_JWS_TYPE }],
    ["malformed", { alg: "ES256", kid: "KID", typ: OPINION_JWS_TYPE, jwk: {} }],
    ["malformed", { alg: "ES256", kid: "KID", typ: OPINION_JWS_TYPE, crit: ["b64"], b64: false }],
    ["unknown-key", { alg: "ES256", kid: "nobody", typ: OPINION_JWS_TYPE }],
  ])("answers %s to the header %o", async (reason, header) => {
    const named = "kid" in header && header.kid === "KID" ? { ...header, kid: key.kid } : header;
    const signed = await key.sign(named, canonicalJson(document));
    expect(
      await reasonOf(verifyOpinionJws({ jws: signed, document, keys: [registered], now })),
    ).toBe(reason);
  });

  it.each(["", "..", "a.b", "a.b.c.d", "not a jws", "é.é.é", ".".repeat(400_001)])(
    "answers malformed to %.20s",
    async (text) => {
      expect(
        await reasonOf(verifyOpinionJws({ jws: text, document, keys: [registered], now })),
      ).toBe("malformed");
    },
  );

  it("is refused when the key belongs to another, or does not fit its kid", async () => {
    const other = await browserKey();
    const cases: [string, RegisteredKey[]][] = [
      ["unknown-key", []],
      ["unknown-key", [{ ...registered, publicJwk: other.jwk }]],
      ["wrong-signer", [{ ...registered, personId: "00000000-0000-4000-8000-000000000000" }]],
    ];
    for (const [reason, keys] of cases) {
      expect(await reasonOf(verifyOpinionJws({ jws, document, keys, now }))).toBe(reason);
    }
    const forged = await other.sign(
      { alg: "ES256", kid: key.kid, typ: OPINION_JWS_TYPE },
      canonicalJson(document),
    );
    expect(
      await reasonOf(verifyOpinionJws({ jws: forged, document, keys: [registered], now })),
    ).toBe("bad-signature");
  });

  it("stands when the key is revoked later, and falls when it was revoked before", async () => {
    const revokedAt = new Date("2026-12-01T00:00:00.000Z");
    const later = new Date("2027-01-01T00:00:00.000Z");
    const keys = [{ ...registered, revokedAt }];
    const verify = (signedAt: Date, at = later) =>
      verifyOpinionJws({ jws, document, keys, now: at, signedAt });
    expect((await verify(now)).keyRevokedAt).toEqual(revokedAt);
    expect(await reasonOf(verify(revokedAt))).toBe("revoked");
    expect(await reasonOf(verify(later))).toBe("revoked");
    expect(await reasonOf(verify(new Date("2026-10-31T23:59:59.999Z")))).toBe("not-yet-registered");
    expect(await reasonOf(verify(new Date(now.getTime() + 61_000), now))).toBe("signed-in-future");
  });

  it("carries a code that a person can read", () => {
    expect(new SignatureError("altered-content").code).toBe("signature.altered");
    expect(new SignatureError("revoked").code).toBe("signature.revoked-key");
  });
});
