import type { FastifyRequest } from "fastify";
import { trace } from "../audit/service.ts";
import { openGuestLink } from "../consult/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type App, requireStaff, type Services } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import { languageOf } from "../http/problem-plugin.ts";
import { announce } from "../outbox/service.ts";
import * as contract from "./contract.ts";
import { checkPhoneCode, sendPhoneCode } from "./phone-service.ts";
import * as repository from "./repository.ts";
import { clearSessionCookie } from "./session-plugin.ts";
import { actorOf, authenticate, endSession, rotationDue, systemActor } from "./session-service.ts";
import { finishSignIn, renewCookie, replaceSession } from "./sign-in.ts";
import { checkPassword, checkTotp, reauthenticate } from "./staff-service.ts";
import { viewSession } from "./view.ts";

const limit = (max: number) => ({ rateLimit: { max, timeWindow: "1 minute" } });

/** Sign-in, and the session of this browser. */
export async function identityRoutes(app: App, services: Services): Promise<void> {
  const { db } = services;
  const system = (request: FastifyRequest) => systemActor("identity", languageOf(request));

  app.get(
    "/api/session",
    { schema: { response: { 200: contract.sessionView } } },
    async (request, reply) =>
      db.withActor(system(request), async (tx) => {
        if (request.session && rotationDue(request.session, services.clock()))
          await renewCookie(services, tx, request.session, reply);
        return viewSession(services, tx, request.actor, request.session);
      }),
  );

  app.delete("/api/session", { schema: { response: { 200: empty } } }, async (request, reply) => {
    const { session } = request;
    if (session) await db.withActor(system(request), (tx) => endSession(services, tx, session.id));
    clearSessionCookie(reply);
    return { ok: true as const };
  });

  app.post(
    "/api/session/staff",
    {
      config: { startsSession: true, ...limit(20) },
      schema: { body: contract.signInBody, response: { 200: contract.signInAnswer } },
    },
    async (request, reply) => {
      const result = await db.withActor(system(request), (tx) =>
        checkPassword(services, tx, request.body.loginName, request.body.password),
      );
      return finishSignIn(services, request, reply, result);
    },
  );

  app.post(
    "/api/session/staff/totp",
    {
      config: { startsSession: true, ...limit(20) },
      schema: { body: contract.totpBody, response: { 200: contract.signInAnswer } },
    },
    async (request, reply) => {
      const result = await db.withActor(system(request), (tx) =>
        checkTotp(services, tx, request.body.challengeId, request.body.code),
      );
      return finishSignIn(services, request, reply, result);
    },
  );

  app.post(
    "/api/session/reauthenticate",
    { config: limit(20), schema: { body: contract.reauthenticateBody, response: { 200: empty } } },
    async (request, reply) => {
      const actor = requireStaff(request);
      const result = await db.withActor(system(request), (tx) =>
        reauthenticate(services, tx, actor.personId, request.body.password, request.body.totp),
      );
      if (result.outcome === "refused") throw result.error;
      await db.withActor(system(request), async (tx) => {
        const change = { strongAt: services.clock(), lockedAt: null };
        await renewCookie(services, tx, request.session!, reply, change);
      });
      return { ok: true as const };
    },
  );

  app.post(
    "/api/session/institution",
    { schema: { body: contract.switchInstitutionBody, response: { 200: contract.sessionView } } },
    async (request, reply) => {
      const staff = requireStaff(request);
      return db.withActor(system(request), async (tx) => {
        const { institutionId } = request.body;
        if (!(await repository.findStaffAt(tx, staff.personId, institutionId, services.clock())))
          throw new DomainError("permission.denied");
        await renewCookie(services, tx, request.session!, reply, { institutionId });
        await announce(
          tx,
          { topic: "session", id: request.session!.id, version: 0 },
          {},
          { sessionId: request.session!.id, reason: "moved" },
        );
        await trace(tx, staff, request.traceOrigin, {
          action: "session.switch-institution",
          entityType: "institution",
          entityId: institutionId,
        });
        const session = { ...request.session!, institutionId };
        const actor = await actorOf(tx, session, staff.language, services.clock(), services.demo);
        return viewSession(services, tx, actor, session);
      });
    },
  );

  app.post("/api/session/lock", { schema: { response: { 200: empty } } }, async (request) => {
    requireStaff(request);
    await db.withActor(system(request), (tx) =>
      // A proof given before the lock was given by whoever sat here then.
      repository.updateSession(tx, request.session!.id, {
        lockedAt: services.clock(),
        strongAt: null,
      }),
    );
    return { ok: true as const };
  });

  app.post(
    "/api/session/phone-code",
    {
      config: { startsSession: true, ...limit(10) },
      schema: { body: contract.phoneCodeBody, response: { 200: contract.phoneCodeAnswer } },
    },
    async (request) =>
      db.withActor(system(request), async (tx) => {
        const sent = await sendPhoneCode(services, tx, request.body.phone);
        return {
          sentTo: sent.sentTo,
          expiresAt: sent.expiresAt.toISOString(),
          ...(services.demo ? { demoCode: sent.code } : {}),
        };
      }),
  );

  app.post(
    "/api/session/phone",
    {
      config: { startsSession: true, ...limit(20) },
      schema: { body: contract.phoneSignInBody, response: { 200: contract.signInAnswer } },
    },
    async (request, reply) => {
      const result = await db.withActor(system(request), (tx) =>
        checkPhoneCode(services, tx, request.body.phone, request.body.code),
      );
      if (result instanceof DomainError) throw result;
      await replaceSession(services, request, reply, {
        kind: "patient",
        phoneIndex: result.phoneIndex,
        userAgent: request.headers["user-agent"] ?? null,
      });
      return { next: "done" as const };
    },
  );

  app.post(
    "/api/session/guest",
    {
      config: { startsSession: true, ...limit(20) },
      schema: { body: contract.guestSignInBody, response: { 200: contract.sessionView } },
    },
    async (request, reply) => {
      const guest = await db.withActor(system(request), (tx) =>
        openGuestLink(tx, services.vault.hashSecret(request.body.secret), services.clock()),
      );
      if (!guest) throw new DomainError("auth.link-dead");
      // The same browser again (a reload): the doctor who let it in is not asked twice.
      if (request.actor?.kind === "guest" && request.actor.guestId === guest.id) {
        const { actor, session } = request;
        return db.withActor(system(request), (tx) => viewSession(services, tx, actor, session));
      }
      const secret = await replaceSession(services, request, reply, {
        kind: "guest",
        guestId: guest.id,
        userAgent: request.headers["user-agent"] ?? null,
        expiresAt: guest.expiresAt,
      });
      const found = await authenticate(services, secret, languageOf(request));
      return db.withActor(system(request), (tx) =>
        viewSession(services, tx, found?.actor ?? null, found?.session ?? null),
      );
    },
  );
}
