import { generateKeyPairSync, sign } from "node:crypto";
import { eq } from "drizzle-orm";
import type { ConsultDetail, OpinionContent } from "../consult/contract.ts";
import { prepareDocument, readConsult, saveOpinion, signOpinion } from "../consult/service.ts";
import type { Services } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { signingKey } from "../signing/schema.ts";
import { keyThumbprint, OPINION_JWS_TYPE, type PublicSigningJwk } from "../signing/service.ts";
import { asDemo } from "./load.ts";

/**
 * Sign a demo opinion the way a browser does. The private half lives for this call only and is
 * revoked afterwards: nobody can sign with it again, and a demo signature is marked by its label.
 */
export async function signAsDemo(
  services: Services,
  actor: StaffActor,
  consultId: string,
  content: OpinionContent,
): Promise<ConsultDetail> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const publicJwk: PublicSigningJwk = { kty: "EC", crv: "P-256", x: jwk.x!, y: jwk.y! };
  const kid = await keyThumbprint(publicJwk);
  await asDemo(services, actor, async ({ tx, now }) => {
    await tx.insert(signingKey).values({
      kid,
      personId: actor.personId,
      publicJwk,
      label: "演示用一次性钥匙",
      registeredAt: now,
    });
  });
  await asDemo(services, actor, (work) => saveOpinion(work, consultId, { version: 1, content }));
  const { canonical } = await asDemo(services, actor, (work) =>
    prepareDocument(services, work, consultId),
  );
  const detail = await asDemo(services, actor, (work) => readConsult(services, work, consultId));
  const header = Buffer.from(JSON.stringify({ alg: "ES256", typ: OPINION_JWS_TYPE, kid })).toString(
    "base64url",
  );
  const payload = Buffer.from(canonical).toString("base64url");
  const signature = sign("sha256", Buffer.from(`${header}.${payload}`), {
    key: privateKey,
    dsaEncoding: "ieee-p1363",
  });
  const jws = `${header}.${payload}.${signature.toString("base64url")}`;
  const signed = await asDemo(services, actor, (work) =>
    signOpinion(services, work, consultId, { version: detail.version, jws }),
  );
  await asDemo(services, actor, async ({ tx }) => {
    const revokedAt = new Date(services.clock().getTime() + 1);
    await tx
      .update(signingKey)
      .set({ revokedAt, revokedReason: "demo" })
      .where(eq(signingKey.kid, kid));
  });
  return signed;
}
