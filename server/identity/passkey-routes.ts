import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type App, requireStaff, type Services } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import {
  checkAssertion,
  confirmRegistration,
  type PasskeyPurpose,
  prepareAssertion,
  prepareRegistration,
  prepareSecondFactor,
  removePasskey,
} from "./passkey-service.ts";
import * as repository from "./repository.ts";
import { requireRecentAuth } from "./session-plugin.ts";
import { systemActor } from "./session-service.ts";
import { finishSignIn, renewCookie } from "./sign-in.ts";
import { clearFailures } from "./staff-service.ts";

const limit = (max: number) => ({ rateLimit: { max, timeWindow: "1 minute" } });
const door = { startsSession: true, ...limit(20) };

/** Passkeys (WebAuthn) of staff: to sign in, as second factor, and to prove identity once more. */
export async function passkeyRoutes(app: App, services: Services): Promise<void> {
  const actor = systemActor("passkey");
  const { db } = services;

  /** Checks an assertion; what is refused has been counted and spent by then. */
  const check = async (
    purpose: PasskeyPurpose,
    body: z.infer<typeof contract.passkeyBody>,
    personId?: string,
  ): Promise<string> => {
    const result = await db.withActor(actor, async (tx) => {
      const found = await checkAssertion(services, tx, purpose, body, personId);
      if (found instanceof DomainError) return found;
      const account = await repository.findAccountByPerson(tx, found.personId);
      if (account) await clearFailures(tx, account);
      return found;
    });
    if (result instanceof DomainError) throw result;
    return result.personId;
  };

  app.post(
    "/api/session/passkey/options",
    { config: door, schema: { response: { 200: contract.passkeyOptions } } },
    async () => db.withActor(actor, (tx) => prepareAssertion(services, tx, "sign-in", null)),
  );

  app.post(
    "/api/session/passkey",
    {
      config: door,
      schema: { body: contract.passkeyBody, response: { 200: contract.signInAnswer } },
    },
    async (request, reply) => {
      const personId = await check("sign-in", request.body);
      return finishSignIn(services, request, reply, { outcome: "done", personId });
    },
  );

  app.post(
    "/api/session/staff/passkey/options",
    {
      config: door,
      schema: {
        body: z.object({ challengeId: uuid }),
        response: { 200: contract.passkeyOptions },
      },
    },
    async (request) =>
      db.withActor(actor, async (tx) => {
        const { challengeId } = request.body;
        return { challengeId, options: await prepareSecondFactor(services, tx, challengeId) };
      }),
  );

  app.post(
    "/api/session/staff/passkey/verify",
    {
      config: door,
      schema: { body: contract.passkeyBody, response: { 200: contract.signInAnswer } },
    },
    async (request, reply) => {
      const personId = await check("second-factor", request.body);
      return finishSignIn(services, request, reply, { outcome: "done", personId });
    },
  );

  app.post(
    "/api/session/reauthenticate/passkey/options",
    { config: limit(20), schema: { response: { 200: contract.passkeyOptions } } },
    async (request) => {
      const { personId } = requireStaff(request);
      return db.withActor(actor, (tx) =>
        prepareAssertion(services, tx, "reauthenticate", personId),
      );
    },
  );

  app.post(
    "/api/session/reauthenticate/passkey",
    { config: limit(20), schema: { body: contract.passkeyBody, response: { 200: empty } } },
    async (request, reply) => {
      const { personId } = requireStaff(request);
      await check("reauthenticate", request.body, personId);
      await db.withActor(actor, (tx) =>
        renewCookie(services, tx, request.session!, reply, {
          strongAt: services.clock(),
          lockedAt: null,
        }),
      );
      return { ok: true as const };
    },
  );

  const recent = { preHandler: requireRecentAuth(services) };
  /** A key that somebody else added must not stay unseen in the traces. */
  const traceKey = (tx: Parameters<typeof trace>[0], request: FastifyRequest, action: string) =>
    trace(tx, requireStaff(request), request.traceOrigin, { action, entityType: "account" });

  app.post(
    "/api/account/passkeys/options",
    { ...recent, schema: { response: { 200: contract.passkeyOptions } } },
    async (request) => {
      const staff = requireStaff(request);
      return db.withActor(actor, (tx) => prepareRegistration(services, tx, staff));
    },
  );

  app.post(
    "/api/account/passkeys",
    { ...recent, schema: { body: contract.passkeyBody, response: { 200: empty } } },
    async (request) => {
      const staff = requireStaff(request);
      await db.withActor(actor, async (tx) => {
        await confirmRegistration(services, tx, staff, request.body);
        await traceKey(tx, request, "account.passkey-add");
      });
      return { ok: true as const };
    },
  );

  app.delete(
    "/api/account/passkeys/:id",
    { ...recent, schema: { params: z.object({ id: uuid }), response: { 200: empty } } },
    async (request) => {
      const { personId } = requireStaff(request);
      await db.withActor(actor, async (tx) => {
        await removePasskey(services, tx, personId, request.params.id);
        await traceKey(tx, request, "account.passkey-remove");
      });
      return { ok: true as const };
    },
  );
}
