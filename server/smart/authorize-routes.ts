import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireActor, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { answerAddress, isFault, parseRequest, singleValues } from "./authorize-domain.ts";
import { allow, clientOfAddress, decline, viewAuthorization } from "./authorize-service.ts";
import * as contract from "./contract.ts";
import { endOwnGrant, listGrants } from "./grant-service.ts";
import type { SmartRoutesOptions } from "./routes.ts";

/** Where the page of consent is. */
const page = "/apps/authorize";

/** @throws DomainError `auth.required`, `permission.denied` for guests */
function requirePerson(request: FastifyRequest): StaffActor | PatientActor {
  const actor = requireActor(request);
  if (actor.kind !== "staff" && actor.kind !== "patient")
    throw new DomainError("permission.denied");
  return actor;
}

/** A person lets an app in by way of the browser, sees which he let in, and ends it. */
export async function authorizeRoutes(app: App, options: SmartRoutesOptions): Promise<void> {
  const { services, people } = options;

  app.get(
    "/auth/authorize",
    { schema: { hide: true }, config: { rateLimit: { max: 120, timeWindow: "1 minute" } } },
    async (request, reply) => {
      void reply.header("cache-control", "no-store").header("referrer-policy", "no-referrer");
      const query = request.query as Record<string, unknown>;
      const values = singleValues(query);
      // Who asks, and where the answer goes, is known first: until then nobody is sent anywhere.
      const single = (name: string) =>
        typeof query[name] === "string" ? (query[name] as string) : "";
      const client = await clientOfAddress(services, {
        client_id: single("client_id"),
        redirect_uri: single("redirect_uri"),
      }).catch((error: unknown) => {
        if (error instanceof DomainError && /\btext\/html\b/.test(request.headers.accept ?? ""))
          return null;
        throw error;
      });
      if (!client) return explain(reply);
      const parsed = values
        ? parseRequest(values, services.publicUrl, client.scopes)
        : {
            error: "invalid_request" as const,
            description: "a parameter comes twice",
          };
      if (isFault(parsed))
        return reply.redirect(
          answerAddress(single("redirect_uri"), {
            error: parsed.error,
            error_description: parsed.description,
            ...(single("state") === "" ? {} : { state: single("state").slice(0, 1000) }),
          }),
          302,
        );
      return reply.redirect(`${page}?${new URLSearchParams(values!)}`, 302);
    },
  );

  app.get(
    "/api/smart/authorization",
    {
      schema: {
        querystring: contract.authorizationQuery,
        response: { 200: contract.authorizationView },
      },
    },
    async (request) =>
      read(services, request, requirePerson(request), (work) =>
        viewAuthorization(options, work, request.query),
      ),
  );
  app.post(
    "/api/smart/authorization/allow",
    { schema: { body: contract.allowBody, response: { 200: contract.goTo } } },
    async (request) =>
      write(services, request, requirePerson(request), (work) =>
        allow(options, work, request.body),
      ),
  );
  app.post(
    "/api/smart/authorization/decline",
    { schema: { body: contract.declineBody, response: { 200: contract.goTo } } },
    async (request) =>
      write(services, request, requirePerson(request), (work) =>
        decline(options, work, request.body.request),
      ),
  );
  app.get(
    "/api/smart/grants",
    { schema: { response: { 200: contract.grantList } } },
    async (request) =>
      read(services, request, requirePerson(request), (work) => listGrants(people, work)),
  );
  app.post(
    "/api/smart/grants/:id/end",
    {
      schema: {
        params: z.object({ id: uuid }),
        body: z.object({}).strict().nullish(),
        response: { 200: empty },
      },
    },
    async (request) =>
      write(services, request, requirePerson(request), (work) =>
        endOwnGrant(work, request.params.id),
      ),
  );
}

/** A browser is told on our own page; the address that was asked for gets nothing. */
const explain = (reply: FastifyReply) =>
  reply
    .status(400)
    .type("text/html; charset=utf-8")
    .send(
      `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>医联</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="0; url=${page}?problem=client"></head><body><p><a href="${page}?problem=client">医联</a></p></body></html>`,
    );
