import { generateKeyPairSync } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CardContent,
  cardBundle,
  cardClaims,
  signBytes,
  signCard,
} from "../../server/cards/card.ts";
import {
  isKeyDue,
  paperCodeReason,
  paperCodeState,
  paperCodeUntil,
  policyOn,
  validUntil,
} from "../../server/cards/domain.ts";
import { assertMaySign, issuerOf } from "../../server/cards/issuer.ts";
import {
  keyTagOf,
  newPaperNumber,
  paperRid,
  parsePaperNumber,
  parsePaperText,
  signPaperText,
  verifyPaperText,
} from "../../server/cards/paper-text.ts";
import { cardDigits, cardOfDigits } from "../../web/cards/card-digits.ts";
import { cardCode, jwsLengthMax } from "../../web/cards/card-qr.ts";
import { checkCard } from "../../web/verifier/check-card.ts";
import { checkPaper } from "../../web/verifier/check-paper.ts";
import type { Trust } from "../../web/verifier/trust.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { kid: "A".repeat(43), privateJwk: privateKey.export({ format: "jwk" }) };
const publicJwk = publicKey.export({ format: "jwk" });
const content: CardContent = {
  fullName: "བསྟན་འཛིན་རྒྱ་མཚོ་བཀྲ་ཤིས་དོན་གྲུབ།",
  birthDate: "1949-12-31",
  code: "94500-6",
  result: "negative",
  sampledAt: new Date("2026-11-22T23:59:59Z"),
  laboratory: "复旦大学附属中山医院徐汇医院检验科（上海市徐汇区中心医院）",
};
const claims = (more: Partial<CardContent> = {}) =>
  cardClaims({
    issuer: "https://yunyiliao.example.gov.cn",
    issuedAt: new Date("2026-11-23T06:00:00.900Z"),
    rid: "A".repeat(16),
    content: { ...content, ...more },
  });

describe("how long something counts", () => {
  it.each([
    [24, "2026-11-23T23:59:59.000Z"],
    [48, "2026-11-24T23:59:59.000Z"],
    [72, "2026-11-25T23:59:59.000Z"],
  ])("a result: %i hours from sampling", (hours, until) => {
    expect(validUntil(content.sampledAt, hours).toISOString()).toBe(until);
  });

  it("by the newest policy that has begun, whatever the order of the rows", () => {
    const policy = (validFrom: string, validityHours: number) => ({
      validFrom,
      validityHours,
      paperCodeDays: 180,
    });
    const rows = [policy("2026-06-01", 24), policy("2020-01-01", 48), policy("2027-01-01", 72)];
    expect(policyOn(rows, "2026-05-31").validityHours).toBe(48);
    expect(policyOn(rows, "2026-06-01").validityHours).toBe(24);
    expect(policyOn(rows, "2027-01-01").validityHours).toBe(72);
    expect(policyOn([], "2026-01-01").validityHours).toBe(48);
  });

  it("a paper code: whole minutes, to the last one; revoked says more than expired", () => {
    const issuedAt = new Date("2026-11-23T02:00:41.500Z");
    const expiresAt = paperCodeUntil(issuedAt, 180);
    expect(expiresAt.toISOString()).toBe("2027-05-22T02:00:00.000Z");
    const before = new Date(expiresAt.getTime() - 1);
    expect(paperCodeState({ revokedAt: null, expiresAt }, before)).toBe("valid");
    expect(paperCodeState({ revokedAt: null, expiresAt }, expiresAt)).toBe("expired");
    expect(paperCodeState({ revokedAt: issuedAt, expiresAt }, expiresAt)).toBe("revoked");
  });

  it("a key: a year", () => {
    const from = new Date("2026-01-01T00:00:00Z");
    expect(isKeyDue(from, new Date("2026-12-31T23:59:59Z"))).toBe(false);
    expect(isKeyDue(from, new Date("2027-01-01T00:00:00Z"))).toBe(true);
  });
});

