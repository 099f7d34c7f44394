import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type App, requireActor, requireStaff, type Services, type Work } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { languageOf } from "../http/problem-plugin.ts";
import { findPasskeys } from "./account-repository.ts";
import * as contract from "./contract.ts";
import { endOwnSessions, listOwnSessions } from "./own-sessions.ts";
import { findAccountByPerson } from "./repository.ts";
import { requireRecentAuth } from "./session-plugin.ts";
import { systemActor } from "./session-service.ts";
import { confirmTotp, prepareTotp } from "./staff-service.ts";

const limit = (max: number) => ({ rateLimit: { max, timeWindow: "1 minute" } });

/** My account: second factors, and where I am signed in. Sessions are rows of the system's own, so each query names their owner. */
export async function accountRoutes(app: App, services: Services): Promise<void> {
  const { db } = services;
  const system = (request: FastifyRequest) => systemActor("account", languageOf(request));

  /** @throws DomainError `auth.stale` while the screen is locked: the account belongs to whoever proves it */
  const mine = <Answer>(request: FastifyRequest, work: (work: Work) => Promise<Answer>) => {
    const actor = requireActor(request);
    if (request.session?.lockedAt) throw new DomainError("auth.stale");
    return db.withActor(system(request), (tx) =>
      work({ tx, actor, origin: request.traceOrigin, now: services.clock() }),
    );
  };

  app.get(
    "/api/account/sessions",
    { schema: { response: { 200: contract.ownSessions } } },
    async (request) => mine(request, listOwnSessions),
  );

  app.delete(
    "/api/account/sessions/:id",
    { schema: { params: z.object({ id: uuid }), response: { 200: empty } } },
    async (request) => {
      await mine(request, (work) => endOwnSessions(services, work, request.params));
      return { ok: true as const };
    },
  );

  app.post(
    "/api/account/sessions/end-others",
    { schema: { response: { 200: z.object({ ended: z.number().int() }) } } },
    async (request) => ({
      ended: await mine(request, (work) => endOwnSessions(services, work, "others")),
    }),
  );

  app.get(
    "/api/account/factors",
    { schema: { response: { 200: contract.secondFactors } } },
    async (request) => {
      const { personId } = requireStaff(request);
      return mine(request, async ({ tx }) => {
        const account = await findAccountByPerson(tx, personId);
        const keys = await findPasskeys(tx, personId);
        return {
          totpSince: account?.totpConfirmedAt?.toISOString() ?? null,
          passkeys: keys.map((key) => ({ id: key.id, addedAt: key.createdAt.toISOString() })),
        };
      });
    },
  );

  app.post(
    "/api/account/totp",
    {
      preHandler: requireRecentAuth(services),
      schema: { response: { 200: z.object({ secret: z.string(), uri: z.string() }) } },
    },
    async (request) => {
      const staff = requireStaff(request);
      return mine(request, ({ tx }) => prepareTotp(services, tx, staff.personId));
    },
  );

  app.post(
    "/api/account/totp/confirm",
    {
      config: limit(10),
      schema: { body: z.object({ code: z.string().regex(/^\d{6}$/) }), response: { 200: empty } },
    },
    async (request) => {
      const staff = requireStaff(request);
      await mine(request, async ({ tx, origin }) => {
        await confirmTotp(services, tx, staff.personId, request.body.code);
        await trace(tx, staff, origin, { action: "account.totp-set", entityType: "account" });
      });
      return { ok: true as const };
    },
  );
}
