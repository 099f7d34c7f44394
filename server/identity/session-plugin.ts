import type {} from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import plugin from "fastify-plugin";
import { DomainError } from "../errors/domain-error.ts";
import { requireActor, type Services } from "../http/context.ts";
import { languageOf } from "../http/problem-plugin.ts";
import type { SessionRow } from "./repository.ts";
import { authenticate, recentAuthMinutes } from "./session-service.ts";

/** `__Host-` binds the cookie to this host, this path and HTTPS (browsers treat localhost as secure). */
export const sessionCookie = "__Host-yilian";
const unsafe = new Set(["POST", "PUT", "PATCH", "DELETE"]);

declare module "fastify" {
  interface FastifyRequest {
    session: SessionRow | null;
  }
}

/**
 * Knows who asks before any route runs, and refuses writes that another site started: the Origin
 * must be ours, and a signed-in write carries the token of its session.
 */
export const sessionPlugin = plugin(
  async (app, services: Services) => {
    app.decorateRequest("actor", null);
    app.decorateRequest("session", null);
    app.decorateRequest("traceOrigin", null as never);
    app.addHook("onRequest", async (request) => {
      request.traceOrigin = { correlationId: request.id, address: request.ip };
      if (unsafe.has(request.method) && !isForOthers(request))
        assertOwnOrigin(request, services.publicUrl);
      if (!request.routeOptions.config.ownSession) await identify(services, request);
    });
    app.addHook("preHandler", async (request) => {
      // Such a route attaches what is wrong with its input: strangers are turned away before they are told.
      if (!request.routeOptions.config.ownSession || !request.validationError) return;
      await identify(services, request);
      requireActor(request);
      throw request.validationError;
    });
  },
  { name: "session", dependencies: ["@fastify/cookie", "problem"] },
);

/**
 * Pages of others may ask here: no cookie is what counts, but a token that no browser adds by itself. A
 * session that comes along is judged as always.
 */
const isForOthers = ({ routeOptions, headers, url }: FastifyRequest): boolean =>
  routeOptions.config.anyOrigin === true ||
  (/^\/(fhir|stores\/[^/]+\/fhir)(\/|\?|$)/.test(url) &&
    /^Bearer ./.test(headers.authorization ?? ""));

/** Who asks, and whether the write was meant. @throws DomainError `auth.csrf` */
export async function identify(services: Services, request: FastifyRequest): Promise<void> {
  const found = await authenticate(services, request.cookies[sessionCookie], languageOf(request));
  if (!found) return;
  request.actor = found.actor;
  request.session = found.session;
  if (unsafe.has(request.method) && !startsSession(request))
    assertCsrfToken(request, found.session);
}

/** Signing in replaces whatever session there is, so it does not need that session's token. */
function startsSession(request: FastifyRequest): boolean {
  return request.routeOptions.config.startsSession === true;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route starts a session of its own (sign-in); checked by Origin instead of a token. */
    startsSession?: boolean;
    /** Asked by pages of other origins too: nobody's session counts there. */
    anyOrigin?: boolean;
    /** The route judges session and forgery token itself, in the one statement that does its work. */
    ownSession?: boolean;
  }
}

function assertOwnOrigin(request: FastifyRequest, publicUrl: string): void {
  const origin = request.headers.origin;
  if (origin === undefined) return;
  if (!isOwnOrigin(origin, request.headers.host, publicUrl)) throw new DomainError("auth.csrf");
}

/** A page of ours: the public address, or the very host that was asked (a phone on the LAN). */
export function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string): boolean {
  if (origin === new URL(publicUrl).origin) return true;
  try {
    return host !== undefined && new URL(origin).host === host;
  } catch {
    return false;
  }
}

function assertCsrfToken(request: FastifyRequest, session: SessionRow): void {
  if (request.headers["x-csrf-token"] !== session.csrfToken) throw new DomainError("auth.csrf");
}

export function setSessionCookie(reply: FastifyReply, secret: string, expiresAt: Date): void {
  void reply.setCookie(sessionCookie, secret, {
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "lax",
    expires: expiresAt,
  });
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.clearCookie(sessionCookie, {
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "lax",
  });
}

/**
 * PreHandler for what needs a fresh proof of identity (registering a key, signing).
 * @throws DomainError `auth.stale`
 */
export function requireRecentAuth(services: Services) {
  return async (request: FastifyRequest): Promise<void> => {
    const strongAt = request.session?.strongAt?.getTime() ?? 0;
    if (services.clock().getTime() - strongAt > recentAuthMinutes * 60_000)
      throw new DomainError("auth.stale");
  };
}