describe("who is given a paper code", () => {
  it.each([
    [17, false, null, "under-18"],
    [18, false, null, null],
    [59, false, null, null],
    [60, false, null, "60-and-over"],
    [60, true, "x", "60-and-over"],
    [40, true, null, "disabled"],
    [40, false, "手机丢失", "override"],
    [null, false, null, null],
    [null, true, null, "disabled"],
  ] as const)(
    "aged %s, disabled %s, other reason %s: %s",
    (ageYears, disabled, overrideReason, is) => {
      expect(paperCodeReason({ ageYears, disabled, overrideReason })).toBe(is);
    },
  );
});

describe("the issuer's name", () => {
  it("is the origin, without a slash; plain http signs in a demo only", () => {
    expect(issuerOf({ publicUrl: "https://a.example:8443/app" })).toBe("https://a.example:8443");
    expect(() => assertMaySign({ publicUrl: "http://a.example", demo: true })).not.toThrow();
    expect(() => assertMaySign({ publicUrl: "https://a.example", demo: false })).not.toThrow();
    expect(() => assertMaySign({ publicUrl: "http://a.example", demo: false })).toThrow(
      "card.issuer",
    );
  });
});

describe("the card's content", () => {
  it("keeps a name whole, the time with its offset, whole seconds, and leaves out what is unknown", () => {
    const { entry } = cardBundle({ ...content, birthDate: null });
    expect(entry[0].resource).toEqual({
      resourceType: "Patient",
      name: [{ given: [content.fullName] }],
    });
    expect(entry[1].resource.effectiveDateTime).toBe("2026-11-23T07:59:59+08:00");
    expect(claims().nbf).toBe(1795413600);
  });

  it("fits one code with the longest names of the field, and is refused beyond", () => {
    expect(signCard(claims(), key).length).toBeLessThan(jwsLengthMax);
    let letters = "";
    for (let at = 0; at < 1200; at += 1) letters += String.fromCharCode(0x4e00 + at * 17);
    expect(() => signCard(claims({ fullName: letters }), key)).toThrow(RangeError);
  });
});

describe("the code of a card", () => {
  it("turns every text that may stand in a JWS into digits and back", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 1195 }),
        (jws) => {
          expect(cardDigits(jws)).toMatch(/^(\d\d)+$/);
          expect(cardOfDigits(`shc:/${cardDigits(jws)}`)).toBe(jws);
        },
      ),
    );
  });

  it("is at most version 22, at the longest exactly, and refuses a letter more", () => {
    expect((cardCode("z".repeat(jwsLengthMax)).size - 17) / 4).toBe(22);
    expect(() => cardCode("z".repeat(jwsLengthMax + 1))).toThrow(RangeError);
  });

  it.each(["shc:/1/2/5676", "shc:/567", "SHC:/5676", "https://x", "shc:/", "5676"])(
    "%s is no single card",
    (text) => {
      expect(cardOfDigits(text)).toBeNull();
    },
  );
});

