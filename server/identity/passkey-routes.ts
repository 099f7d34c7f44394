import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, requireStaff, type Services } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { signInAnswer } from "./contract.ts";
import * as repository from "./repository.ts";
import { requireRecentAuth } from "./session-plugin.ts";
import { systemActor } from "./session-service.ts";
import { finishSignIn } from "./sign-in.ts";
import { clearFailures } from "./staff-service.ts";

const challengeMinutes = 5;
/** The library checks the inside of a response; here only that it is an object. */
const response = z.record(z.string(), z.unknown());

/** Passkeys (WebAuthn) as second factor of staff. */
export async function passkeyRoutes(app: App, services: Services): Promise<void> {
  const rpID = new URL(services.publicUrl).hostname;
  const expectedOrigin = new URL(services.publicUrl).origin;
  const actor = systemActor("passkey");
  const { db } = services;
  const expiresAt = () => new Date(services.clock().getTime() + challengeMinutes * 60_000);

  app.post(
    "/api/session/staff/passkey/options",
    {
      config: { startsSession: true },
      schema: {
        body: z.object({ challengeId: uuid }),
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    async (request) =>
      db.withActor(actor, async (tx) => {
        const waiting = await repository.findChallenge(
          tx,
          request.body.challengeId,
          services.clock(),
        );
        if (waiting?.kind !== "second-factor" || !waiting.personId)
          throw new DomainError("auth.code-wrong");
        const keys = await repository.findPasskeys(tx, waiting.personId);
        const options = await generateAuthenticationOptions({
          rpID,
          userVerification: "preferred",
          allowCredentials: keys.map((key) => ({
            id: key.credentialId,
            transports: key.transports as AuthenticatorTransport[],
          })),
        });
        await repository.setChallenge(tx, waiting.id, options.challenge);
        return { ...options };
      }),
  );

  app.post(
    "/api/session/staff/passkey/verify",
    {
      config: { startsSession: true },
      schema: { body: z.object({ challengeId: uuid, response }), response: { 200: signInAnswer } },
    },
    async (request, reply) => {
      const personId = await db.withActor(actor, async (tx) => {
        const waiting = await repository.takeChallenge(
          tx,
          request.body.challengeId,
          services.clock(),
        );
        if (waiting?.kind !== "second-factor" || !waiting.personId || !waiting.challenge)
          return null;
        const answer = request.body.response as unknown as AuthenticationResponseJSON;
        const key = (await repository.findPasskeys(tx, waiting.personId)).find(
          (row) => row.credentialId === answer.id,
        );
        if (!key) return null;
        const result = await verifyAuthenticationResponse({
          response: answer,
          expectedChallenge: waiting.challenge,
          expectedOrigin,
          expectedRPID: rpID,
          requireUserVerification: false,
          credential: {
            id: key.credentialId,
            publicKey: new Uint8Array(key.publicKey),
            counter: key.counter,
          },
        }).catch(() => null);
        if (!result?.verified) return null;
        await repository.updatePasskeyCounter(tx, key.id, result.authenticationInfo.newCounter);
        const account = await repository.findAccountByPerson(tx, waiting.personId);
        if (account) await clearFailures(tx, account);
        return waiting.personId;
      });
      if (!personId) throw new DomainError("auth.code-wrong");
      return finishSignIn(services, request, reply, { outcome: "done", personId });
    },
  );

  app.post(
    "/api/account/passkeys/options",
    {
      preHandler: requireRecentAuth(services),
      schema: {
        response: {
          200: z.object({ challengeId: uuid, options: z.record(z.string(), z.unknown()) }),
        },
      },
    },
    async (request) => {
      const staff = requireStaff(request);
      return db.withActor(actor, async (tx) => {
        const keys = await repository.findPasskeys(tx, staff.personId);
        const options = await generateRegistrationOptions({
          rpName: "医联 Yilian",
          rpID,
          userName: staff.name,
          userID: new TextEncoder().encode(staff.personId),
          excludeCredentials: keys.map((key) => ({ id: key.credentialId })),
        });
        const challengeId = await repository.insertChallenge(tx, {
          kind: "register-passkey",
          personId: staff.personId,
          challenge: options.challenge,
          expiresAt: expiresAt(),
        });
        return { challengeId, options: { ...options } };
      });
    },
  );

  app.post(
    "/api/account/passkeys",
    {
      preHandler: requireRecentAuth(services),
      schema: { body: z.object({ challengeId: uuid, response }), response: { 200: empty } },
    },
    async (request) => {
      const staff = requireStaff(request);
      await db.withActor(actor, async (tx) => {
        const waiting = await repository.takeChallenge(
          tx,
          request.body.challengeId,
          services.clock(),
        );
        if (waiting?.kind !== "register-passkey" || waiting.personId !== staff.personId)
          throw new DomainError("auth.code-wrong");
        const result = await verifyRegistrationResponse({
          response: request.body.response as unknown as RegistrationResponseJSON,
          expectedChallenge: waiting.challenge,
          expectedOrigin,
          expectedRPID: rpID,
          requireUserVerification: false,
        }).catch(() => null);
        if (!result?.verified || !result.registrationInfo) throw new DomainError("auth.code-wrong");
        const { credential } = result.registrationInfo;
        await repository.insertPasskey(tx, {
          personId: staff.personId,
          credentialId: credential.id,
          publicKey: Buffer.from(credential.publicKey),
          counter: credential.counter,
          transports: credential.transports ?? [],
        });
      });
      return { ok: true as const };
    },
  );
}
