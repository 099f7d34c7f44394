/**
 * A SMART Health Card (spec.smarthealth.cards) of one test result of one person: a minimal FHIR bundle,
 * minified, raw DEFLATE, compact JWS with ES256. Pure: keys and times come from the caller. The layout
 * of the code is made where it is shown.
 */
import { createPrivateKey, type JsonWebKey, sign } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import type { CardResult } from "./domain.ts";

/** The longest JWS that fits one QR code of version 22 at level L. */
export const jwsLengthMax = 1195;

export type CardContent = {
  fullName: string;
  /** `YYYY-MM-DD`, only the year where the day is an estimate, null when nothing is known. */
  birthDate: string | null;
  /** LOINC code of the test. */
  code: string;
  result: CardResult;
  /** When the swab was taken; validity counts from here. */
  sampledAt: Date;
  /** Who tested. */
  laboratory: string;
};

/** SNOMED CT: what the laboratory found. A recall never gets here. */
const valueCodes: Record<CardResult, string> = {
  negative: "260415000",
  positive: "260373001",
};
const snomed = "http://snomed.info/sct";
const loinc = "http://loinc.org";
/** Beijing time: what the sampler's clock showed. */
const offsetMinutes = 480;

/**
 * Patient and Observation, as small as they may be: no id, meta, narrative, text, nor display of a code.
 * A name stands whole in `given`: it is never split, and `text` is not to be used in a card.
 */
export function cardBundle(content: CardContent) {
  return {
    resourceType: "Bundle",
    type: "collection",
    entry: [
      {
        fullUrl: "resource:0",
        resource: {
          resourceType: "Patient",
          name: [{ given: [content.fullName] }],
          ...(content.birthDate ? { birthDate: content.birthDate } : {}),
        },
      },
      {
        fullUrl: "resource:1",
        resource: {
          resourceType: "Observation",
          status: "final",
          code: { coding: [{ system: loinc, code: content.code }] },
          subject: { reference: "resource:0" },
          effectiveDateTime: withOffset(content.sampledAt),
          valueCodeableConcept: {
            coding: [{ system: snomed, code: valueCodes[content.result] }],
          },
          performer: [{ display: content.laboratory }],
        },
      },
    ],
  } as const;
}

/** The claims of the card. @param rid revocation id, base64url, at most 24 characters */
export function cardClaims(input: {
  issuer: string;
  issuedAt: Date;
  rid: string;
  content: CardContent;
}) {
  return {
    iss: input.issuer,
    nbf: Math.floor(input.issuedAt.getTime() / 1000),
    vc: {
      type: ["https://smarthealth.cards#health-card", "https://smarthealth.cards#laboratory"],
      credentialSubject: { fhirVersion: "4.0.1", fhirBundle: cardBundle(input.content) },
      rid: input.rid,
    },
  };
}

export type SigningKey = { kid: string; privateJwk: JsonWebKey };

/**
 * @throws RangeError when the card is too long for one code (a name or a laboratory of absurd length)
 */
export function signCard(claims: ReturnType<typeof cardClaims>, key: SigningKey): string {
  const header = { zip: "DEF", alg: "ES256", kid: key.kid };
  const payload = deflateRawSync(Buffer.from(JSON.stringify(claims), "utf8"), { level: 9 });
  const input = `${base64url(JSON.stringify(header))}.${payload.toString("base64url")}`;
  const jws = `${input}.${signBytes(input, key).toString("base64url")}`;
  if (jws.length > jwsLengthMax) throw new RangeError("the card does not fit one code");
  return jws;
}

/** ES256: R and S side by side, 64 bytes. */
export function signBytes(text: string, key: SigningKey): Buffer {
  return sign("sha256", Buffer.from(text, "ascii"), {
    key: createPrivateKey({ key: key.privateJwk, format: "jwk" }),
    dsaEncoding: "ieee-p1363",
  });
}

/** The file that wallets take: `.smart-health-card`. */
export function cardFile(jws: string): { verifiableCredential: string[] } {
  return { verifiableCredential: [jws] };
}

function base64url(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

/** `2026-11-21T16:03:00+08:00` */
function withOffset(at: Date): string {
  const local = new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
  return `${local}+08:00`;
}