describe("the text of a paper code", () => {
  const expiresAt = new Date("2027-05-22T02:00:00Z");

  it("is read back, whoever it is for, and packs into letters that a QR code likes", () => {
    for (let round = 0; round < 50; round += 1) {
      const number = newPaperNumber();
      const text = signPaperText(number, expiresAt, key);
      expect(text).toMatch(/^[0-9A-Z:.]{143}$/);
      const read = parsePaperText(` ${text.toLowerCase()}\n`)!;
      expect(read).toMatchObject({ number, expiresAt, keyTag: keyTagOf(key.kid) });
      expect(verifyPaperText(read, publicJwk)).toBe(true);
      expect(parsePaperNumber(number)).toBe(number);
    }
  });

  it("does not verify with any letter changed", () => {
    const text = signPaperText(newPaperNumber(), expiresAt, key);
    for (let at = 5; at < text.length; at += 1) {
      if (text[at] === ".") continue;
      const other = text[at] === "3" ? "4" : "3";
      const read = parsePaperText(text.slice(0, at) + other + text.slice(at + 1));
      expect(read === null || !verifyPaperText(read, publicJwk)).toBe(true);
    }
  });

  it("takes letters that look alike as meant, and nothing else for a number", () => {
    expect(parsePaperNumber("olol-0123 4567-89ab")).toBe("010101234567" + "89AB");
    for (const text of ["", "123", "啊".repeat(16), "UUUUUUUUUUUUUUUU", "0123456789ABCDEFG"])
      expect(parsePaperNumber(text)).toBeNull();
  });

  it("is named on the list of revoked ones without its number", () => {
    const rid = paperRid("0123456789ABCDEF");
    expect(rid).toMatch(/^[A-Za-z0-9_-]{16}$/);
    expect(paperRid("0123456789ABCDEG")).not.toBe(rid);
  });
});

