import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { languageOf } from "../http/problem-plugin.ts";
import type { signInAnswer } from "./contract.ts";
import * as repository from "./repository.ts";
import { setSessionCookie } from "./session-plugin.ts";
import {
  endSession,
  type NewSession,
  rotateSession,
  startSession,
  systemActor,
} from "./session-service.ts";
import type { SignIn } from "./staff-service.ts";

/** The last step of every staff sign-in: refuse, ask for the second factor, or start the session. */
export async function finishSignIn(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  result: SignIn,
): Promise<z.infer<typeof signInAnswer>> {
  if (result.outcome === "refused") throw result.error;
  if (result.outcome === "second-factor")
    return { next: "second-factor", challengeId: result.challengeId, methods: result.methods };
  await startStaffSession(services, request, reply, result.personId);
  return { next: "done" };
}

/** @throws DomainError `permission.denied` when the person works nowhere any more */
export async function startStaffSession(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  personId: string,
): Promise<void> {
  const [post] = await services.db.withActor(systemActor("sign-in"), (tx) =>
    repository.findPosts(tx, personId, languageOf(request), services.clock()),
  );
  if (!post) throw new DomainError("permission.denied");
  await replaceSession(services, request, reply, {
    kind: "staff",
    personId,
    institutionId: post.id,
    userAgent: request.headers["user-agent"] ?? null,
  });
}

/** One browser holds one session: a new sign-in ends the one before. Returns the secret of the cookie. */
export async function replaceSession(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  input: NewSession,
): Promise<string> {
  const actor = systemActor("sign-in");
  return services.db.withActor(actor, async (tx) => {
    if (request.session) await endSession(services, tx, request.session.id);
    const started = await startSession(services, tx, input);
    setSessionCookie(reply, started.secret, started.expiresAt);
    await trace(tx, actor, request.traceOrigin, {
      action: "session.start",
      entityType: "session",
      entityId: started.sessionId,
      detail: { kind: input.kind, personId: input.personId ?? null },
    });
    return started.secret;
  });
}

/** Give this browser a new token for the session it has, with a change of the session. */
export async function renewCookie(
  services: Services,
  tx: Tx,
  session: repository.SessionRow,
  reply: FastifyReply,
  change: Partial<repository.SessionRow> = {},
): Promise<void> {
  const secret = await rotateSession(services, tx, session, change);
  if (secret) setSessionCookie(reply, secret, session.expiresAt);
}
