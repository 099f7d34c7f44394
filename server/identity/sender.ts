import type { FastifyRequest } from "fastify";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { sessionCookie } from "./session-plugin.ts";

/** Who sent an item of a batch: the database judges the session in the statement that does the work. */
export type Sender = { token: string; csrf: string };

/** @throws DomainError `auth.required` without any session, `auth.csrf` without any forgery token */
export function senderOf(services: Services, request: FastifyRequest): Sender {
  const secret = request.cookies[sessionCookie];
  if (!secret || secret.length > 200) throw new DomainError("auth.required");
  const csrf = request.headers["x-csrf-token"];
  if (typeof csrf !== "string") throw new DomainError("auth.csrf");
  return {
    token: services.vault.hashSecret(secret).toString("hex"),
    csrf,
  };
}