describe("the verifier, which shares no code with the signer", () => {
  const issuer = "https://yunyiliao.example.gov.cn";
  const now = Date.parse("2026-11-23T08:00:00Z");
  const hour = 3_600_000;
  const trust: Trust = {
    policy: { issuer, validityHours: 48, windowsHours: [24, 48, 72], validFrom: "2020-01-01" },
    keys: [
      {
        kty: "EC",
        kid: key.kid,
        use: "sig",
        alg: "ES256",
        crv: "P-256",
        x: publicJwk.x!,
        y: publicJwk.y!,
      },
    ],
    revoked: {},
    readAt: now,
  };
  const card = signCard(claims(), key);
  const check = (text: string, more: Partial<Parameters<typeof checkCard>[0]> = {}) =>
    checkCard({ text, trust, fresh: true, windowHours: 48, now, ...more });
  /** A card around any payload and header, signed with the trusted key. */
  const sign = (payload: Buffer, header: object = { zip: "DEF", alg: "ES256", kid: key.kid }) => {
    const input = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload.toString("base64url")}`;
    return `${input}.${signBytes(input, key).toString("base64url")}`;
  };
  const pack = (value: unknown) => deflateRawSync(Buffer.from(JSON.stringify(value)));

  it("takes a genuine card, from digits and as text, until the last moment of the window", async () => {
    const sampled = content.sampledAt.getTime();
    expect(await check(card)).toEqual({
      is: "valid",
      facts: {
        name: content.fullName,
        birthDate: "1949-12-31",
        result: "negative",
        sampledAt: sampled,
        validUntil: sampled + 48 * hour,
        laboratory: content.laboratory,
      },
    });
    expect(await check(`shc:/${cardDigits(card)}`)).toMatchObject({ is: "valid" });
    expect(await check(card, { now: sampled + 48 * hour - 1 })).toMatchObject({ is: "valid" });
    expect(await check(card, { now: sampled + 48 * hour })).toMatchObject({ why: "expired" });
    expect(await check(card, { now: sampled + 48 * hour, windowHours: 72 })).toMatchObject({
      is: "valid",
    });
  });

  it("says why not, and where it cannot say", async () => {
    const why = async (text: string, more: Partial<Parameters<typeof checkCard>[0]> = {}) =>
      ((verdict) => ("why" in verdict ? verdict.why : verdict.is))(await check(text, more));
    expect(await why(signCard(claims({ result: "positive" }), key))).toBe("positive");
    expect(await why(card, { now: now - 30 * 24 * hour })).toBe("future");
    // Signed after the future of this clock, sampled before it.
    expect(await why(card, { now: Date.parse("2026-11-23T03:00:00Z") })).toBe("future");
    const rid = "A".repeat(16);
    expect(await why(card, { trust: { ...trust, revoked: { [key.kid]: [rid] } } })).toBe("revoked");
    expect(await why(card, { trust: { ...trust, revoked: { other: [rid] } } })).toBe("valid");
    expect(await why(card, { trust: null })).toBe("no-keys");
    expect(await why(card, { trust: { ...trust, keys: [] }, fresh: false })).toBe("key");
    expect(await why(card, { trust: { ...trust, keys: [] }, fresh: true })).toBe("key-revoked");
    const elsewhere = { ...trust, policy: { ...trust.policy, issuer: "https://other.example" } };
    expect(await why(card, { trust: elsewhere })).toBe("issuer");
    expect(await why(`shc:/1/2/${cardDigits(card)}`)).toBe("chunked");
    for (const text of ["", "x", "https://x", "a.b", "shc:/12x"])
      expect(await why(text)).toBe("not-a-card");
    const other = { iss: issuer, nbf: 0, vc: { credentialSubject: { fhirBundle: { entry: [] } } } };
    expect(await why(sign(pack(other)))).toBe("other-card");
    const draft = structuredClone(claims()) as unknown as {
      vc: { credentialSubject: { fhirBundle: { entry: { resource: { status?: string } }[] } } };
    };
    draft.vc.credentialSubject.fhirBundle.entry[1]!.resource.status = "preliminary";
    expect(await why(sign(pack(draft)))).toBe("other-card");
  });

  it("refuses what was touched, another algorithm, and what unpacks without end", async () => {
    const parts = card.split(".");
    for (const part of [0, 1, 2])
      for (const place of [0, 7, parts[part]!.length - 1]) {
        const touched = [...parts];
        const letter = parts[part]![place] === "A" ? "B" : "A";
        touched[part] = parts[part]!.slice(0, place) + letter + parts[part]!.slice(place + 1);
        expect(await check(touched.join("."))).not.toMatchObject({ is: "valid" });
      }
    const packed = pack(claims());
    for (const header of [
      { zip: "DEF", alg: "none", kid: key.kid },
      { zip: "DEF", alg: "HS256", kid: key.kid },
      { alg: "ES256", kid: key.kid },
      { zip: "DEF", alg: "ES256" },
    ])
      expect(await check(sign(packed, header))).toEqual({ is: "invalid", why: "tampered" });
    const bomb = deflateRawSync(Buffer.from(`{"a":"${"0".repeat(5_000_000)}"}`));
    expect(await check(sign(bomb))).toEqual({ is: "invalid", why: "tampered" });
    expect(await check(sign(Buffer.from("no deflate")))).toEqual({
      is: "invalid",
      why: "tampered",
    });
  });

  it("judges a paper code without a line", async () => {
    const number = newPaperNumber();
    const until = new Date(now + 24 * hour);
    const text = signPaperText(number, until, key);
    expect(await checkPaper(text, trust, true, now)).toEqual({
      is: "valid",
      expiresAt: until.getTime(),
    });
    expect(await checkPaper(text.toLowerCase(), trust, true, now)).toMatchObject({ is: "valid" });
    expect(await checkPaper(text, trust, true, until.getTime())).toMatchObject({ why: "expired" });
    const revoked = { ...trust, revoked: { [key.kid]: [paperRid(number)] } };
    expect(await checkPaper(text, revoked, true, now)).toEqual({ is: "invalid", why: "revoked" });
    const without = { ...trust, keys: [] };
    expect(await checkPaper(text, without, false, now)).toEqual({ is: "unknown", why: "key" });
    expect(await checkPaper(text, without, true, now)).toMatchObject({ why: "tampered" });
    expect(await checkPaper(text, null, false, now)).toEqual({ is: "unknown", why: "no-keys" });
    for (const at of [6, 24, 60, text.length - 1]) {
      const other = text[at] === "3" ? "4" : "3";
      const forged = text.slice(0, at) + other + text.slice(at + 1);
      expect(await checkPaper(forged, trust, true, now)).toEqual({
        is: "invalid",
        why: "tampered",
      });
    }
  });
});
